/** A person with a browser, who comes back as long as answers come: signs up, logs in, allows, takes back. */
import { Browser, type Page } from '#test/browser.js';
import { AUTHORIZE } from '#test/flow.js';
import { PKCE } from '#test/tokens.js';
import { type Change, hashOf, type Journal, type Outcome } from '../journal.js';
import type { Dice } from '../random.js';
import type { Credentials, LoadClient } from './parties.js';
import type { Wire } from './wire.js';

export class Person {
  /** What they know of their consents; a client that is missing may have one or not. */
  readonly allowed = new Map<string, boolean>();
  readonly #browser = new Browser('http://localhost');
  readonly #headers: Record<string, string>;

  constructor(
    private readonly wire: Wire,
    private readonly journal: Journal,
    dice: Dice,
    readonly credentials: Credentials,
  ) {
    // The proxy that the servers trust says so; from one address alone, sign-ups are slowed down.
    this.#headers = { 'x-forwarded-for': `10.${dice.between(0, 255)}.${dice.between(0, 255)}.${dice.between(1, 254)}` };
  }

  /** The username is the `sub`, as it is plain ASCII. */
  get sub(): string {
    return this.credentials.username;
  }

  /** The way through the pages to a code for the client; undefined where it did not come to that. */
  async authorize(client: LoadClient, more: Readonly<Record<string, string>> = {}): Promise<string | undefined> {
    const query = new URLSearchParams({
      ...{ response_type: 'code', client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid profile' },
      ...(client.secret === '' ? PKCE : {}),
      ...more,
    });
    const sentAt = Date.now();
    const last = await this.#walk(`${AUTHORIZE}?${query.toString()}`, client);
    const code = last?.location === undefined ? undefined : (last.redirected.get('code') ?? undefined);
    const outcome: Outcome = last === undefined ? 'unknown' : code === undefined ? 'refused' : 'done';
    this.journal.note({ change: 'authorize', key: `${this.sub} ${client.id}`, sentAt, endedAt: Date.now(), outcome });
    if (code !== undefined) this.journal.codes.set(hashOf(code), { clientId: client.id, sub: this.sub });
    return code;
  }

  /** Takes the consent back on the account page; false where it did not come to that. */
  async withdraw(client: LoadClient): Promise<boolean> {
    const page = await this.#get('/account');
    if (page === undefined || page.location !== undefined) return false;
    if (!page.body.includes(`name="client_id" value="${client.id}"`)) {
      this.journal.complaints.push(`the consent of ${this.sub} to ${client.id} was given and is not shown`);
      return false;
    }
    const fields = { csrf_token: page.form().fields['csrf_token'] ?? '', client_id: client.id };
    this.allowed.delete(client.id);
    const answer = await this.#post('withdraw', `${this.sub} ${client.id}`, '/account/withdraw-consent', fields);
    if (answer !== undefined) this.allowed.set(client.id, false);
    return answer !== undefined;
  }

  async #walk(target: string, client: LoadClient): Promise<Page | undefined> {
    let page = await this.#get(target);
    for (let steps = 0; page !== undefined && steps < 12; steps++) {
      if (page.location?.startsWith(client.redirectUri) === true) return page;
      page = page.location === undefined ? await this.#fill(page, client) : await this.#get(page.location);
    }
    return page;
  }

  /** Sends the form of the page that came. */
  async #fill(page: Page, client: LoadClient): Promise<Page | undefined> {
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
      this.allowed.delete(client.id);
      const answer = await this.#post('allow', `${this.sub} ${client.id}`, form.action, { ...form.fields, decision: 'allow' });
      if (answer !== undefined) this.allowed.set(client.id, true);
      return answer;
    }
    this.journal.complaints.push(`${this.sub} came to ${form.action} on the way to ${client.id}`);
    return undefined;
  }

  async #post(change: Change, key: string, action: string, fields: Readonly<Record<string, string>>): Promise<Page | undefined> {
    const sentAt = Date.now();
    const page = await this.wire.page(() => this.#browser.post(this.wire.url() + action, fields, this.#headers), `POST ${action}`);
    const outcome: Outcome = page === undefined ? 'unknown' : page.status === 303 ? 'done' : 'refused';
    this.journal.note({ change, key, sentAt, endedAt: Date.now(), outcome });
    if (outcome === 'refused') this.journal.complaints.push(`POST ${action}: ${change} of ${key} was refused (${String(page?.status)})`);
    return outcome === 'refused' ? undefined : page;
  }

  #get(target: string): Promise<Page | undefined> {
    return this.wire.page(() => this.#browser.get(this.wire.url() + target, this.#headers), `GET ${target.split('?', 1)[0] ?? ''}`);
  }
}
