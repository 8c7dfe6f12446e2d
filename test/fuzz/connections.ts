/** Sends requests: valid framing on shared connections with pipelining, broken framing on a connection of its own. */
import { connect, type Socket } from 'node:net';
import { type Answer, AnswerReader, MalformedAnswer } from './read-answers.js';
import type { FuzzRequest } from './framing.js';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface AnswerListener {
  /** The server answered. */
  answered(request: FuzzRequest, answer: Answer): void;
  /** The connection was closed without an answer, which is allowed if the request was incomplete. */
  closed(request: FuzzRequest): void;
  /** `before` has the numbers of the requests that were answered last on the same connection. */
  failed(request: FuzzRequest, what: string, before?: readonly number[]): void;
}

/** A complete request must be answered within this time. */
const TIMEOUT_MS = 10_000;
/** The server waits 10 s for the rest of an incomplete request, and checks once a second. */
const INCOMPLETE_TIMEOUT_MS = 13_000;

interface Unanswered {
  readonly request: FuzzRequest;
  readonly since: number;
}

/** A connection with up to `depth` unanswered requests. It is opened again whenever the server closes it. */
export class SharedConnection {
  #socket: Socket | undefined;
  #reader = new AnswerReader();
  #unanswered: Unanswered[] = [];
  /** Requests that must be sent again on a new connection. */
  #resend: FuzzRequest[] = [];
  #resolve: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The numbers of requests that were sent a second time. */
  readonly #repeated = new Set<number>();
  /** The numbers of the requests that were answered last on this connection. */
  #before: number[] = [];

  constructor(
    private readonly address: Address,
    private readonly depth: number,
    private readonly next: () => FuzzRequest | undefined,
    private readonly listener: AnswerListener,
  ) {}

  /** Resolves when all requests are sent and answered. */
  async run(): Promise<void> {
    this.#timer = setInterval(() => this.#checkTimeout(), 500);
    await new Promise<void>((resolve) => {
      this.#resolve = resolve;
      this.#fill();
    });
    clearInterval(this.#timer);
    this.#socket?.destroy();
  }

  #fill(): void {
    while (this.#unanswered.length < this.depth) {
      const request = this.#resend.shift() ?? this.next();
      if (request === undefined) break;
      this.#unanswered.push({ request, since: performance.now() });
      this.#open().write(request.bytes);
    }
    if (this.#unanswered.length === 0) this.#resolve();
  }

  #open(): Socket {
    if (this.#socket !== undefined) return this.#socket;
    const socket = connect({ ...this.address, noDelay: true });
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
      for (let first = this.#unanswered[0]; first !== undefined; first = this.#unanswered[0]) {
        const answer = this.#reader.take(first.request.draft.method === 'HEAD');
        if (answer === undefined) break;
        this.#unanswered.shift();
        this.#before = [...this.#before.slice(-3), first.request.number];
        this.listener.answered(first.request, answer);
        if (answer.headers.get('connection')?.[0] === 'close') {
          this.#disconnect();
          break;
        }
      }
      if (this.#unanswered.length === 0 && this.#reader.rest.length > 0) throw new MalformedAnswer(
        'the server sent more answers than there were requests',
      );
    } catch (error) {
      if (!(error instanceof MalformedAnswer)) throw error;
      this.#fail(`${error.message}: ${JSON.stringify(this.#reader.rest.toString('latin1', 0, 200))}`);
      return;
    }
    this.#fill();
  }

  /**
   * The server may close a connection after an answer. Requests written at that moment cause a reset, with which the answer may be lost.
   * So the first unanswered request is sent again, and has failed only if it is not answered on the new connection either.
   */
  #closed(what: string): void {
    const number = this.#unanswered[0]?.request.number;
    if (number === undefined || this.#repeated.has(number)) {
      this.#fail(what);
      return;
    }
    this.#repeated.add(number);
    this.#disconnect();
    this.#fill();
  }

  /** The first request has failed. Those behind it were not processed and are sent again. */
  #fail(what: string): void {
    const first = this.#unanswered.shift();
    if (first !== undefined) this.listener.failed(first.request, what, this.#before);
    this.#disconnect();
    this.#fill();
  }

  #disconnect(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#before = [];
    socket?.destroy();
    this.#resend.push(...this.#unanswered.map(({ request }) => request));
    this.#unanswered = [];
  }

  #checkTimeout(): void {
    const [first] = this.#unanswered;
    if (first !== undefined && performance.now() - first.since > TIMEOUT_MS) this.#fail(
      `no answer within ${String(TIMEOUT_MS / 1000)} s`,
    );
  }
}

/** Sends one request on a connection of its own, and waits until the connection is closed. */
export function sendAlone(address: Address, request: FuzzRequest, listener: AnswerListener): Promise<void> {
  const started = performance.now();
  const timeout = request.delivery === 'trickle' || request.mutations.some(
    (name) => name.startsWith('framing'),
  ) ? INCOMPLETE_TIMEOUT_MS : TIMEOUT_MS;
  return new Promise((resolve) => {
    const socket = connect({ ...address, noDelay: true, allowHalfOpen: true });
    const reader = new AnswerReader();
    let answers = 0;
    const timer = setTimeout(() => {
      listener.failed(request, `neither an answer nor the end of the connection within ${String(timeout / 1000)} s`);
      socket.destroy();
    }, timeout);
    const finish = (): void => {
      // If the server could not read the method, it does not answer as to a HEAD.
      if (reader.rest.length > 0 && !isHead(request)) listener.failed(
        request,
        `the answer is incomplete: ${JSON.stringify(reader.rest.toString('latin1', 0, 200))}`,
      );
      else if (answers === 0 && mustAnswer(request)) listener.failed(request, 'the connection was closed without an answer');
      else if (answers === 0) listener.closed(request);
      socket.destroy();
    };
    socket.on('data', (chunk) => {
      try {
        reader.add(chunk);
        for (let answer = reader.take(isHead(request)); answer !== undefined; answer = reader.take(isHead(request))) {
          answers += 1;
          listener.answered(request, answer);
        }
        if (answers > 0) socket.end();
      } catch (error) {
        if (!(error instanceof MalformedAnswer)) throw error;
        listener.failed(request, `${error.message} after ${String(Math.round(performance.now() - started))} ms`);
        reader.take(false);
        socket.destroy();
      }
    });
    socket.on('error', () => undefined);
    socket.once('end', finish);
    socket.once('close', () => {
      clearTimeout(timer);
      if (answers === 0 && !socket.readableEnded) {
        if (mustAnswer(request)) listener.failed(request, 'the connection was reset without an answer');
        else listener.closed(request);
      }
      resolve();
    });
    socket.write(request.bytes);
    if (request.delivery === 'abort') socket.destroySoon();
  });
}

function isHead({ bytes }: FuzzRequest): boolean {
  return bytes.toString('latin1', 0, 5) === 'HEAD ';
}

/** A complete request must be answered. After a broken one the server may close the connection instead. */
function mustAnswer({ delivery, mutations }: FuzzRequest): boolean {
  return delivery === 'alone' && !mutations.some((name) => name.startsWith('framing'));
}
