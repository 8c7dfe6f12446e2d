import { type DynamicModule, Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Cleanup } from './cleanup.js';
import { Postgres } from './connection.js';
import { Database } from './database.js';
import { Outbox, outboxTable } from './outbox.js';
import type { AnyTable } from './table.js';

/** The way to Postgres: statements, transactions with their events, and the deletion of expired rows. */
@Global()
@Module({})
export class DatabaseModule {
  /** The tables of a module, for TypeORM and for the deletion of expired rows. */
  static forTables(tables: readonly AnyTable[]): DynamicModule {
    return TypeOrmModule.forFeature(tables.map(({ entity }) => entity));
  }

  /** `url` contains the password. */
  static with(url: string): DynamicModule {
    const postgres = new Postgres(url);
    return {
      module: DatabaseModule,
      imports: [TypeOrmModule.forRoot(postgres.typeOrmOptions()), DatabaseModule.forTables([outboxTable])],
      providers: [{ provide: Postgres, useValue: postgres }, Outbox, Database, Cleanup],
      exports: [Postgres, Outbox, Database, Cleanup],
    };
  }
}
