/** Sends raw HTTP, for requests that no client library would send. */
import { connect } from 'node:net';

export interface RawAnswer {
  /** 0 if the server closed the connection without an answer. */
  readonly status: number;
  readonly text: string;
  /** Milliseconds from the start to the end of the connection. */
  readonly took: number;
}

export interface RawRequest {
  readonly head: readonly string[];
  readonly body?: string | Buffer;
  /** Whether the client half is closed after the last byte, as by a client that aborts. */
  readonly end?: boolean;
}

/** Sends the head (`Host`, `Connection` and the empty line are added) and the body. Resolves when the server closes the connection. */
export function sendRaw(url: string, { head, body = '', end = false }: RawRequest): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(url);
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error: Error & { code?: string }) => {
      // The server may close the connection before the whole request is sent. Its answer is complete by then.
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
