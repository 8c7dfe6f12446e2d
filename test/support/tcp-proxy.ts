import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** A TCP proxy whose connections a test can cut, stall, slow down and restore. */
export interface Proxy {
  readonly port: number;
  /** Breaks every connection and refuses new ones. */
  cut(): void;
  /** Leaves every connection open but forwards nothing, in either direction, until `restore`. */
  stall(): void;
  /** Delays each piece of data by so many milliseconds, in either direction. */
  slow(ms: number): void;
  restore(): void;
  close(): Promise<void>;
}

/** `forwards` decides for each piece of data from the target whether it is forwarded or dropped. */
export async function startProxy(host: string, port: number, forwards: (piece: Buffer) => boolean = () => true): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let delay = 0;
  let stalled = false;
  let waiting: (() => void)[] = [];
  const filter = (forwardsPiece: (piece: Buffer) => boolean): Transform =>
    new Transform({
      transform: (piece: Buffer, _, done) => {
        const pass = (): void => done(null, forwardsPiece(piece) ? piece : undefined);
        const arrive = (): void => (stalled ? void waiting.push(pass) : pass());
        if (delay > 0) setTimeout(arrive, delay);
        else arrive();
      },
    });
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(port, host);
    for (const [one, other] of [[near, far], [far, near]] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    near.pipe(filter(() => true)).pipe(far);
    far.pipe(filter(forwards)).pipe(near);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    stall: () => {
      stalled = true;
    },
    slow: (ms) => {
      delay = ms;
    },
    restore: () => {
      isCut = false;
      delay = 0;
      stalled = false;
      const passes = waiting;
      waiting = [];
      for (const pass of passes) pass();
    },
    close: () => {
      cut();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}
