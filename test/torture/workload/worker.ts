/** One sequence of the workload: users, clients and an administrator perform actions chosen at random, one after another. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Journal } from '../journal.js';
import type { SeededRandom } from '../seeded-random.js';
import type { Administrator } from './administrator.js';
import { ClientGrant, requestTokens } from './client-grant.js';
import { ADMINISTRATOR_ID, type OAuthClient } from './clients.js';
import { User } from './user.js';
import type { HttpClient } from './http-client.js';

/** The relative frequency of each action. */
const ACTIONS = {
  signUp: 8,
  authorize: 20,
  refresh: 24,
  userinfo: 18,
  withdrawConsent: 5,
  clientCredentials: 5,
  createAccount: 3,
  setPassword: 2,
  lockAccount: 1,
  temporaryClient: 4,
  clientSecret: 4,
} as const;

/** Leaves CPU for a server that starts during the load. */
const MAX_PAUSE_MS = 60;
const MAX_USERS = 6;
const MAX_GRANTS = 14;

export interface WorkloadContext {
  readonly http: HttpClient;
  readonly journal: Journal;
  readonly administrator: Administrator;
  readonly clients: readonly OAuthClient[];
  readonly administratorClient: OAuthClient;
}

export class Worker {
  readonly grants: ClientGrant[] = [];
  #users: User[] = [];
  #nameCount = 0;
  /** The client that gets new secrets. */
  #secretsClient: OAuthClient | undefined;

  constructor(
    private readonly name: string,
    private readonly context: WorkloadContext,
    private readonly random: SeededRandom,
  ) {}

  async work(isRunning: () => boolean): Promise<void> {
    while (isRunning()) {
      await this.#actions[this.random.weighted(ACTIONS)]();
      await pause(this.random.between(0, MAX_PAUSE_MS));
      const usable = this.grants.filter(({ ended }) => !ended).slice(-MAX_GRANTS);
      this.grants.splice(0, this.grants.length, ...usable);
      this.#users = this.#users.slice(-MAX_USERS);
    }
  }

  readonly #actions: Readonly<Record<keyof typeof ACTIONS, () => Promise<void>>> = {
    signUp: async () => {
      const user = this.#newUser();
      await this.#flow(user, this.random.pick(this.context.clients), { prompt: 'create' });
      if (this.context.journal.passwords.has(user.sub)) this.#users.push(user);
    },
    authorize: async () => {
      if (this.#users.length > 0) await this.#flow(this.random.pick(this.#users), this.random.pick(this.context.clients));
    },
    refresh: async () => {
      if (this.grants.length > 0) await this.random.pick(this.grants).refresh(this.random);
    },
    userinfo: async () => {
      if (this.grants.length > 0) await this.random.pick(this.grants).requestUserinfo(this.random);
    },
    withdrawConsent: async () => {
      for (const user of this.#users) {
        const client = this.context.clients.find(({ id }) => user.consents.get(id) === true);
        if (client === undefined) continue;
        await user.withdraw(client);
        return;
      }
    },
    clientCredentials: async () => {
      const { administratorClient, journal, http } = this.context;
      const sentAt = Date.now();
      const reply = await requestTokens(http, administratorClient, { grant_type: 'client_credentials', scope: 'events:read' });
      const outcome = reply === undefined ? 'unknown' : reply.status === 200 ? 'done' : 'refused';
      journal.record({ change: 'client-credentials', key: ADMINISTRATOR_ID, sentAt, endedAt: Date.now(), outcome });
      if (outcome === 'done') journal.recordAccessToken(String(reply?.body['access_token']), ADMINISTRATOR_ID, undefined);
      if (outcome === 'refused') journal.unexpected.push(`client_credentials: ${String(reply?.status)}`);
    },
    createAccount: async () => {
      const user = this.#newUser();
      if (await this.context.administrator.createAccount(user.credentials)) this.#users.push(user);
    },
    setPassword: async () => {
      const user = this.#users.shift();
      if (user === undefined) return;
      const password = this.#password();
      // If the answer is lost, it is unknown which password is valid.
      if (!(await this.context.administrator.setPassword(user.sub, password))) return;
      this.#users.push(this.#user({ username: user.sub, password }));
    },
    lockAccount: async () => {
      const user = this.#users.shift();
      if (user !== undefined) await this.context.administrator.lock(user.sub);
    },
    temporaryClient: async () => {
      const { administrator } = this.context;
      const id = `client-${this.#newName()}`;
      const client = await administrator.registerClient(id);
      const [user] = this.#users;
      if (client === undefined) return;
      await administrator.changeClient(id, this.random);
      if (user !== undefined) await this.#flow(user, client);
      if (this.random.chance(0.7)) await administrator.removeClient(id);
    },
    clientSecret: async () => {
      const { administrator } = this.context;
      this.#secretsClient ??= await administrator.registerClient(`secrets-${this.#newName()}`);
      if (this.#secretsClient === undefined) return;
      const { id } = this.#secretsClient;
      const current = administrator.secrets.filter(({ clientId, removed }) => clientId === id && removed === false);
      if (current.length >= 4) await administrator.removeSecret(this.random.pick(current));
      // If the answer is lost, the ID of the secret is unknown and it cannot be removed. A client may have ten secrets at most.
      else if (!(await administrator.addSecret(id))) this.#secretsClient = undefined;
    },
  };

  async #flow(user: User, client: OAuthClient, parameters: Readonly<Record<string, string>> = {}): Promise<void> {
    const code = await user.authorize(client, parameters);
    if (code === undefined) return;
    if (user.consents.get(client.id) === true && this.random.chance(0.03)) await user.withdraw(client);
    const grant = new ClientGrant(this.context.http, this.context.journal, client, { code, sub: user.sub });
    await grant.redeem(this.random);
    this.grants.push(grant);
  }

  #newUser(): User {
    return this.#user({ username: `user-${this.#newName()}`, password: this.#password() });
  }

  #user(credentials: User['credentials']): User {
    return new User(this.context.http, this.context.journal, this.random, credentials);
  }

  #newName(): string {
    this.#nameCount += 1;
    return `${this.name}-${this.#nameCount}`;
  }

  #password(): string {
    return `correct horse ${this.random.between(0, 1e9)}`;
  }
}
