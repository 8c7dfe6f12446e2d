import { Injectable, Logger } from '@nestjs/common';
import { Database } from '#database/database.js';
import { type Client, ClientAuthenticationFailed } from './contracts.js';
import { ClientSecrets } from './persistence/client-secrets.js';

/** In milliseconds. */
const BETWEEN_NOTES = 60_000;
const MAX_NOTED = 10_000;

/** What remains of an authentication: when a secret was last used, and the failures of clients that exist. */
@Injectable()
export class ClientAuthenticationLog {
  readonly #logger = new Logger('ClientAuthenticationLog');
  readonly #noted = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly secrets: ClientSecrets,
  ) {}

  /** Does not wait for the write, and bears its failure: nobody's request shall depend on it. */
  succeeded(secretId: string, now: Date): void {
    if (!this.isDue(secretId, now)) return;
    const failed = (error: unknown) => this.#logger.warn(`The use of a secret was not noted: ${String(error)}`);
    this.secrets.touch(secretId, now).catch(failed);
  }

  /** Client IDs are known to everyone: one failure a minute is told for each reason, or strangers could fill the log at will. */
  async failed(client: Client, reason: string, now: Date): Promise<void> {
    if (!this.isDue(`${reason} ${client.client_id}`, now)) return;
    await this.database.transaction(async (transaction) => {
      transaction.record(new ClientAuthenticationFailed(client.client_id, { client_id: client.client_id, reason }));
    });
  }

  private isDue(note: string, now: Date): boolean {
    if (now.getTime() - (this.#noted.get(note) ?? 0) < BETWEEN_NOTES) return false;
    if (this.#noted.size >= MAX_NOTED) this.#noted.clear();
    this.#noted.set(note, now.getTime());
    return true;
  }
}
