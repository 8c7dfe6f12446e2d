/** In each round a process is killed under load. The invariants are checked when everything runs again. */
import { setTimeout as pause } from 'node:timers/promises';
import { Admin } from '#test/admin.js';
import { Administrator } from './workload/administrator.js';
import { ADMINISTRATOR_ID, ADMINISTRATOR_METADATA, CLIENTS, type OAuthClient, oauthClient } from './workload/clients.js';
import { HttpClient } from './workload/http-client.js';
import { Worker, type WorkloadContext } from './workload/worker.js';
import { ADMIN_SECRET, Cluster } from './cluster.js';
import { checkAtEnd, type CheckProgress, checkRound } from './check.js';
import { Journal } from './journal.js';
import { SeededRandom } from './seeded-random.js';

const TARGETS = { server: 45, postmaster: 25, backend: 20, 'server and postmaster': 10 } as const;
type Target = keyof typeof TARGETS;

export interface TortureOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly workers: number;
  /** What is killed in the first rounds; in later rounds it is chosen at random. */
  readonly targets?: readonly Target[];
  /** Whether the end waits until the leases of killed servers expire (a minute), or expires them at once. */
  readonly waitsForLeases: boolean;
  readonly print: (line: string) => void;
}

export interface Report {
  readonly problems: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

export async function torture(options: TortureOptions): Promise<Report> {
  const random = new SeededRandom(options.seed);
  const cluster = await Cluster.open(random.fork());
  try {
    return await new TortureRun(cluster, random, options).run();
  } finally {
    await cluster.close();
  }
}

class TortureRun {
  readonly #journal = new Journal();
  readonly #http: HttpClient;
  readonly #kills: Record<Target, number> = { server: 0, postmaster: 0, backend: 0, 'server and postmaster': 0 };
  #longestOutageMs = 0;

  constructor(
    private readonly cluster: Cluster,
    private readonly random: SeededRandom,
    private readonly options: TortureOptions,
  ) {
    const choice = random.fork();
    this.#http = new HttpClient(this.#journal, () => choice.pick(cluster.urls));
  }

  async run(): Promise<Report> {
    const workload = await this.#prepare();
    const workers = Array.from({ length: this.options.workers }, (_, index) => new Worker(String(index), workload, this.random.fork()));
    const progress: CheckProgress = { accessTokens: 0, idTokens: 0, signUps: 0 };
    const { administrator, journal, http } = workload;
    const context = { cluster: this.cluster, journal, http, administrator, random: this.random.fork() };
    let problems: readonly string[] = [];
    for (let round = 1; round <= this.options.rounds && problems.length === 0; round++) {
      const began = performance.now();
      const { target, outageMs } = await this.#round(workers, administrator, this.options.targets?.[round - 1]);
      problems = await checkRound(context, progress);
      this.options.print(
        `round ${round}: ${target} killed, back after ${(outageMs / 1000).toFixed(1)} s, ${this.#http.counts.requests} requests so far, `
          + `${problems.length} problems, ${((performance.now() - began) / 1000).toFixed(1)} s`,
      );
    }
    if (problems.length === 0) problems = await checkAtEnd({ ...context, workers, waitsForLeases: this.options.waitsForLeases });
    return { problems, counts: this.#counts() };
  }

  async #prepare(): Promise<WorkloadContext> {
    const admin = new Admin(this.cluster.urls[0] ?? '', ADMIN_SECRET);
    const administratorClient = await this.#register(admin, ADMINISTRATOR_ID, ADMINISTRATOR_METADATA);
    const clients: OAuthClient[] = [];
    for (const [id, metadata] of Object.entries(CLIENTS)) clients.push(await this.#register(admin, id, metadata));
    const otherServer = this.cluster.urls[1] ?? '';
    const token = await new Admin(otherServer, administratorClient.secret, ADMINISTRATOR_ID).newToken(ADMINISTRATOR_METADATA.scope);
    this.#recordDone('client-credentials', ADMINISTRATOR_ID);
    this.#journal.recordAccessToken(token, ADMINISTRATOR_ID, undefined);
    const administrator = new Administrator(this.#http, this.#journal, token);
    return { http: this.#http, journal: this.#journal, administrator, clients, administratorClient };
  }

  async #register(admin: Admin, id: string, metadata: Readonly<Record<string, unknown>>): Promise<OAuthClient> {
    const { status, body } = await admin.post<{ client_secret?: string }>('/clients', { client_id: id, ...metadata });
    if (status !== 201) throw new Error(`could not register the client ${id}: ${JSON.stringify(body)}`);
    this.#recordDone('register-client', id);
    return oauthClient(id, body.client_secret ?? '', metadata);
  }

  #recordDone(change: 'register-client' | 'client-credentials', key: string): void {
    this.#journal.record({ change, key, sentAt: Date.now(), endedAt: Date.now(), outcome: 'done' });
  }

  async #round(workers: readonly Worker[], reader: Administrator, chosen?: Target): Promise<{ target: Target; outageMs: number }> {
    let isRunning = true;
    const load = Promise.all([
      ...workers.map((worker) => worker.work(() => isRunning)),
      this.#readEvents(reader, () => isRunning),
    ]);
    try {
      await pause(this.random.between(400, 2500));
      const target = chosen ?? this.random.weighted(TARGETS);
      const began = performance.now();
      await this.#kill(target);
      await this.cluster.untilReady();
      const outageMs = performance.now() - began;
      this.#longestOutageMs = Math.max(this.#longestOutageMs, outageMs);
      await pause(this.random.between(200, 800));
      return { target, outageMs };
    } finally {
      isRunning = false;
      await load;
    }
  }

  async #kill(target: Target): Promise<void> {
    this.#kills[target] += 1;
    if (target === 'backend') return this.cluster.killBackend(this.random);
    if (target !== 'server') await this.cluster.killPostmaster();
    if (target === 'postmaster') return;
    await this.cluster.killServer(this.random.between(0, 1));
    await pause(this.random.between(0, 600));
    await this.cluster.startMissing();
  }

  async #readEvents(reader: Administrator, isRunning: () => boolean): Promise<void> {
    while (isRunning()) {
      await reader.readNextEvents();
      await pause(50);
    }
  }

  #counts(): Record<string, number> {
    const { attempts, codes, refreshTokens, accessTokens, idTokens, userinfoCalls } = this.#journal;
    const countOf = (outcome: string): number => attempts.filter((attempt) => attempt.outcome === outcome).length;
    return {
      ...this.#http.counts,
      'slowest answer, ms': Math.round(this.#http.slowestMs),
      'longest outage, ms': Math.round(this.#longestOutageMs),
      'changes answered': countOf('done'),
      'changes refused': countOf('refused'),
      'changes without an answer': countOf('unknown'),
      codes: codes.size,
      'refresh tokens': refreshTokens.size,
      'access tokens': accessTokens.length,
      'ID tokens': idTokens.length,
      'userinfo requests': userinfoCalls.length,
      ...Object.fromEntries(Object.entries(this.#kills).map(([target, times]) => [`killed: ${target}`, times])),
    };
  }
}
