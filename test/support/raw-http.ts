/** HTTP byte by byte, for what no client library would send. */
import { connect } from 'node:net';

export interface RawAnswer {
  /** 0 where the server closed the connection without a word. */
  readonly status: number;
  readonly text: string;
  /** Milliseconds from the connection to its end. */
  readonly took: number;
}

export interface RawRequest {
  readonly head: readonly string[];
  readonly body?: string | Buffer;
  /** Close our half after the last byte, as a client that breaks off does. */
  readonly end?: boolean;
}

/** Sends the head (without `Host`, `Connection` and the empty line) and the body; answers when the server closed the connection. */
export function sendRaw(url: string, { head, body = '', end = false }: RawRequest): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(url);
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error: Error & { code?: string }) => {
      // The server has closed while we were still sending; what it said before counts.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    socket.on('close', () => {
      const text = Buffer.concat(chunks).toString('latin1');
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text, took: performance.now() - started });
    });
    socket.write(`${[...head, `Host: ${host}`, 'Connection: close'].join('\r\n')}\r\n\r\n`);
    socket.write(body);
    if (end) socket.end();
  });
}
