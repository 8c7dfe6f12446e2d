/** A proxy between a server and Postgres that counts statements and round trips (PostgreSQL, "Message Formats"). */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface PostgresTraffic {
  /** The URL of the database by way of the proxy. */
  readonly url: string;
  /** Sets the counts to zero. */
  reset(): void;
  /** The statements since `reset`, in the order in which they were sent. */
  statements(): readonly string[];
  /** The round trips since `reset`. A statement that is sent while an answer is pending costs no round trip of its own. */
  roundTrips(): number;
  close(): Promise<void>;
}

/** Each answer is delayed, so statements that a client sends without waiting for the answer arrive before it. */
const DELAY_MS = 2;

/** A transaction is not counted if one of its statements matches `ignored`, as those of background work do. */
export async function countPostgresTraffic(url: string, ignored = /^$/): Promise<PostgresTraffic> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const count = { statements: new Array<string>(), roundTrips: 0 };
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    const session = new ConnectionCount(count, ignored);
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

/** Counts the statements and round trips of one connection. */
class ConnectionCount {
  readonly #fromClient = new MessageReader(false);
  readonly #fromServer = new MessageReader(true);
  /** The text of each prepared statement by its name, and the statement's name by portal. */
  readonly #prepared = new Map<string, string>();
  readonly #portals = new Map<string, string>();
  /** The counts since the connection was last idle and outside a transaction. */
  #current = { statements: new Array<string>(), roundTrips: 0 };
  #outstanding = 0;

  constructor(
    private readonly count: { statements: string[]; roundTrips: number },
    private readonly ignored: RegExp,
  ) {}

  sent(piece: Buffer): void {
    for (const { type, body } of this.#fromClient.take(piece)) {
      const [first = '', second = ''] = strings(body);
      if (type === 'P') this.#prepared.set(first, second);
      if (type === 'B') this.#portals.set(first, second);
      if (type === 'E') this.#current.statements.push(this.#nameOf(this.#portals.get(first) ?? ''));
      if (type === 'Q') this.#current.statements.push(first);
      // After a Sync or a simple query the server sends ReadyForQuery.
      if (type !== 'S' && type !== 'Q') continue;
      if (this.#outstanding === 0) this.#current.roundTrips += 1;
      this.#outstanding += 1;
    }
  }

  answered(piece: Buffer): void {
    for (const { type, body } of this.#fromServer.take(piece)) {
      if (type !== 'Z') continue;
      this.#outstanding = Math.max(0, this.#outstanding - 1);
      if (this.#outstanding === 0 && body.toString('latin1') === 'I') this.#addToCount();
    }
  }

  #nameOf(statement: string): string {
    return statement === '' ? (this.#prepared.get('') ?? '') : statement;
  }

  #addToCount(): void {
    const { statements, roundTrips } = this.#current;
    this.#current = { statements: [], roundTrips: 0 };
    if (statements.some((statement) => this.ignored.test(statement))) return;
    this.count.statements.push(...statements);
    this.count.roundTrips += roundTrips;
  }
}

interface Message {
  readonly type: string;
  readonly body: Buffer;
}

/** Splits a stream into messages: one byte for the type, four for the length, which counts itself. A client's first message has no type. */
class MessageReader {
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

/** The two strings at the beginning of a message. */
function strings(body: Buffer): string[] {
  return body.toString('latin1').split('\0').slice(0, 2);
}
