import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { Database } from '#database/database.js';
import type { Statement } from '#database/statement.js';

interface EventHandlerRow {
  handler: string;
  type: string;
  seen_at: Date;
}

export const eventHandlersTable = new EntitySchema<EventHandlerRow>({
  name: 'event_handlers',
  columns: {
    handler: { type: 'text', primary: true, primaryKeyConstraintName: 'event_handlers_pkey' },
    type: { type: 'text', primary: true, primaryKeyConstraintName: 'event_handlers_pkey' },
    seen_at: { type: 'timestamptz' },
  },
});

const see: Statement = {
  name: 'event_handlers_see',
  text: `
    INSERT INTO event_handlers (handler, type, seen_at)
    SELECT handler, type, $3 FROM unnest($1::text[], $2::text[]) AS own (handler, type)
    ORDER BY handler, type
    ON CONFLICT (handler, type) DO UPDATE SET seen_at = greatest(event_handlers.seen_at, excluded.seen_at)`,
};

/**
 * Who listens, over all servers. While versions are mixed, whichever server moves an event addresses it to the handlers of
 * the others too; a handler that no server has any more gets nothing new after a while.
 */
@Injectable()
export class EventHandlers {
  constructor(private readonly database: Database) {}

  async see(handlers: readonly { readonly name: string; readonly type: string }[], now: Date): Promise<void> {
    await this.database.query(see, [handlers.map(({ name }) => name), handlers.map(({ type }) => type), now]);
  }
}
