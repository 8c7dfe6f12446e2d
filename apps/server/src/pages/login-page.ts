import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { BeginLogin, type LoginResult } from '#authentication/contracts.js';
import { CommandBus, QueryBus } from '#kernel/bus.js';
import { Issuer } from '../http/issuer.js';
import type { AuthenticatorPage } from './authenticators/authenticator-page.js';
import { AuthenticatorPages } from './authenticators/registry.js';
import { csrfToken } from './page-form.js';
import { nameOfClient, type Visit } from './pending-request.js';
import { type Return, returnToQuery } from './return-to.js';
import { nameOfUser } from './signed-in-name.js';
import { render } from './views.js';

export interface Shown {
  readonly returnTo: Return | undefined;
  /** The authenticator that the user chose, if there is a choice. */
  readonly authenticator: string | undefined;
  readonly username?: string | undefined;
  /** Why the last attempt has failed. */
  readonly refused?: Exclude<LoginResult, { outcome: 'session' }> | undefined;
}

/** The login form of one authenticator, with links to the others that would do. */
@Injectable()
export class LoginPage {
  constructor(
    private readonly pages: AuthenticatorPages,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly issuer: Issuer,
  ) {}

  /** The page of the authenticator that a form was posted for. */
  named(authenticator: string | undefined): AuthenticatorPage | undefined {
    return this.pages.all.find((page) => page.authenticator === authenticator) ?? this.pages.all[0];
  }

  async show({ browser, handle, pending }: Visit, reply: FastifyReply, shown: Shown): Promise<void> {
    const { returnTo, refused, username = pending?.loginHint ?? '' } = shown;
    const acceptable = this.pages.for(pending?.authenticators);
    const page = acceptable.find(({ authenticator }) => authenticator === shown.authenticator) ?? acceptable[0];
    if (page === undefined) throw new Error('there is no authenticator');
    const query = returnToQuery({ handle, returnTo });
    const data = {
      page,
      others: acceptable.filter((other) => other !== page),
      challenge: await this.commands.execute(new BeginLogin(page.authenticator)),
      action: this.issuer.path('/login'),
      choose: this.issuer.path(`/login${query}${query === '' ? '?' : '&'}authenticator=`),
      signUp: this.issuer.path(`/signup${query}`),
      handle,
      csrf: csrfToken(reply, browser),
      clientName: pending && nameOfClient(pending.client),
      username,
      returnTo,
      ...problemOf(refused),
    };
    if (refused?.outcome === 'slow-down') void reply.header('retry-after', String(refused.retryAfter));
    await render(reply, { view: 'login', status: statusOf(refused), uiLocales: pending?.uiLocales, data });
  }

  async showSignedIn({ browser: { session } }: Visit, reply: FastifyReply): Promise<void> {
    const signedInAs = session && (await nameOfUser(this.queries, session));
    const [account, logout] = [this.issuer.path('/account'), this.issuer.path('/logout')];
    await render(reply, { view: 'signed-in', data: { signedInAs, account, logout } });
  }
}

function statusOf(refused: Shown['refused']): number {
  if (refused === undefined) return 200;
  return refused.outcome === 'refused' ? 401 : 429;
}

/** `problem` is under `login.problems` in the texts. */
function problemOf(refused: Shown['refused']): { readonly problem?: 'wrong' | 'slowDown'; readonly seconds?: number } {
  if (refused === undefined) return {};
  return refused.outcome === 'refused' ? { problem: 'wrong' } : { problem: 'slowDown', seconds: refused.retryAfter };
}
