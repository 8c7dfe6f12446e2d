import { Get, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { QueryBus } from '#kernel/bus.js';
import { queryOf } from '../http/bodies.js';
import { BrowserSession } from '../http/browser-session.js';
import { Issuer } from '../http/issuer.js';
import { csrfToken, handleOf, pageForm } from './page-form.js';
import { Page } from './page.js';
import { loginResultOf, PasswordLoginGuard } from './password-login.guard.js';
import { nameOfClient, PendingRequest, type Visit } from './pending-request.js';
import { nameOfUser } from './signed-in-name.js';
import { render } from './views.js';
import { returnToQuery, type Return, returnOf } from './return-to.js';

interface Shown {
  readonly username: string;
  readonly returnTo: Return | undefined;
  readonly status?: number;
  /** Under `login.problems` in the texts. */
  readonly problem?: 'wrong' | 'slowDown';
  readonly seconds?: number;
}

/** The page where users log in, with or without a stored request. */
@Page('login', { step: 'login' })
export class LoginController {
  constructor(
    private readonly requests: PendingRequest,
    private readonly browsers: BrowserSession,
    private readonly queries: QueryBus,
    private readonly issuer: Issuer,
  ) {}

  @Get()
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visit = await this.requests.visit(handleOf(request), request, reply);
    if (visit.pending === undefined && visit.browser.session !== undefined) {
      const signedInAs = await nameOfUser(this.queries, visit.browser.session);
      const [account, logout] = [this.issuer.path('/account'), this.issuer.path('/logout')];
      await render(reply, { view: 'signed-in', data: { signedInAs, account, logout } });
    } else {
      await this.#form(visit, reply, { username: visit.pending?.loginHint ?? '', returnTo: returnOf(queryOf(request)) });
    }
  }

  @Post()
  @UseGuards(PasswordLoginGuard)
  async logIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const result = loginResultOf(request);
    const form = pageForm(request);
    const [handle, username, returnTo] = [form.get('request'), form.get('username') ?? '', returnOf(form)];
    if (result.outcome === 'session') {
      // The session stays, even if the stored request has expired.
      this.browsers.start(reply, result.secret);
      const browser = { id: this.browsers.identify(request, reply), sessionSecret: result.secret };
      return this.requests.goOn({ handle, returnTo }, browser, reply);
    }
    const visit = await this.requests.visit(handle, request, reply);
    if (result.outcome === 'refused') {
      await this.#form(visit, reply, { username, returnTo, status: 401, problem: 'wrong' });
    } else {
      void reply.header('retry-after', String(result.retryAfter));
      await this.#form(visit, reply, { username, returnTo, status: 429, problem: 'slowDown', seconds: result.retryAfter });
    }
  }

  #form({ browser, handle, pending }: Visit, reply: FastifyReply, { username, status = 200, ...shown }: Shown): Promise<void> {
    const query = returnToQuery({ handle, returnTo: shown.returnTo });
    const data = {
      action: this.issuer.path('/login'),
      signUp: this.issuer.path(`/signup${query}`),
      handle,
      csrf: csrfToken(reply, browser),
      clientName: pending && nameOfClient(pending.client),
      username,
      ...shown,
    };
    return render(reply, { view: 'login', status, uiLocales: pending?.uiLocales, data });
  }
}
