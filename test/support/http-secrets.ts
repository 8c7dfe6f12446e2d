/** Captures the secrets in the requests and responses of `fetch`, so a test can search logs for them. */
export type Secrets = Map<string, Set<string>>;

const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'password', 'current', 'next', 'code', 'code_verifier', 'client_secret', 'access_token', 'refresh_token', 'id_token', 'id_token_hint',
  'csrf_token', 'request', 'secret', 'state', 'nonce',
]);
/** A shorter value may be in a log for another reason. */
const MIN_LENGTH = 8;

/** Until `stop`, the values of all secret fields are added to `secrets` under their names. */
export function captureSecrets(): { readonly secrets: Secrets; readonly requests: () => number; stop(): void } {
  const secrets: Secrets = new Map();
  const original = globalThis.fetch;
  let requests = 0;
  globalThis.fetch = async (target, init = {}) => {
    requests += 1;
    const url = target instanceof Request ? target.url : String(target);
    addFromUrl(secrets, url);
    addFromHeaders(secrets, new Headers(init.headers));
    addFromBody(secrets, init.body);
    const response = await original(target, init);
    addFromHeaders(secrets, response.headers);
    addFromBody(secrets, await response.clone().text());
    return response;
  };
  return { secrets, requests: () => requests, stop: () => void (globalThis.fetch = original) };
}

export function addSecret(secrets: Secrets, kind: string, value: string): void {
  if (value.length < MIN_LENGTH) return;
  secrets.set(kind, (secrets.get(kind) ?? new Set()).add(value));
}

/** The kinds of secrets that occur in `text`, plain or in the encodings of URLs, headers and JSON. */
export function secretsIn(text: string, secrets: Secrets): string[] {
  const occurs = (value: string): boolean => encodings(value).some((encoding) => text.includes(encoding));
  return [...secrets].filter(([, values]) => [...values].some(occurs)).map(([kind]) => kind);
}

function encodings(value: string): string[] {
  const form = new URLSearchParams({ '': value }).toString().slice(1);
  const encoded = (['base64', 'base64url', 'hex'] as const).map((encoding) => Buffer.from(value).toString(encoding).replace(/=+$/, ''));
  return [value, encodeURIComponent(value), form, JSON.stringify(value).slice(1, -1), ...encoded];
}

function addFromFields(secrets: Secrets, fields: Iterable<readonly [string, unknown]>): void {
  for (const [name, value] of fields) {
    if (typeof value === 'string' && SECRET_FIELDS.has(name)) addSecret(secrets, name, value);
  }
}

function addFromUrl(secrets: Secrets, url: string): void {
  const { searchParams, hash } = new URL(url, 'http://localhost');
  addFromFields(secrets, searchParams);
  addFromFields(secrets, new URLSearchParams(hash.slice(1)));
}

function addFromHeaders(secrets: Secrets, headers: Headers): void {
  const location = headers.get('location');
  if (location !== null) addFromUrl(secrets, location);
  const [, credentials = ''] = /^\w+ (.+)$/.exec(headers.get('authorization') ?? '') ?? [];
  addSecret(secrets, 'authorization', credentials);
  const cookies = [...(headers.get('cookie') ?? '').split('; '), ...headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '')];
  for (const cookie of cookies) addSecret(secrets, 'cookie', cookie.slice(cookie.indexOf('=') + 1));
}

function addFromBody(secrets: Secrets, body: unknown): void {
  if (body instanceof URLSearchParams) addFromFields(secrets, body);
  if (typeof body !== 'string') return;
  const inputs = [...body.matchAll(/<input\b[^>]*name="(\w+)"[^>]*value="([^"]*)"/g)];
  addFromFields(secrets, inputs.map(([, name = '', value]) => [name, value] as const));
  try {
    const json: unknown = JSON.parse(body);
    if (typeof json === 'object' && json !== null) addFromFields(secrets, Object.entries(json));
  } catch {
    // The body is not JSON but a page or a form.
  }
}
