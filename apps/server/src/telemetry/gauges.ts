import { setTimeout as pause } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';
import { GetOutboxLag, type OutboxLag } from '#events/contracts.js';
import type { QueryBus } from '#kernel/bus.js';
import type { Database } from '#database/database.js';

/** A scraper waits 10 s in most set-ups; what else there is to read must not be lost with the database. */
const PATIENCE_MS = 1000;

/** What is not counted but asked for, whenever somebody reads. */
export class Gauges {
  readonly #connections: Gauge<'state'>;
  readonly #waiting: Gauge;
  readonly #oldest: Gauge;

  constructor(
    registry: Registry,
    private readonly queries: QueryBus,
    private readonly database: Database,
  ) {
    const registers = [registry];
    this.#connections = new Gauge({
      name: 'gatehouse_database_connections',
      help: 'Connections of the pool to Postgres, all and idle, and callers that wait for one',
      labelNames: ['state'],
      registers,
    });
    this.#waiting = new Gauge({ name: 'gatehouse_outbox_waiting', help: 'Facts not in the log yet, counted up to 1000', registers });
    this.#oldest = new Gauge({ name: 'gatehouse_outbox_oldest_seconds', help: 'Age of the oldest fact not in the log yet', registers });
  }

  /** The lag is not a number while the database does not answer: an old value would be taken for a new one. */
  async refresh(): Promise<void> {
    const lag = await this.#lag();
    this.#waiting.set(lag?.waiting ?? Number.NaN);
    this.#oldest.set(lag?.oldestSeconds ?? Number.NaN);
    for (const [state, count] of Object.entries(this.database.connections())) this.#connections.set({ state }, count);
  }

  async #lag(): Promise<OutboxLag | undefined> {
    const patience = new AbortController();
    const asked = this.queries.execute(new GetOutboxLag()).catch(() => undefined);
    const lag = await Promise.race([asked, pause(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
    return lag;
  }
}
