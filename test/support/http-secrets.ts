/** Everything secret that a test sends and is sent, taken from the wire: whoever speaks by `fetch` meanwhile is overheard. */
export type Secrets = Map<string, Set<string>>;

const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'password', 'current', 'next', 'code', 'code_verifier', 'client_secret', 'access_token', 'refresh_token', 'id_token', 'id_token_hint',
  'csrf_token', 'request', 'secret', 'state', 'nonce',
]);
/** Shorter ones are words that a log may have for other reasons. */
const MIN_LENGTH = 8;

/** Until `stop`, every field of that kind goes into `secrets`, under its name. */
export function wiretap(): { readonly secrets: Secrets; readonly requests: () => number; stop(): void } {
  const secrets: Secrets = new Map();
  const original = globalThis.fetch;
  let requests = 0;
  globalThis.fetch = async (target, init = {}) => {
    requests += 1;
    const url = target instanceof Request ? target.url : String(target);
    hearUrl(secrets, url);
    hearHeaders(secrets, new Headers(init.headers));
    hearBody(secrets, init.body);
    const response = await original(target, init);
    hearHeaders(secrets, response.headers);
    hearBody(secrets, await response.clone().text());
    return response;
  };
  return { secrets, requests: () => requests, stop: () => void (globalThis.fetch = original) };
}

export function hear(secrets: Secrets, kind: string, value: string): void {
  if (value.length < MIN_LENGTH) return;
  secrets.set(kind, (secrets.get(kind) ?? new Set()).add(value));
}

/** The kinds of secrets that stand in `text`, as they are or as they are written in URLs, headers and JSON. */
export function toldIn(text: string, secrets: Secrets): string[] {
  const told = (value: string): boolean => spellings(value).some((spelling) => text.includes(spelling));
  return [...secrets].filter(([, values]) => [...values].some(told)).map(([kind]) => kind);
}

function spellings(value: string): string[] {
  const form = new URLSearchParams({ '': value }).toString().slice(1);
  const encoded = (['base64', 'base64url', 'hex'] as const).map((encoding) => Buffer.from(value).toString(encoding).replace(/=+$/, ''));
  return [value, encodeURIComponent(value), form, JSON.stringify(value).slice(1, -1), ...encoded];
}

function hearFields(secrets: Secrets, fields: Iterable<readonly [string, unknown]>): void {
  for (const [name, value] of fields) {
    if (typeof value === 'string' && SECRET_FIELDS.has(name)) hear(secrets, name, value);
  }
}

function hearUrl(secrets: Secrets, url: string): void {
  const { searchParams, hash } = new URL(url, 'http://localhost');
  hearFields(secrets, searchParams);
  hearFields(secrets, new URLSearchParams(hash.slice(1)));
}

function hearHeaders(secrets: Secrets, headers: Headers): void {
  const location = headers.get('location');
  if (location !== null) hearUrl(secrets, location);
  const [, credentials = ''] = /^\w+ (.+)$/.exec(headers.get('authorization') ?? '') ?? [];
  hear(secrets, 'authorization', credentials);
  const cookies = [...(headers.get('cookie') ?? '').split('; '), ...headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '')];
  for (const cookie of cookies) hear(secrets, 'cookie', cookie.slice(cookie.indexOf('=') + 1));
}

function hearBody(secrets: Secrets, body: unknown): void {
  if (body instanceof URLSearchParams) hearFields(secrets, body);
  if (typeof body !== 'string') return;
  const inputs = [...body.matchAll(/<input\b[^>]*name="(\w+)"[^>]*value="([^"]*)"/g)];
  hearFields(secrets, inputs.map(([, name = '', value]) => [name, value] as const));
  try {
    const json: unknown = JSON.parse(body);
    if (typeof json === 'object' && json !== null) hearFields(secrets, Object.entries(json));
  } catch {
    // A page or a form.
  }
}
