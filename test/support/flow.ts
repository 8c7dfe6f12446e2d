/** The authorization code flow, step by step or as a whole. */
import { Browser, type Page } from './browser.js';
import type { TestClient, TestUser } from './fixtures.js';
import type { Served } from './server.js';

type At = Pick<Served, 'url'>;

export const AUTHORIZE = '/oauth/v2/oauth-authorize';
export const TOKEN = '/oauth/v2/oauth-token';

export type Parameters = Readonly<Record<string, string | undefined>>;

/** The path and query of an authorization request for `openid`; a value of `undefined` removes a parameter. */
export function authorizePath(client: TestClient, parameters: Parameters = {}): string {
  const all = { response_type: 'code', client_id: client.client_id, redirect_uri: client.redirect_uri, scope: 'openid', ...parameters };
  return `${AUTHORIZE}?${encode(all).toString()}`;
}

export interface Authorization {
  readonly server: At;
  readonly client: TestClient;
  readonly user: TestUser;
  readonly parameters?: Parameters;
  readonly browser?: Browser;
}

/** Authorizes, logs in, and allows if consent is asked for. The page redirects to the client. */
export async function authorize({ server, client, user, parameters, browser = new Browser(server.url) }: Authorization): Promise<Page> {
  let page = await browser.follow(await browser.get(authorizePath(client, parameters)));
  if (page.location === undefined && page.form().action.endsWith('/login')) page = await browser.follow(await logIn(browser, page, user));
  if (page.location === undefined && page.form().action.endsWith('/consent')) {
    page = await browser.follow(await browser.submit(page, { decision: 'allow' }));
  }
  return page;
}

export function logIn(browser: Browser, page: Page, { username, password }: TestUser): Promise<Page> {
  return browser.submit(page, { username, password });
}

/** Runs the flow up to the code. */
export async function obtainCode(authorization: Authorization): Promise<string> {
  const { redirected } = await authorize(authorization);
  const code = redirected.get('code');
  if (code === null) throw new Error(`expected a code, got ${redirected.toString()}`);
  return code;
}

export interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Redeems a code with the credentials in the header (RFC 6749 §2.3.1); a value of `undefined` removes a parameter. */
export function redeem(server: At, client: TestClient, code: string, parameters: Parameters = {}): Promise<TokenAnswer> {
  return requestTokens(server, client, { grant_type: 'authorization_code', code, redirect_uri: client.redirect_uri, ...parameters });
}

export function refresh(server: At, client: TestClient, refreshToken: string, parameters: Parameters = {}): Promise<TokenAnswer> {
  return requestTokens(server, client, { grant_type: 'refresh_token', refresh_token: refreshToken, ...parameters });
}

/** A public client sends its `client_id` in the form (RFC 6749 §3.2.1). */
export async function requestTokens(server: At, client: TestClient, parameters: Parameters): Promise<TokenAnswer> {
  const isPublic = client.client_secret === '';
  return postForm(
    `${server.url}${TOKEN}`,
    isPublic ? { client_id: client.client_id, ...parameters } : parameters,
    isPublic ? {} : { authorization: basic(client) },
  );
}

export async function postForm(url: string, parameters: Parameters, headers: Record<string, string> = {}): Promise<TokenAnswer> {
  const response = await fetch(url, { method: 'POST', headers, body: encode(parameters), redirect: 'manual' });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
}

/** The ID and the secret are form-encoded before they are joined (RFC 6749 §2.3.1). */
export function basic({ client_id, client_secret }: Pick<TestClient, 'client_id' | 'client_secret'>): string {
  const encoded = [client_id, client_secret].map((part) => new URLSearchParams({ '': part }).toString().slice(1));
  return `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`;
}

function encode(parameters: Parameters): URLSearchParams {
  const sent = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(sent);
}
