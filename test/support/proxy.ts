import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** A wire to another address that tests can cut and mend. */
export interface Proxy {
  readonly port: number;
  /** Breaks every connection and refuses new ones. */
  cut(): void;
  /** Leaves every connection open and lets nothing through, in either direction, until it is mended. */
  stall(): void;
  /** Holds each piece back for so many milliseconds, in either direction. */
  slow(ms: number): void;
  mend(): void;
  close(): Promise<void>;
}

/** `keeps` tells of each piece that comes from the other side whether it goes on; those that it does not keep are lost. */
export async function startProxy(host: string, port: number, keeps: (piece: Buffer) => boolean = () => true): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let whole = true;
  let delay = 0;
  let stalled = false;
  let goOn: (() => void)[] = [];
  const wire = (passes: (piece: Buffer) => boolean): Transform =>
    new Transform({
      transform: (piece: Buffer, _, done) => {
        const pass = (): void => done(null, passes(piece) ? piece : undefined);
        const arrive = (): void => (stalled ? void goOn.push(pass) : pass());
        if (delay > 0) setTimeout(arrive, delay);
        else arrive();
      },
    });
  const server = createServer((near) => {
    if (!whole) {
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
    near.pipe(wire(() => true)).pipe(far);
    far.pipe(wire(keeps)).pipe(near);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    whole = false;
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
    mend: () => {
      whole = true;
      delay = 0;
      stalled = false;
      const waiting = goOn;
      goOn = [];
      for (const pass of waiting) pass();
    },
    close: () => {
      cut();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}
