import { Controller, Get, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { queryOf } from '../http/bodies.js';
import { BrowserSession } from '../http/browser-session.js';
import { Issuer } from '../http/issuer.js';
import { csrfToken, pageForm } from './page-form.js';
import { loginResultOf, PasswordLoginGuard } from './password-login.guard.js';
import { PendingRequest, type Visit } from './pending-request.js';
import { render } from './views.js';

/** Where users prove who they are: for a stored request, or just so. */
@Controller('login')
export class LoginController {
  constructor(
    private readonly requests: PendingRequest,
    private readonly browsers: BrowserSession,
    private readonly issuer: Issuer,
  ) {}

  @Get()
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visit = await this.requests.visit(queryOf(request).get('request'), request, reply);
    if (visit.pending === undefined && visit.browser.session !== undefined) {
      await render(reply, 'signed-in', { logout: this.issuer.path('/logout') });
    } else {
      await this.#form(visit, reply, { username: visit.pending?.loginHint ?? '' });
    }
  }

  @Post()
  @UseGuards(PasswordLoginGuard)
  async logIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const result = loginResultOf(request);
    // The session is there, whatever becomes of the request that it was needed for.
    if (result.outcome === 'session') this.browsers.start(reply, result.secret);
    const form = pageForm(request);
    const visit = await this.requests.visit(form.get('request'), request, reply);
    const username = form.get('username') ?? '';
    if (result.outcome === 'session') {
      await this.requests.goOn(visit, result.session, reply);
    } else if (result.outcome === 'refused') {
      void reply.status(401);
      await this.#form(visit, reply, { username, problem: 'The username or the password is wrong.' });
    } else {
      void reply.status(429).header('retry-after', String(result.retryAfter));
      await this.#form(visit, reply, { username, problem: `Too many attempts. Try again in ${String(result.retryAfter)} seconds.` });
    }
  }

  #form({ browser, handle, pending }: Visit, reply: FastifyReply, shown: { username: string; problem?: string }): Promise<void> {
    const query = handle === undefined ? '' : `?request=${encodeURIComponent(handle)}`;
    return render(reply, 'login', {
      action: this.issuer.path('/login'),
      signUp: this.issuer.path(`/signup${query}`),
      handle,
      csrf: csrfToken(reply, browser),
      clientName: pending === undefined ? undefined : (pending.client.client_name ?? pending.client.client_id),
      problem: undefined,
      ...shown,
    });
  }
}
