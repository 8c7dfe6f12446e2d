/** Brings requests to the server: several behind one another on shared connections, broken ones on connections of their own. */
import { connect, type Socket } from 'node:net';
import { type Answer, AnswerReader, MalformedAnswer } from './answers.js';
import type { Shot } from './wire.js';

export interface Target {
  readonly host: string;
  readonly port: number;
}

export interface Told {
  /** The server answered. */
  answered(shot: Shot, answer: Answer): void;
  /** The connection ended without an answer, as it may where there was no whole request. */
  closed(shot: Shot): void;
  /** `before`: what was answered on the same connection just before. */
  failed(shot: Shot, what: string, before?: readonly number[]): void;
}

/** Milliseconds that a whole request may wait for its answer. */
const PATIENCE = 10_000;
/** For a request that never becomes whole: the server gives it 10 s and looks once a second. */
const LONG_PATIENCE = 13_000;

interface Waiting {
  readonly shot: Shot;
  readonly since: number;
}

/** One connection at a time, on which up to `depth` requests wait for their answers. */
export class Lane {
  #socket: Socket | undefined;
  #reader = new AnswerReader();
  #waiting: Waiting[] = [];
  #again: Shot[] = [];
  #resolve: () => void = () => undefined;
  #watch: NodeJS.Timeout | undefined;
  /** Numbers of requests that were sent once more. */
  readonly #repeated = new Set<number>();
  /** Numbers of the last requests that were answered on this connection. */
  #before: number[] = [];

  constructor(
    private readonly target: Target,
    private readonly depth: number,
    private readonly next: () => Shot | undefined,
    private readonly told: Told,
  ) {}

  /** Until there is nothing more to send and all is answered. */
  async run(): Promise<void> {
    this.#watch = setInterval(() => this.#lookForHangs(), 500);
    await new Promise<void>((resolve) => {
      this.#resolve = resolve;
      this.#fill();
    });
    clearInterval(this.#watch);
    this.#socket?.destroy();
  }

  #fill(): void {
    while (this.#waiting.length < this.depth) {
      const shot = this.#again.shift() ?? this.next();
      if (shot === undefined) break;
      this.#waiting.push({ shot, since: performance.now() });
      this.#open().write(shot.bytes);
    }
    if (this.#waiting.length === 0) this.#resolve();
  }

  #open(): Socket {
    if (this.#socket !== undefined) return this.#socket;
    const socket = connect({ ...this.target, noDelay: true });
    this.#socket = socket;
    this.#reader = new AnswerReader();
    socket.on('data', (chunk) => {
      if (socket === this.#socket) this.#take(chunk);
    });
    let why = 'ended';
    socket.on('error', ({ code = 'failed' }: NodeJS.ErrnoException) => (why = code));
    socket.on('close', () => {
      if (socket === this.#socket) this.#closed(`the connection was closed without an answer (${why})`);
    });
    return socket;
  }

  #take(chunk: Buffer): void {
    this.#reader.add(chunk);
    try {
      for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
        const answer = this.#reader.take(first.shot.draft.method === 'HEAD');
        if (answer === undefined) break;
        this.#waiting.shift();
        this.#before = [...this.#before.slice(-3), first.shot.number];
        this.told.answered(first.shot, answer);
        if (answer.headers.get('connection')?.[0] === 'close') {
          this.#startAnew();
          break;
        }
      }
      if (this.#waiting.length === 0 && this.#reader.rest.length > 0) throw new MalformedAnswer(
        'there is more than was asked for',
      );
    } catch (error) {
      if (!(error instanceof MalformedAnswer)) throw error;
      this.#lost(`${error.message}: ${JSON.stringify(this.#reader.rest.toString('latin1', 0, 200))}`);
      return;
    }
    this.#fill();
  }

  /**
   * The server may close after an answer, and says so in it. What was written meanwhile resets the connection, and the answer
   * may be lost with it: only a request that gets none as the first of its connection, either, has got none.
   */
  #closed(what: string): void {
    const number = this.#waiting[0]?.shot.number;
    if (number === undefined || this.#repeated.has(number)) {
      this.#lost(what);
      return;
    }
    this.#repeated.add(number);
    this.#startAnew();
    this.#fill();
  }

  /** The first request has its verdict; those behind it were not reached and are sent again. */
  #lost(what: string): void {
    const first = this.#waiting.shift();
    if (first !== undefined) this.told.failed(first.shot, what, this.#before);
    this.#startAnew();
    this.#fill();
  }

  #startAnew(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#before = [];
    socket?.destroy();
    this.#again.push(...this.#waiting.map(({ shot }) => shot));
    this.#waiting = [];
  }

  #lookForHangs(): void {
    const [first] = this.#waiting;
    if (first !== undefined && performance.now() - first.since > PATIENCE) this.#lost(
      `no answer within ${String(PATIENCE / 1000)} s`,
    );
  }
}

/** Sends one request on a connection of its own and waits until the server has closed it, or has answered all. */
export function sendAlone(target: Target, shot: Shot, told: Told): Promise<void> {
  const started = performance.now();
  const patience = shot.delivery === 'trickle' || shot.mutations.some(
    (name) => name.startsWith('framing'),
  ) ? LONG_PATIENCE : PATIENCE;
  return new Promise((resolve) => {
    const socket = connect({ ...target, noDelay: true, allowHalfOpen: true });
    const reader = new AnswerReader();
    let answers = 0;
    const impatience = setTimeout(() => {
      told.failed(shot, `no answer, and no end of the connection, within ${String(patience / 1000)} s`);
      socket.destroy();
    }, patience);
    const finish = (): void => {
      // What broke before its method was read is not answered as a HEAD.
      if (reader.rest.length > 0 && !isHead(shot)) told.failed(
        shot,
        `the answer breaks off: ${JSON.stringify(reader.rest.toString('latin1', 0, 200))}`,
      );
      else if (answers === 0 && mustAnswer(shot)) told.failed(shot, 'the connection was closed without an answer');
      else if (answers === 0) told.closed(shot);
      socket.destroy();
    };
    socket.on('data', (chunk) => {
      try {
        reader.add(chunk);
        for (let answer = reader.take(isHead(shot)); answer !== undefined; answer = reader.take(isHead(shot))) {
          answers += 1;
          told.answered(shot, answer);
        }
        if (answers > 0) socket.end();
      } catch (error) {
        if (!(error instanceof MalformedAnswer)) throw error;
        told.failed(shot, `${error.message} after ${String(Math.round(performance.now() - started))} ms`);
        reader.take(false);
        socket.destroy();
      }
    });
    socket.on('error', () => undefined);
    socket.once('end', finish);
    socket.once('close', () => {
      clearTimeout(impatience);
      if (answers === 0 && !socket.readableEnded) {
        if (mustAnswer(shot)) told.failed(shot, 'the connection was reset without an answer');
        else told.closed(shot);
      }
      resolve();
    });
    socket.write(shot.bytes);
    if (shot.delivery === 'abort') socket.destroySoon();
  });
}

function isHead({ bytes }: Shot): boolean {
  return bytes.toString('latin1', 0, 5) === 'HEAD ';
}

/** A whole request has an answer. What is broken may lose it to the end of the connection. */
function mustAnswer({ delivery, mutations }: Shot): boolean {
  return delivery === 'alone' && !mutations.some((name) => name.startsWith('framing'));
}
