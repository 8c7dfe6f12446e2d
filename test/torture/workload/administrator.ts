/** A script of an administrator: creates and changes clients, secrets and accounts, and reads the event log. */
import type { Change, Journal, Outcome } from '../journal.js';
import type { SeededRandom } from '../seeded-random.js';
import type { ReadEvent } from '../invariants/event-log.js';
import { type OAuthClient, oauthClient, TEMPORARY_METADATA } from './clients.js';
import type { Credentials } from './user.js';
import type { HttpClient, Reply } from './http-client.js';

export interface CreatedSecret {
  readonly clientId: string;
  readonly id: string;
  readonly value: string;
  /** Undefined if the removal was requested and not answered. */
  removed: boolean | undefined;
}

const PAGE_SIZE = 200;

export class Administrator {
  /** The events read so far. */
  readonly read: ReadEvent[] = [];
  readonly secrets: CreatedSecret[] = [];

  constructor(
    private readonly http: HttpClient,
    private readonly journal: Journal,
    private readonly accessToken: string,
  ) {}

  /** Another reader that begins at the first event. */
  newReader(http: HttpClient): Administrator {
    return new Administrator(http, this.journal, this.accessToken);
  }

  async createAccount(credentials: Credentials): Promise<boolean> {
    return (await this.#write(['create-account', credentials.username], 'POST', '/users', credentials)) !== undefined;
  }

  async setPassword(sub: string, password: string): Promise<boolean> {
    return (await this.#write(['set-password', sub], 'PATCH', `/users/${sub}`, { password })) !== undefined;
  }

  async lock(sub: string): Promise<void> {
    await this.#write(['lock', sub], 'PATCH', `/users/${sub}`, { locked: true });
  }

  /** Registers a client that is removed again later. */
  async registerClient(id: string): Promise<OAuthClient | undefined> {
    const reply = await this.#write(['register-client', id], 'POST', '/clients', { client_id: id, ...TEMPORARY_METADATA });
    return reply && oauthClient(id, String(reply.body['client_secret']), TEMPORARY_METADATA);
  }

  async changeClient(id: string, random: SeededRandom): Promise<void> {
    await this.#write(['change-client', id], 'PATCH', `/clients/${id}`, { client_name: `Changed ${random.between(0, 1e9)}` });
  }

  async removeClient(id: string): Promise<void> {
    await this.#write(['remove-client', id], 'DELETE', `/clients/${id}`);
  }

  async addSecret(clientId: string): Promise<boolean> {
    const reply = await this.#write(['add-secret', clientId], 'POST', `/clients/${clientId}/secrets`, {});
    if (reply === undefined) return false;
    this.secrets.push({ clientId, id: String(reply.body['id']), value: String(reply.body['client_secret']), removed: false });
    return true;
  }

  async removeSecret(secret: CreatedSecret): Promise<void> {
    secret.removed = undefined;
    const reply = await this.#write(['remove-secret', secret.id], 'DELETE', `/clients/${secret.clientId}/secrets/${secret.id}`);
    if (reply !== undefined) secret.removed = true;
  }

  /** Reads the page of events after the cursor; false if there was no answer or no new event. */
  async readNextEvents(): Promise<boolean> {
    const after = this.read.at(-1)?.sequence ?? '0';
    const reply = await this.http.send(`/admin/v1/events?after=${after}&limit=${PAGE_SIZE}`, { headers: this.#headers() });
    if (reply === undefined) return false;
    if (reply.status !== 200) this.journal.unexpected.push(`GET events: ${reply.status} ${JSON.stringify(reply.body)}`);
    const items = (reply.body['items'] ?? []) as ReadEvent[];
    this.read.push(...items.map(({ sequence, id }) => ({ sequence, id })));
    return items.length > 0;
  }

  async exists(path: string): Promise<boolean> {
    const reply = await this.http.send(`/admin/v1${path}`, { headers: this.#headers() });
    return reply?.status === 200;
  }

  /** The answer; undefined if it is missing or an error. */
  async #write([change, key]: [Change, string], method: string, path: string, document?: object): Promise<Reply | undefined> {
    const sentAt = Date.now();
    const reply = await this.http.send(`/admin/v1${path}`, {
      method,
      headers: {
        ...this.#headers(),
        ...(method === 'POST' ? {} : { 'if-match': '*' }),
        ...(document === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(document === undefined ? {} : { body: JSON.stringify(document) }),
    });
    const outcome: Outcome = reply === undefined ? 'unknown' : reply.status < 300 ? 'done' : 'refused';
    this.journal.record({ change, key, sentAt, endedAt: Date.now(), outcome });
    if (outcome === 'refused') this.journal.unexpected.push(`${change} ${key}: ${String(reply?.status)} ${JSON.stringify(reply?.body)}`);
    return outcome === 'done' ? reply : undefined;
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.accessToken}` };
  }
}
