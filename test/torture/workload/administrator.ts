/** An administrator's script: makes and changes clients, secrets and accounts, and reads the log. */
import type { Change, Journal, Outcome } from '../journal.js';
import type { Dice } from '../random.js';
import type { ReadEvent } from '../invariants/log.js';
import { type Credentials, type LoadClient, loadClient, SHORT_LIVED } from './parties.js';
import type { Reply, Wire } from './wire.js';

export interface MadeSecret {
  readonly clientId: string;
  readonly id: string;
  readonly value: string;
  /** Undefined: its removal was not answered. */
  removed: boolean | undefined;
}

const PAGE = 200;

export class Administrator {
  /** What was read of the log so far. */
  readonly read: ReadEvent[] = [];
  readonly secrets: MadeSecret[] = [];

  constructor(
    private readonly wire: Wire,
    private readonly journal: Journal,
    private readonly accessToken: string,
  ) {}

  /** Another reader, who begins at the first event. */
  from(wire: Wire): Administrator {
    return new Administrator(wire, this.journal, this.accessToken);
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

  /** A client that is made to be removed. */
  async registerClient(id: string): Promise<LoadClient | undefined> {
    const reply = await this.#write(['register-client', id], 'POST', '/clients', { client_id: id, ...SHORT_LIVED });
    return reply && loadClient(id, String(reply.body['client_secret']), SHORT_LIVED);
  }

  async changeClient(id: string, dice: Dice): Promise<void> {
    await this.#write(['change-client', id], 'PATCH', `/clients/${id}`, { client_name: `Changed ${dice.between(0, 1e9)}` });
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

  async removeSecret(secret: MadeSecret): Promise<void> {
    secret.removed = undefined;
    const reply = await this.#write(['remove-secret', secret.id], 'DELETE', `/clients/${secret.clientId}/secrets/${secret.id}`);
    if (reply !== undefined) secret.removed = true;
  }

  /** Follows the log by its cursor; false where there was no answer, or nothing new. */
  async readOn(): Promise<boolean> {
    const after = this.read.at(-1)?.sequence ?? '0';
    const reply = await this.wire.send(`/admin/v1/events?after=${after}&limit=${PAGE}`, { headers: this.#headers() });
    if (reply === undefined) return false;
    if (reply.status !== 200) this.journal.complaints.push(`GET events: ${reply.status} ${JSON.stringify(reply.body)}`);
    const items = (reply.body['items'] ?? []) as ReadEvent[];
    this.read.push(...items.map(({ sequence, id }) => ({ sequence, id })));
    return items.length > 0;
  }

  async exists(path: string): Promise<boolean> {
    const reply = await this.wire.send(`/admin/v1${path}`, { headers: this.#headers() });
    return reply?.status === 200;
  }

  /** The answer; undefined where it was not one of success. */
  async #write([change, key]: [Change, string], method: string, path: string, document?: object): Promise<Reply | undefined> {
    const sentAt = Date.now();
    const reply = await this.wire.send(`/admin/v1${path}`, {
      method,
      headers: {
        ...this.#headers(),
        ...(method === 'POST' ? {} : { 'if-match': '*' }),
        ...(document === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(document === undefined ? {} : { body: JSON.stringify(document) }),
    });
    const outcome: Outcome = reply === undefined ? 'unknown' : reply.status < 300 ? 'done' : 'refused';
    this.journal.note({ change, key, sentAt, endedAt: Date.now(), outcome });
    if (outcome === 'refused') this.journal.complaints.push(`${change} ${key}: ${String(reply?.status)} ${JSON.stringify(reply?.body)}`);
    return outcome === 'done' ? reply : undefined;
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.accessToken}` };
  }
}
