import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Client as Connection, type Pool } from 'pg';
import { DataSource } from 'typeorm';
import { CLIENT_CHANGED_CHANNEL } from './clients.js';

/** In milliseconds. */
const HEARTBEAT = 5000;
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5000;

interface Listener {
  /** From now on no change is missed. What was read before may be old. */
  connected(): void;
  /** From now on changes may be missed. */
  disconnected(): void;
  changed(clientId: string): void;
}

/**
 * Hears of changed clients from Postgres (LISTEN), on a connection of its own. A connection that is lost is made again, with
 * growing pauses; one that is silently dead is found out by its heartbeat.
 */
@Injectable()
export class ClientChanges implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('ClientChanges');
  #listener: Listener | undefined;
  #connection: Connection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pause = FIRST_PAUSE;
  #stopped = false;

  constructor(private readonly dataSource: DataSource) {}

  listen(listener: Listener): void {
    this.#listener = listener;
  }

  /** Does not wait for the connection: until it is there, the database is asked. */
  onModuleInit(): void {
    void this.connect();
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const connection = this.#connection;
    this.lose(connection);
    await connection?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const { options } = (this.dataSource.driver as unknown as { master: Pool }).master;
    // The pool hides its password from whatever lists its options.
    const { password } = options;
    const connection = new Connection({ ...options, password, query_timeout: HEARTBEAT, keepAlive: true });
    this.#connection = connection;
    connection.on('error', () => this.lose(connection)).on('end', () => this.lose(connection));
    connection.on('notification', ({ payload }) => this.#listener?.changed(payload ?? ''));
    try {
      await connection.connect();
      await connection.query(`LISTEN ${CLIENT_CHANGED_CHANNEL}`);
    } catch {
      this.lose(connection);
      return;
    }
    if (this.#connection !== connection) return;
    this.#pause = FIRST_PAUSE;
    this.#listener?.connected();
    this.after(HEARTBEAT, () => this.beat(connection));
  }

  private async beat(connection: Connection): Promise<void> {
    try {
      await connection.query('SELECT 1');
      if (this.#connection === connection) this.after(HEARTBEAT, () => this.beat(connection));
    } catch {
      this.lose(connection);
    }
  }

  private lose(connection: Connection | undefined): void {
    if (connection === undefined || this.#connection !== connection) return;
    this.#connection = undefined;
    this.#listener?.disconnected();
    if (this.#stopped) return;
    this.#logger.warn('Changes of clients are not heard; clients are read from the database until they are.');
    connection.end().catch(() => undefined);
    this.after(this.#pause, () => this.connect());
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  private after(milliseconds: number, work: () => Promise<void>): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void work(), milliseconds);
    this.#timer.unref();
  }
}
