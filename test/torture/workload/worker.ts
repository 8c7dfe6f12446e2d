/** One strand of the load: people, clients and an administrator who do one thing after another, as the dice say. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Journal } from '../journal.js';
import type { Dice } from '../random.js';
import type { Administrator } from './administrator.js';
import { HeldGrant, requestTokens } from './grant.js';
import { KEEPER, type LoadClient } from './parties.js';
import { Person } from './person.js';
import type { Wire } from './wire.js';

/** How often each thing is done. */
const ACTS = {
  comeAnew: 8,
  comeBack: 20,
  refresh: 24,
  look: 18,
  withdraw: 5,
  actForItself: 5,
  openAccount: 3,
  newPassword: 2,
  lock: 1,
  shortLivedClient: 4,
  secret: 4,
} as const;

/** Leaves a server room to start beside the load. */
const THINKING_MS = 60;
const MAX_PEOPLE = 6;
const MAX_GRANTS = 14;

export interface LoadParts {
  readonly wire: Wire;
  readonly journal: Journal;
  readonly administrator: Administrator;
  readonly clients: readonly LoadClient[];
  readonly keeper: LoadClient;
}

export class Worker {
  readonly grants: HeldGrant[] = [];
  #people: Person[] = [];
  #made = 0;
  #vault: LoadClient | undefined;

  constructor(
    private readonly name: string,
    private readonly parts: LoadParts,
    private readonly dice: Dice,
  ) {}

  async work(goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      await this.#acts[this.dice.weighted(ACTS)]();
      await pause(this.dice.between(0, THINKING_MS));
      const living = this.grants.filter(({ over }) => !over).slice(-MAX_GRANTS);
      this.grants.splice(0, this.grants.length, ...living);
      this.#people = this.#people.slice(-MAX_PEOPLE);
    }
  }

  readonly #acts: Readonly<Record<keyof typeof ACTS, () => Promise<void>>> = {
    comeAnew: async () => {
      const person = this.#stranger();
      await this.#flow(person, this.dice.pick(this.parts.clients), { prompt: 'create' });
      if (this.parts.journal.passwords.has(person.sub)) this.#people.push(person);
    },
    comeBack: async () => {
      if (this.#people.length > 0) await this.#flow(this.dice.pick(this.#people), this.dice.pick(this.parts.clients));
    },
    refresh: async () => {
      if (this.grants.length > 0) await this.dice.pick(this.grants).refresh(this.dice);
    },
    look: async () => {
      if (this.grants.length > 0) await this.dice.pick(this.grants).look(this.dice);
    },
    withdraw: async () => {
      for (const person of this.#people) {
        const client = this.parts.clients.find(({ id }) => person.allowed.get(id) === true);
        if (client === undefined) continue;
        await person.withdraw(client);
        return;
      }
    },
    actForItself: async () => {
      const { keeper, journal, wire } = this.parts;
      const sentAt = Date.now();
      const reply = await requestTokens(wire, keeper, { grant_type: 'client_credentials', scope: 'events:read' });
      const outcome = reply === undefined ? 'unknown' : reply.status === 200 ? 'done' : 'refused';
      journal.note({ change: 'client-credentials', key: KEEPER, sentAt, endedAt: Date.now(), outcome });
      if (outcome === 'done') journal.receive(String(reply?.body['access_token']), KEEPER, undefined);
      if (outcome === 'refused') journal.complaints.push(`client_credentials: ${String(reply?.status)}`);
    },
    openAccount: async () => {
      const person = this.#stranger();
      if (await this.parts.administrator.createAccount(person.credentials)) this.#people.push(person);
    },
    newPassword: async () => {
      const person = this.#people.shift();
      if (person === undefined) return;
      const password = this.#password();
      // Where the answer is lost, nobody knows which password is right.
      if (!(await this.parts.administrator.setPassword(person.sub, password))) return;
      this.#people.push(this.#person({ username: person.sub, password }));
    },
    lock: async () => {
      const person = this.#people.shift();
      if (person !== undefined) await this.parts.administrator.lock(person.sub);
    },
    shortLivedClient: async () => {
      const { administrator } = this.parts;
      const id = `client-${this.#newName()}`;
      const client = await administrator.registerClient(id);
      const [person] = this.#people;
      if (client === undefined) return;
      await administrator.changeClient(id, this.dice);
      if (person !== undefined) await this.#flow(person, client);
      if (this.dice.chance(0.7)) await administrator.removeClient(id);
    },
    secret: async () => {
      const { administrator } = this.parts;
      this.#vault ??= await administrator.registerClient(`vault-${this.#newName()}`);
      if (this.#vault === undefined) return;
      const { id } = this.#vault;
      const standing = administrator.secrets.filter(({ clientId, removed }) => clientId === id && removed === false);
      if (standing.length >= 4) await administrator.removeSecret(this.dice.pick(standing));
      // One that nobody can name stays, and a client may have ten at most.
      else if (!(await administrator.addSecret(id))) this.#vault = undefined;
    },
  };

  async #flow(person: Person, client: LoadClient, more: Readonly<Record<string, string>> = {}): Promise<void> {
    const code = await person.authorize(client, more);
    if (code === undefined) return;
    if (person.allowed.get(client.id) === true && this.dice.chance(0.03)) await person.withdraw(client);
    const grant = new HeldGrant(this.parts.wire, this.parts.journal, client, { code, sub: person.sub });
    await grant.redeem(this.dice);
    this.grants.push(grant);
  }

  #stranger(): Person {
    return this.#person({ username: `person-${this.#newName()}`, password: this.#password() });
  }

  #person(credentials: Person['credentials']): Person {
    return new Person(this.parts.wire, this.parts.journal, this.dice, credentials);
  }

  #newName(): string {
    this.#made += 1;
    return `${this.name}-${this.#made}`;
  }

  #password(): string {
    return `correct horse ${this.dice.between(0, 1e9)}`;
  }
}
