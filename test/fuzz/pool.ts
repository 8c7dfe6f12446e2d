/** The clients, tokens, codes and handles that a run has obtained and uses in later requests. Old ones are dropped. */
import { type Answer, header } from './read-answers.js';

export interface FuzzClient {
  readonly clientId: string;
  /** Empty for a public client. */
  readonly secret: string;
  readonly method: string;
  readonly redirectUris: readonly string[];
  readonly scope: string;
}

export interface FuzzBrowser {
  readonly cookies: Map<string, string>;
  csrf: string;
}

/** The handle of a stored authorization request that this browser can continue on a page. */
export interface Handle {
  readonly browser: FuzzBrowser;
  readonly page: string;
  readonly handle: string;
  /** The `sid` in the form of the consent page; empty before that page was shown. */
  session: string;
}

export interface Code {
  readonly code: string;
  readonly client: FuzzClient;
  readonly redirectUri: string | undefined;
  readonly verifier: string | undefined;
}

export interface ClientToken {
  readonly token: string;
  readonly client: FuzzClient;
}

/** A resource of the administration API with its last known entity tag. */
export interface Resource {
  readonly id: string;
  etag: string;
}

export interface FuzzUser {
  readonly username: string;
  readonly password: string;
}

/** The last `capacity` items that were added. */
class Ring<T> {
  readonly items: T[] = [];
  #next = 0;

  constructor(private readonly capacity: number) {}

  add(item: T): void {
    if (this.items.length < this.capacity) {
      this.items.push(item);
      return;
    }
    this.items[this.#next] = item;
    this.#next = (this.#next + 1) % this.capacity;
  }

  remove(item: T): void {
    const at = this.items.indexOf(item);
    if (at >= 0) this.items.splice(at, 1);
  }
}

export class Pool {
  constructor(readonly administrator: FuzzClient) {}

  /** Clients of the preparation, which no request removes. */
  readonly clients: FuzzClient[] = [];
  /** Clients of the code flow that the run has created, with random metadata. */
  readonly createdFlowClients = new Ring<FuzzClient>(16);
  readonly users: FuzzUser[] = [];
  readonly browsers: FuzzBrowser[] = [];
  readonly handles = new Ring<Handle>(64);
  readonly codes = new Ring<Code>(32);
  readonly refreshTokens = new Ring<ClientToken>(48);
  readonly accessTokens = new Ring<ClientToken>(48);
  readonly idTokens = new Ring<string>(16);
  readonly adminTokens = new Ring<string>(6);
  readonly createdClients = new Ring<Resource>(48);
  readonly createdUsers = new Ring<Resource>(48);
  readonly secrets = new Ring<{ readonly clientId: string; readonly id: string }>(24);
  readonly cursors = new Ring<string>(24);
  readonly positions = new Ring<string>(24);
  readonly sids = new Ring<string>(24);
  /** All redirect URIs that were ever registered. */
  readonly redirectUris = new Set<string>();

  /** Stores the cookies, CSRF tokens and handles of a page or redirect. */
  learnFromPage(browser: FuzzBrowser, answer: Answer): void {
    for (const line of answer.headers.get('set-cookie') ?? []) keepCookie(browser, line);
    const location = header(answer, 'location');
    const [, page, handle] = /^\/(login|signup|consent)\?request=([\w-]+)$/.exec(location ?? '') ?? [];
    if (page !== undefined && handle !== undefined) this.#addHandle({ browser, page, handle, session: '' });
    if (answer.status !== 200 || !(header(answer, 'content-type') ?? '').startsWith('text/html')) return;
    const html = answer.body.toString('latin1');
    const csrf = hiddenField(html, 'csrf_token');
    if (csrf !== undefined) browser.csrf = csrf;
    const sid = hiddenField(html, 'sid');
    if (sid !== undefined) this.sids.add(sid);
  }

  #addHandle(handle: Handle): void {
    const isKnown = this.handles.items.some((one) => one.handle === handle.handle && one.page === handle.page);
    if (!isKnown) this.handles.add(handle);
  }
}

export function hiddenField(html: string, name: string): string | undefined {
  return new RegExp(`name="${name}" value="([^"&]*)"`).exec(html)?.[1];
}

export function cookieHeader({ cookies }: FuzzBrowser): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

function keepCookie({ cookies }: FuzzBrowser, line: string): void {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
  if (value === '' || /;\s*(max-age=0|expires=Thu, 01 Jan 1970)/i.test(line)) cookies.delete(name);
  else cookies.set(name, value);
}

/** The JSON object in the answer, or undefined. */
export function jsonOf({ body }: Pick<Answer, 'body'>): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
