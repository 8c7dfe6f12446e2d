import { Injectable, Logger } from '@nestjs/common';
import { Database } from '#database/database.js';
import { Clock } from '#kernel/clock.js';
import { type Client, ClientAuthenticationFailed } from './contracts.js';
import { ClientSecrets } from './persistence/client-secrets.js';

/** In milliseconds. */
const BETWEEN_ENTRIES = 60_000;
const MAX_REMEMBERED = 10_000;

/** What is stored of an authentication: when a secret was last used, and the failures of registered clients. */
@Injectable()
export class ClientAuthenticationLog {
  readonly #logger = new Logger(ClientAuthenticationLog.name);
  readonly #written = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly secrets: ClientSecrets,
    private readonly clock: Clock,
  ) {}

  /** Does not wait for the write, and tolerates its failure: no request depends on it. */
  succeeded(secretId: string): void {
    const now = this.clock.now();
    if (!this.isDue(secretId, now)) return;
    const failed = (error: unknown) => this.#logger.warn(`The use of a secret was not stored: ${String(error)}`);
    this.secrets.touch(secretId, now).catch(failed);
  }

  /** Client IDs are public: one failure a minute is recorded for each reason, or strangers could fill the log at will. */
  async failed(client: Client, reason: string): Promise<void> {
    if (!this.isDue(`${reason} ${client.client_id}`, this.clock.now())) return;
    await this.database.transaction((transaction) => {
      transaction.record(new ClientAuthenticationFailed(client.client_id, { client_id: client.client_id, reason }));
    });
  }

  private isDue(entry: string, now: Date): boolean {
    if (now.getTime() - (this.#written.get(entry) ?? 0) < BETWEEN_ENTRIES) return false;
    if (this.#written.size >= MAX_REMEMBERED) this.#written.clear();
    this.#written.set(entry, now.getTime());
    return true;
  }
}
