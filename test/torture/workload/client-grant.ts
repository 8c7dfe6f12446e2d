/** A client with a code: redeems it, refreshes, retries after a lost answer, and sometimes repeats a request that was answered. */
import { setTimeout as pause } from 'node:timers/promises';
import { basic, TOKEN } from '#test/flow.js';
import { USERINFO, VERIFIER } from '#test/tokens.js';
import { hashOf, type Journal } from '../journal.js';
import type { SeededRandom } from '../seeded-random.js';
import type { OAuthClient } from './clients.js';
import type { HttpClient, Reply } from './http-client.js';

const MAX_RETRIES = 12;
const RETRY_DELAY_MS = 250;

interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
}

type Form = Readonly<Record<string, string>>;

export async function requestTokens(http: HttpClient, client: OAuthClient, parameters: Form): Promise<Reply | undefined> {
  const isPublic = client.secret === '';
  return http.send(TOKEN, {
    method: 'POST',
    headers: isPublic ? {} : { authorization: basic({ client_id: client.id, client_secret: client.secret }) },
    body: new URLSearchParams(isPublic ? { client_id: client.id, ...parameters } : parameters),
  });
}

export class ClientGrant {
  readonly #code: string;
  /** All access tokens, the newest last. */
  readonly #accessTokens: string[] = [];
  #refreshToken: string | undefined;
  #previousRefreshToken: string | undefined;
  /** Whether the grant cannot be used any more: a request was refused, or the answer with the next refresh token was lost. */
  ended = false;

  constructor(
    private readonly http: HttpClient,
    private readonly journal: Journal,
    readonly client: OAuthClient,
    readonly holder: { readonly code: string; readonly sub: string },
  ) {
    this.#code = hashOf(holder.code);
  }

  /** Redeems the code once, by two requests at the same time, or once more after the answer. */
  async redeem(random: SeededRandom): Promise<void> {
    const how = random.weighted({ once: 84, twice: 8, again: 8 });
    if (how === 'twice') await Promise.all([this.#redeemOnce(), this.#redeemOnce()]);
    else await this.#retryUntilAnswered(() => this.#redeemOnce(), random.chance(0.8));
    if (how === 'again') await this.#redeemOnce();
    if (this.#refreshToken === undefined) this.ended = true;
  }

  async refresh(random: SeededRandom): Promise<void> {
    const token = this.#refreshToken;
    if (token === undefined) return;
    const how = random.weighted({ once: 80, twice: 10, previous: 5, late: 5 });
    if (how === 'previous' && this.#previousRefreshToken !== undefined) {
      await this.#refreshOnce(this.#previousRefreshToken);
      return;
    }
    if (how === 'twice') await Promise.all([this.#refreshOnce(token), this.#refreshOnce(token)]);
    else await this.#retryUntilAnswered(() => this.#refreshOnce(token), random.chance(0.8));
    if (how === 'late' && this.client.grace <= 2) {
      await pause(this.client.grace * 1000 + 50);
      await this.#refreshOnce(token);
    }
    if (this.#refreshToken === token) this.ended = true;
  }

  /** Uses one of the access tokens at the userinfo endpoint. */
  async requestUserinfo(random: SeededRandom): Promise<void> {
    if (this.#accessTokens.length === 0) return;
    const token = random.pick(this.#accessTokens);
    const reply = await this.http.send(USERINFO, { headers: { authorization: `Bearer ${token}` } });
    if (reply !== undefined) this.journal.userinfoCalls.push({ code: this.#code, sentAt: reply.sentAt, accepted: reply.status === 200 });
  }

  /** Uses the newest refresh token once more at the end of the run. */
  async refreshAtEnd(): Promise<void> {
    if (this.#refreshToken !== undefined) await this.#refreshOnce(this.#refreshToken);
  }

  async #retryUntilAnswered(attempt: () => Promise<boolean>, retries: boolean): Promise<void> {
    for (let count = 0; !(await attempt()) && retries && count < MAX_RETRIES; count++) await pause(RETRY_DELAY_MS);
  }

  /** Whether there was an answer. */
  async #redeemOnce(): Promise<boolean> {
    const verifier = this.client.secret === '' ? { code_verifier: VERIFIER } : {};
    const parameters = { grant_type: 'authorization_code', code: this.holder.code, redirect_uri: this.client.redirectUri };
    const tokens = await this.#request('redeem', this.#code, { ...parameters, ...verifier });
    if (tokens?.refresh_token !== undefined) this.#refreshToken = tokens.refresh_token;
    return tokens !== undefined;
  }

  async #refreshOnce(token: string): Promise<boolean> {
    const tokens = await this.#request('refresh', hashOf(token), { grant_type: 'refresh_token', refresh_token: token });
    if (tokens?.refresh_token !== undefined && token === this.#refreshToken) {
      this.#previousRefreshToken = token;
      this.#refreshToken = tokens.refresh_token;
    }
    return tokens !== undefined;
  }

  /** The tokens of the answer, none if the request was refused; undefined if the outcome is unknown. */
  async #request(change: 'redeem' | 'refresh', key: string, parameters: Form): Promise<Partial<Tokens> | undefined> {
    const sentAt = Date.now();
    const reply = await requestTokens(this.http, this.client, parameters);
    const tokens = reply?.status === 200 ? (reply.body as unknown as Tokens) : undefined;
    const outcome = reply === undefined ? 'unknown' : tokens === undefined ? 'refused' : 'done';
    const issued = tokens?.refresh_token === undefined ? {} : { issued: hashOf(tokens.refresh_token) };
    this.journal.record({ change, key, sentAt, endedAt: Date.now(), outcome, ...issued });
    if (tokens !== undefined) this.#recordTokens(tokens);
    if (reply === undefined) return undefined;
    if (tokens === undefined) this.#recordRefusal(change, reply);
    return tokens ?? {};
  }

  #recordTokens({ access_token: accessToken, refresh_token: refreshToken, id_token: idToken }: Tokens): void {
    const { id: clientId, grace } = this.client;
    this.#accessTokens.push(accessToken);
    this.journal.recordAccessToken(accessToken, clientId, this.#code);
    if (refreshToken !== undefined) this.journal.refreshTokens.set(hashOf(refreshToken), { code: this.#code, grace });
    if (idToken !== undefined) this.journal.idTokens.push({ value: idToken, clientId, sub: this.holder.sub });
  }

  #recordRefusal(change: string, { status, body }: Reply): void {
    this.ended = true;
    // The client may have been removed in the meantime.
    if (body['error'] === 'invalid_grant' || body['error'] === 'invalid_client') return;
    this.journal.unexpected.push(`${change} at ${this.client.id}: refused with ${status} ${JSON.stringify(body)}`);
  }
}
