/** A user with a browser who signs up, logs in, gives consent and withdraws it. */
import { Browser, type Page } from '#test/browser.js';
import { AUTHORIZE } from '#test/flow.js';
import { PKCE } from '#test/tokens.js';
import { type Change, hashOf, type Journal, type Outcome } from '../journal.js';
import type { SeededRandom } from '../seeded-random.js';
import type { OAuthClient } from './clients.js';
import type { HttpClient } from './http-client.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export class User {
  /** By client ID, whether the user has consented. A client is missing here if the answer to the last change was lost. */
  readonly consents = new Map<string, boolean>();
  readonly #browser = new Browser('http://localhost');
  readonly #headers: Record<string, string>;

  constructor(
    private readonly http: HttpClient,
    private readonly journal: Journal,
    random: SeededRandom,
    readonly credentials: Credentials,
  ) {
    // Each user has an address of their own, as from a trusted proxy, because the server slows down many sign-ups from one address.
    this.#headers = { 'x-forwarded-for': `10.${random.between(0, 255)}.${random.between(0, 255)}.${random.between(1, 254)}` };
  }

  /** The server takes a username of plain ASCII as the `sub`. */
  get sub(): string {
    return this.credentials.username;
  }

  /** Goes through the pages of an authorization request; the code, or undefined if no code was issued. */
  async authorize(client: OAuthClient, parameters: Readonly<Record<string, string>> = {}): Promise<string | undefined> {
    const query = new URLSearchParams({
      ...{ response_type: 'code', client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid profile' },
      ...(client.secret === '' ? PKCE : {}),
      ...parameters,
    });
    const sentAt = Date.now();
    const last = await this.#followPages(`${AUTHORIZE}?${query.toString()}`, client);
    const code = last?.location === undefined ? undefined : (last.redirected.get('code') ?? undefined);
    const outcome: Outcome = last === undefined ? 'unknown' : code === undefined ? 'refused' : 'done';
    this.journal.record({ change: 'authorize', key: `${this.sub} ${client.id}`, sentAt, endedAt: Date.now(), outcome });
    if (code !== undefined) this.journal.codes.set(hashOf(code), { clientId: client.id, sub: this.sub });
    return code;
  }

  /** Withdraws the consent on the account page; false if that was not possible, or not answered. */
  async withdraw(client: OAuthClient): Promise<boolean> {
    const page = await this.#get('/account');
    if (page === undefined || page.location !== undefined) return false;
    if (!page.body.includes(`name="client_id" value="${client.id}"`)) {
      this.journal.unexpected.push(`the account page of ${this.sub} does not show the consent to ${client.id}`);
      return false;
    }
    const fields = { csrf_token: page.form().fields['csrf_token'] ?? '', client_id: client.id };
    this.consents.delete(client.id);
    const answer = await this.#post('withdraw', `${this.sub} ${client.id}`, '/account/withdraw-consent', fields);
    if (answer !== undefined) this.consents.set(client.id, false);
    return answer !== undefined;
  }

  async #followPages(target: string, client: OAuthClient): Promise<Page | undefined> {
    let page = await this.#get(target);
    for (let steps = 0; page !== undefined && steps < 12; steps++) {
      if (page.location?.startsWith(client.redirectUri) === true) return page;
      page = page.location === undefined ? await this.#fill(page, client) : await this.#get(page.location);
    }
    return page;
  }

  /** Fills in the form of the page and sends it. */
  async #fill(page: Page, client: OAuthClient): Promise<Page | undefined> {
    const form = page.status === 200 ? page.form() : { action: `a page of status ${page.status}`, fields: {} };
    const { username, password } = this.credentials;
    if (form.action.endsWith('/login')) {
      return this.#post('log-in', this.sub, form.action, { ...form.fields, username, password });
    }
    if (form.action.endsWith('/signup')) {
      const answer = await this.#post('sign-up', this.sub, form.action, { ...form.fields, username, password });
      if (answer !== undefined) this.journal.passwords.set(username, password);
      return answer;
    }
    if (form.action.endsWith('/consent')) {
      this.consents.delete(client.id);
      const answer = await this.#post('allow', `${this.sub} ${client.id}`, form.action, { ...form.fields, decision: 'allow' });
      if (answer !== undefined) this.consents.set(client.id, true);
      return answer;
    }
    this.journal.unexpected.push(`${this.sub} expected a page of the flow for ${client.id}, but came to ${form.action}`);
    return undefined;
  }

  async #post(change: Change, key: string, action: string, fields: Readonly<Record<string, string>>): Promise<Page | undefined> {
    const sentAt = Date.now();
    const page = await this.http.page(() => this.#browser.post(this.http.url() + action, fields, this.#headers), `POST ${action}`);
    const outcome: Outcome = page === undefined ? 'unknown' : page.status === 303 ? 'done' : 'refused';
    this.journal.record({ change, key, sentAt, endedAt: Date.now(), outcome });
    if (outcome === 'refused') this.journal.unexpected.push(`POST ${action}: ${change} of ${key} was refused (${String(page?.status)})`);
    return outcome === 'refused' ? undefined : page;
  }

  #get(target: string): Promise<Page | undefined> {
    return this.http.page(() => this.#browser.get(this.http.url() + target, this.#headers), `GET ${target.split('?', 1)[0] ?? ''}`);
  }
}
