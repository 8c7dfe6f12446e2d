/** The torture: round by round a load, a death in the midst of it, and a judgement when all is up again. */
import { setTimeout as pause } from 'node:timers/promises';
import { Admin } from '#test/admin.js';
import { Administrator } from './workload/administrator.js';
import { CLIENTS, KEEPER, KEEPER_METADATA, type LoadClient, loadClient } from './workload/parties.js';
import { Wire } from './workload/wire.js';
import { type LoadParts, Worker } from './workload/worker.js';
import { ADMIN_SECRET, House } from './cluster.js';
import { judge, judgeAtLast, type Marks } from './check.js';
import { Journal } from './journal.js';
import { Dice } from './random.js';

const DEATHS = { server: 45, postmaster: 25, backend: 20, 'server and postmaster': 10 } as const;
type Death = keyof typeof DEATHS;

export interface TortureOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly workers: number;
  /** Who dies in the first rounds; after these, and without them, the dice decide. */
  readonly deaths?: readonly Death[];
  /** Whether the leases of dead servers are waited for at the end (a minute), or ended by hand. */
  readonly waitsForLeases: boolean;
  readonly print: (line: string) => void;
}

export interface Report {
  readonly problems: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

export async function torture(options: TortureOptions): Promise<Report> {
  const dice = new Dice(options.seed);
  const house = await House.open(dice.fork());
  try {
    return await new Torture(house, dice, options).run();
  } finally {
    await house.close();
  }
}

class Torture {
  readonly #ledger = new Journal();
  readonly #wire: Wire;
  readonly #deaths: Record<Death, number> = { server: 0, postmaster: 0, backend: 0, 'server and postmaster': 0 };
  #longestOutageMs = 0;

  constructor(
    private readonly house: House,
    private readonly dice: Dice,
    private readonly options: TortureOptions,
  ) {
    const choice = dice.fork();
    this.#wire = new Wire(this.#ledger, () => choice.pick(house.urls));
  }

  async run(): Promise<Report> {
    const parts = await this.#prepare();
    const workers = Array.from({ length: this.options.workers }, (_, index) => new Worker(String(index), parts, this.dice.fork()));
    const marks: Marks = { accessTokens: 0, idTokens: 0, signUps: 0 };
    const { administrator, journal, wire } = parts;
    const judged = { house: this.house, journal, wire, administrator, dice: this.dice.fork() };
    let problems: readonly string[] = [];
    for (let round = 1; round <= this.options.rounds && problems.length === 0; round++) {
      const began = performance.now();
      const { death, outageMs } = await this.#round(workers, administrator, this.options.deaths?.[round - 1]);
      problems = await judge(judged, marks);
      this.options.print(
        `round ${round}: ${death} killed, back after ${(outageMs / 1000).toFixed(1)} s, ${this.#wire.counts.requests} requests so far, `
          + `${problems.length} problems, ${((performance.now() - began) / 1000).toFixed(1)} s`,
      );
    }
    if (problems.length === 0) problems = await judgeAtLast({ ...judged, workers, waitsForLeases: this.options.waitsForLeases });
    return { problems, counts: this.#counts() };
  }

  async #prepare(): Promise<LoadParts> {
    const first = new Admin(this.house.urls[0] ?? '', ADMIN_SECRET);
    const keeper = await this.#register(first, KEEPER, KEEPER_METADATA);
    const clients: LoadClient[] = [];
    for (const [id, metadata] of Object.entries(CLIENTS)) clients.push(await this.#register(first, id, metadata));
    const token = await new Admin(this.house.urls[1] ?? '', keeper.secret, KEEPER).newToken(KEEPER_METADATA.scope);
    this.#noteDone('client-credentials', KEEPER);
    this.#ledger.receive(token, KEEPER, undefined);
    return { wire: this.#wire, journal: this.#ledger, administrator: new Administrator(this.#wire, this.#ledger, token), clients, keeper };
  }

  async #register(admin: Admin, id: string, metadata: Readonly<Record<string, unknown>>): Promise<LoadClient> {
    const { status, body } = await admin.post<{ client_secret?: string }>('/clients', { client_id: id, ...metadata });
    if (status !== 201) throw new Error(`the client ${id} was not made: ${JSON.stringify(body)}`);
    this.#noteDone('register-client', id);
    return loadClient(id, body.client_secret ?? '', metadata);
  }

  #noteDone(change: 'register-client' | 'client-credentials', key: string): void {
    this.#ledger.note({ change, key, sentAt: Date.now(), endedAt: Date.now(), outcome: 'done' });
  }

  async #round(workers: readonly Worker[], reader: Administrator, chosen?: Death): Promise<{ death: Death; outageMs: number }> {
    let goesOn = true;
    const load = Promise.all([
      ...workers.map((worker) => worker.work(() => goesOn)),
      this.#follow(reader, () => goesOn),
    ]);
    try {
      await pause(this.dice.between(400, 2500));
      const death = chosen ?? this.dice.weighted(DEATHS);
      const began = performance.now();
      await this.#strike(death);
      await this.house.ready();
      const outageMs = performance.now() - began;
      this.#longestOutageMs = Math.max(this.#longestOutageMs, outageMs);
      await pause(this.dice.between(200, 800));
      return { death, outageMs };
    } finally {
      goesOn = false;
      await load;
    }
  }

  async #strike(death: Death): Promise<void> {
    this.#deaths[death] += 1;
    if (death === 'backend') return this.house.killBackend(this.dice);
    if (death !== 'server') await this.house.killPostmaster();
    if (death === 'postmaster') return;
    await this.house.killServer(this.dice.between(0, 1));
    await pause(this.dice.between(0, 600));
    await this.house.startMissing();
  }

  async #follow(reader: Administrator, goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      await reader.readOn();
      await pause(50);
    }
  }

  #counts(): Record<string, number> {
    const { attempts, codes, refreshTokens, accessTokens, idTokens, looks } = this.#ledger;
    const of = (outcome: string): number => attempts.filter((attempt) => attempt.outcome === outcome).length;
    return {
      ...this.#wire.counts,
      'slowest answer, ms': Math.round(this.#wire.slowestMs),
      'longest outage, ms': Math.round(this.#longestOutageMs),
      'changes answered': of('done'),
      'changes refused': of('refused'),
      'changes without an answer': of('unknown'),
      codes: codes.size,
      'refresh tokens': refreshTokens.size,
      'access tokens': accessTokens.length,
      'ID tokens': idTokens.length,
      'looks at userinfo': looks.length,
      ...Object.fromEntries(Object.entries(this.#deaths).map(([death, times]) => [`killed: ${death}`, times])),
    };
  }
}
