/** A client that holds a code and what came of it: redeems, refreshes, tries again after a lost answer, and too often. */
import { setTimeout as pause } from 'node:timers/promises';
import { basic, TOKEN } from '#test/flow.js';
import { USERINFO, VERIFIER } from '#test/tokens.js';
import { hashOf, type Journal } from '../journal.js';
import type { Dice } from '../random.js';
import type { LoadClient } from './parties.js';
import type { Reply, Wire } from './wire.js';

const TRIES = 12;
const BETWEEN_TRIES_MS = 250;

interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
}

type Form = Readonly<Record<string, string>>;

export async function requestTokens(wire: Wire, client: LoadClient, parameters: Form): Promise<Reply | undefined> {
  const isPublic = client.secret === '';
  return wire.send(TOKEN, {
    method: 'POST',
    headers: isPublic ? {} : { authorization: basic({ client_id: client.id, client_secret: client.secret }) },
    body: new URLSearchParams(isPublic ? { client_id: client.id, ...parameters } : parameters),
  });
}

export class HeldGrant {
  readonly #code: string;
  /** Every access token, the newest last. */
  readonly #accessTokens: string[] = [];
  #refreshToken: string | undefined;
  #previous: string | undefined;
  /** A refusal ended it, or an answer that never came leaves nothing to go on with. */
  over = false;

  constructor(
    private readonly wire: Wire,
    private readonly journal: Journal,
    readonly client: LoadClient,
    readonly holder: { readonly code: string; readonly sub: string },
  ) {
    this.#code = hashOf(holder.code);
  }

  /** Once; or by two requests at once; or once more than that. */
  async redeem(dice: Dice): Promise<void> {
    const how = dice.weighted({ once: 84, twice: 8, again: 8 });
    if (how === 'twice') await Promise.all([this.#redeemOnce(), this.#redeemOnce()]);
    else await this.#untilKnown(() => this.#redeemOnce(), dice.chance(0.8));
    if (how === 'again') await this.#redeemOnce();
    if (this.#refreshToken === undefined) this.over = true;
  }

  async refresh(dice: Dice): Promise<void> {
    const token = this.#refreshToken;
    if (token === undefined) return;
    const how = dice.weighted({ once: 80, twice: 10, before: 5, late: 5 });
    if (how === 'before' && this.#previous !== undefined) {
      await this.#refreshOnce(this.#previous);
      return;
    }
    if (how === 'twice') await Promise.all([this.#refreshOnce(token), this.#refreshOnce(token)]);
    else await this.#untilKnown(() => this.#refreshOnce(token), dice.chance(0.8));
    if (how === 'late' && this.client.grace <= 2) {
      await pause(this.client.grace * 1000 + 50);
      await this.#refreshOnce(token);
    }
    if (this.#refreshToken === token) this.over = true;
  }

  /** Shows one of the access tokens at userinfo. */
  async look(dice: Dice): Promise<void> {
    if (this.#accessTokens.length === 0) return;
    const token = dice.pick(this.#accessTokens);
    const reply = await this.wire.send(USERINFO, { headers: { authorization: `Bearer ${token}` } });
    if (reply !== undefined) this.journal.looks.push({ code: this.#code, sentAt: reply.sentAt, good: reply.status === 200 });
  }

  /** The last refresh token, tried once more when all is over: whether it was good. */
  async lastRefresh(): Promise<void> {
    if (this.#refreshToken !== undefined) await this.#refreshOnce(this.#refreshToken);
  }

  async #untilKnown(attempt: () => Promise<boolean>, isStubborn: boolean): Promise<void> {
    for (let tries = 0; !(await attempt()) && isStubborn && tries < TRIES; tries++) await pause(BETWEEN_TRIES_MS);
  }

  /** Whether there was an answer. */
  async #redeemOnce(): Promise<boolean> {
    const verifier = this.client.secret === '' ? { code_verifier: VERIFIER } : {};
    const parameters = { grant_type: 'authorization_code', code: this.holder.code, redirect_uri: this.client.redirectUri };
    const tokens = await this.#ask('redeem', this.#code, { ...parameters, ...verifier });
    if (tokens?.refresh_token !== undefined) this.#refreshToken = tokens.refresh_token;
    return tokens !== undefined;
  }

  async #refreshOnce(token: string): Promise<boolean> {
    const tokens = await this.#ask('refresh', hashOf(token), { grant_type: 'refresh_token', refresh_token: token });
    if (tokens?.refresh_token !== undefined && token === this.#refreshToken) {
      this.#previous = token;
      this.#refreshToken = tokens.refresh_token;
    }
    return tokens !== undefined;
  }

  /** The tokens; nothing in them where the request was refused; undefined where the outcome is not known. */
  async #ask(change: 'redeem' | 'refresh', key: string, parameters: Form): Promise<Partial<Tokens> | undefined> {
    const sentAt = Date.now();
    const reply = await requestTokens(this.wire, this.client, parameters);
    const tokens = reply?.status === 200 ? (reply.body as unknown as Tokens) : undefined;
    const outcome = reply === undefined ? 'unknown' : tokens === undefined ? 'refused' : 'done';
    const brought = tokens?.refresh_token === undefined ? {} : { brought: hashOf(tokens.refresh_token) };
    this.journal.note({ change, key, sentAt, endedAt: Date.now(), outcome, ...brought });
    if (tokens !== undefined) this.#receive(tokens);
    if (reply === undefined) return undefined;
    if (tokens === undefined) this.#refused(change, reply);
    return tokens ?? {};
  }

  #receive({ access_token: accessToken, refresh_token: refreshToken, id_token: idToken }: Tokens): void {
    const { id: clientId, grace } = this.client;
    this.#accessTokens.push(accessToken);
    this.journal.receive(accessToken, clientId, this.#code);
    if (refreshToken !== undefined) this.journal.refreshTokens.set(hashOf(refreshToken), { code: this.#code, grace });
    if (idToken !== undefined) this.journal.idTokens.push({ value: idToken, clientId, sub: this.holder.sub });
  }

  #refused(change: string, { status, body }: Reply): void {
    this.over = true;
    // A client that was removed meanwhile is no longer known.
    if (body['error'] === 'invalid_grant' || body['error'] === 'invalid_client') return;
    this.journal.complaints.push(`${change} at ${this.client.id}: refused with ${status} ${JSON.stringify(body)}`);
  }
}
