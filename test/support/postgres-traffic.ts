/** A listening wire between a server and Postgres: counts what crosses it, message by message (PostgreSQL, "Message Formats"). */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface Wire {
  /** The URL of the same database by way of the wire. */
  readonly url: string;
  /** From now on. */
  reset(): void;
  /** The statements run since then, in the order in which they were sent. */
  statements(): readonly string[];
  /** Times that somebody waited for an answer since then: what is sent while another answer is under way costs no trip of its own. */
  roundTrips(): number;
  close(): Promise<void>;
}

/** An answer is held back for so many milliseconds: what a client sends without waiting for it is sent before it comes. */
const DELAY_MS = 2;

/** A transaction, or a statement without one, in which a statement is `apart` is none of the requests', and not counted. */
export async function listenTo(url: string, apart = /^$/): Promise<Wire> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const count = { statements: new Array<string>(), roundTrips: 0 };
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    const session = new SessionCount(count, apart);
    for (const [one, other] of [[near, far], [far, near]] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    near.on('data', (piece: Buffer) => {
      session.sent(piece);
      far.write(piece);
    });
    let order = Promise.resolve();
    far.on('data', (piece: Buffer) => {
      order = order.then(() => pause(DELAY_MS)).then(() => {
        session.answered(piece);
        near.write(piece);
      });
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const proxied = new URL(url);
  proxied.host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url: proxied.href,
    reset: () => void Object.assign(count, { statements: [], roundTrips: 0 }),
    statements: () => [...count.statements],
    roundTrips: () => count.roundTrips,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

/** What both ends of one connection have said. */
class SessionCount {
  readonly #asked = new Messages(false);
  readonly #told = new Messages(true);
  /** Text by the name of the prepared statement, and name by portal. */
  readonly #prepared = new Map<string, string>();
  readonly #portals = new Map<string, string>();
  /** Since the connection was last outside of a transaction with nothing to wait for. */
  #since = { statements: new Array<string>(), roundTrips: 0 };
  #outstanding = 0;

  constructor(
    private readonly count: { statements: string[]; roundTrips: number },
    private readonly apart: RegExp,
  ) {}

  sent(piece: Buffer): void {
    for (const { type, body } of this.#asked.take(piece)) {
      const [first = '', second = ''] = strings(body);
      if (type === 'P') this.#prepared.set(first, second);
      if (type === 'B') this.#portals.set(first, second);
      if (type === 'E') this.#since.statements.push(this.#nameOf(this.#portals.get(first) ?? ''));
      if (type === 'Q') this.#since.statements.push(first);
      // A Sync, or the end of a simple query: the server answers, and is ready again.
      if (type !== 'S' && type !== 'Q') continue;
      if (this.#outstanding === 0) this.#since.roundTrips += 1;
      this.#outstanding += 1;
    }
  }

  answered(piece: Buffer): void {
    for (const { type, body } of this.#told.take(piece)) {
      if (type !== 'Z') continue;
      this.#outstanding = Math.max(0, this.#outstanding - 1);
      if (this.#outstanding === 0 && body.toString('latin1') === 'I') this.#settle();
    }
  }

  #nameOf(statement: string): string {
    return statement === '' ? (this.#prepared.get('') ?? '') : statement;
  }

  #settle(): void {
    const { statements, roundTrips } = this.#since;
    this.#since = { statements: [], roundTrips: 0 };
    if (statements.some((statement) => this.apart.test(statement))) return;
    this.count.statements.push(...statements);
    this.count.roundTrips += roundTrips;
  }
}

interface Message {
  readonly type: string;
  readonly body: Buffer;
}

/** Cuts a stream into messages: a byte for the type, four for the length with themselves; the first one of a client has no type. */
class Messages {
  #rest = Buffer.alloc(0);

  constructor(private typed: boolean) {}

  take(piece: Buffer): Message[] {
    this.#rest = Buffer.concat([this.#rest, piece]);
    const found: Message[] = [];
    while (true) {
      const head = this.typed ? 1 : 0;
      if (this.#rest.length < head + 4) return found;
      const end = head + this.#rest.readInt32BE(head);
      if (this.#rest.length < end) return found;
      found.push({ type: this.typed ? String.fromCharCode(this.#rest[0] ?? 0) : '', body: this.#rest.subarray(head + 4, end) });
      this.#rest = this.#rest.subarray(end);
      this.typed = true;
    }
  }
}

/** The strings that a message begins with; what follows them is not text. */
function strings(body: Buffer): string[] {
  return body.toString('latin1').split('\0').slice(0, 2);
}
