import { Injectable } from '@nestjs/common';
import { Database } from '#database/database.js';
import type { Statement } from '#database/statement.js';
import { permanent, table, text, timestamp } from '#database/table.js';

export const eventHandlersTable = table({
  name: 'event_handlers',
  owner: 'events',
  retention: permanent('one row for each handler and event type; a handler that no server has any more gets nothing new'),
  columns: {
    handler: text({ primary: 'event_handlers_pkey' }),
    type: text({ primary: 'event_handlers_pkey' }),
    seenAt: timestamp(),
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
