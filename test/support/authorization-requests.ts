/** Common steps of tests about the authorization endpoint: log in, send a request as a raw query, read the outcome. */
import { Browser, type Page } from './browser.js';
import { AUTHORIZE, logIn } from './flow.js';
import { REDIRECT_URI, type TestUser } from './fixtures.js';
import type { Served } from './server.js';

export async function aLoggedInBrowser(server: Pick<Served, 'url'>, user: TestUser): Promise<Browser> {
  const browser = new Browser(server.url);
  const page = await logIn(browser, await browser.get('/login'), user);
  if (page.status !== 303) throw new Error(`could not log in (${String(page.status)}): ${page.body}`);
  return browser;
}

/** Sends the query string unchanged. */
export function authorizeRaw(browser: Browser, query: string): Promise<Page> {
  return browser.get(`${AUTHORIZE}?${query}`);
}

/** The outcome of a request in short: `code`, the redirected error, the path of the next page, or the status as in `page 400`. */
export function outcomeOf(page: Page): string {
  const { location, status } = page;
  if (location === undefined) return `page ${String(status)}`;
  if (location.startsWith('/')) return location.replace(/\?.*$/, '');
  return page.redirected.get('error') ?? (page.redirected.has('code') ? 'code' : location);
}

/** The handle of the stored request, from the redirect to the login, sign-up or consent page. */
export function handleOf(page: Page): string {
  const handle = page.redirected.get('request');
  if (handle === null) throw new Error(`there is no handle in ${String(page.location)}`);
  return handle;
}

/** A query for a code at the default redirect URI, with `more` appended unchanged. */
export function query(clientId: string, more = ''): string {
  return `response_type=code&client_id=${clientId}&redirect_uri=${encodeURIComponent(REDIRECT_URI)}${more}`;
}
