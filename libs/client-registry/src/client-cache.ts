import { Injectable } from '@nestjs/common';
import type { Client } from './contracts.js';
import { clientIdProblem } from './domain/client-id.js';
import { ClientNotifications } from './persistence/client-notifications.js';
import { ClientSecrets, type StoredSecret } from './persistence/client-secrets.js';
import { Clients } from './persistence/clients.js';

export interface CachedClient {
  readonly client: Client;
  readonly secrets: readonly StoredSecret[];
}

type Lookup = Promise<CachedClient | undefined>;

const MAX_CLIENTS = 10_000;
/** Misses have their own limit: a stranger who tries IDs displaces other misses, and never a client. */
const MAX_MISSES = 1000;

/**
 * Cache of clients and their secrets, invalidated by LISTEN/NOTIFY and disabled while that connection is down. A lookup that is in
 * flight when its client changes answers those who wait for it, and is not kept.
 */
@Injectable()
export class ClientCache {
  readonly #clients = new Map<string, Lookup>();
  readonly #misses = new Set<string>();
  #listening = false;

  constructor(
    private readonly clients: Clients,
    private readonly secrets: ClientSecrets,
    changes: ClientNotifications,
  ) {
    changes.listen({
      connected: () => this.restart(true),
      disconnected: () => this.restart(false),
      changed: (clientId) => this.forget(clientId),
    });
  }

  async get(clientId: string): Lookup {
    if (clientIdProblem(clientId) !== undefined || this.#misses.has(clientId)) return undefined;
    if (!this.#listening) return this.load(clientId);
    const known = this.#clients.get(clientId);
    if (known === undefined) return this.remember(clientId);
    // The one that was used last stands last, so that the first is the one to drop.
    this.#clients.delete(clientId);
    this.#clients.set(clientId, known);
    return known;
  }

  /** To be called after the commit of a change: the next request to this server sees it before the notification comes. */
  forget(clientId: string): void {
    this.#clients.delete(clientId);
    this.#misses.delete(clientId);
  }

  private async remember(clientId: string): Lookup {
    const lookup = this.load(clientId);
    this.#clients.set(clientId, lookup);
    dropOldest(this.#clients, MAX_CLIENTS);
    const found = await lookup.catch((error: unknown) => {
      this.drop(clientId, lookup);
      throw error;
    });
    // If the lookup is no longer the one that is kept, the client has changed meanwhile, and the miss may be wrong.
    if (found === undefined && this.drop(clientId, lookup)) {
      this.#misses.add(clientId);
      dropOldest(this.#misses, MAX_MISSES);
    }
    return found;
  }

  private drop(clientId: string, lookup: Lookup): boolean {
    return this.#clients.get(clientId) === lookup && this.#clients.delete(clientId);
  }

  private async load(clientId: string): Lookup {
    const [client, secrets] = await Promise.all([this.clients.find(clientId), this.secrets.findAll(clientId)]);
    return client === undefined ? undefined : { client, secrets };
  }

  private restart(listening: boolean): void {
    this.#listening = listening;
    this.#clients.clear();
    this.#misses.clear();
  }
}

function dropOldest(entries: Map<string, unknown> | Set<string>, max: number): void {
  const oldest = entries.keys().next();
  if (entries.size > max && oldest.done !== true) entries.delete(oldest.value);
}
