/** The client's redirection endpoint: a port of this machine that is open for one answer (RFC 8252 §7.3). */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Callback {
  readonly redirectUri: string;
  /** The address that the browser came back to, with what the server has put into it. */
  readonly answer: Promise<URL>;
  close(): void;
}

const HOST = '127.0.0.1';
const PATH = '/callback';
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Done</title>
<p>Done. The rest is in the terminal; you can close this page.</p></html>`;

export async function openCallback(): Promise<Callback> {
  const { promise: answer, resolve: answered } = withResolver<URL>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? HOST}`);
    if (url.pathname !== PATH) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', connection: 'close' }).end(PAGE);
    answered(url);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { redirectUri: `http://${HOST}:${String(port)}${PATH}`, answer, close: () => server.close() };
}

function withResolver<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((keep) => (resolve = keep));
  return { promise, resolve };
}
