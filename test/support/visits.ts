/** What tests of the authorization side do again and again: come with a session, send requests as raw strings, read the answer. */
import { Browser, type Page } from './browser.js';
import { AUTHORIZE, logIn } from './flow.js';
import { REDIRECT_URI, type TestUser } from './mothers.js';
import type { Served } from './server.js';

export async function aLoggedInBrowser(server: Pick<Served, 'url'>, user: TestUser): Promise<Browser> {
  const browser = new Browser(server.url);
  const page = await logIn(browser, await browser.get('/login'), user);
  if (page.status !== 303) throw new Error(`not logged in (${String(page.status)}): ${page.body}`);
  return browser;
}

/** Sends the query string as it stands. */
export function authorizeRaw(browser: Browser, query: string): Promise<Page> {
  return browser.get(`${AUTHORIZE}?${query}`);
}

/** In short what came of a request: `code`, the error that was redirected, the page that follows, or `page 400`. */
export function outcomeOf(page: Page): string {
  const { location, status } = page;
  if (location === undefined) return `page ${String(status)}`;
  if (location.startsWith('/')) return location.replace(/\?.*$/, '');
  return page.redirected.get('error') ?? (page.redirected.has('code') ? 'code' : location);
}

/** The handle that the login, sign-up or consent page of the redirect carries. */
export function handleOf(page: Page): string {
  const handle = page.redirected.get('request');
  if (handle === null) throw new Error(`no handle in ${String(page.location)}`);
  return handle;
}

/** A query for a code at the usual redirect URI, with `more` behind it as it stands. */
export function query(clientId: string, more = ''): string {
  return `response_type=code&client_id=${clientId}&redirect_uri=${encodeURIComponent(REDIRECT_URI)}${more}`;
}
