import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Callback {
  /** A URL on the loopback interface, with its port. */
  readonly url: string;
  /** The parameters of the last authorization response, sent by GET or POST. */
  received(): URLSearchParams;
  close(): Promise<void>;
}

/** Starts a server that is the redirection endpoint of a client (RFC 6749 §3.1.2). */
export async function listenForCallback(): Promise<Callback> {
  let last = new URLSearchParams();
  const server = createServer((request, response) => {
    const { search } = new URL(request.url ?? '/', 'http://localhost');
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.url?.startsWith('/callback') === true) last = new URLSearchParams(request.method === 'POST' ? body : search);
      response.setHeader('content-type', 'text/html').end('<!doctype html><link rel="icon" href="data:,"><title>Arrived</title>');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/callback`,
    received: () => last,
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
