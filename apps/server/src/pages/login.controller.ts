import { Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { queryOf } from '../http/bodies.js';
import { BrowserSession } from '../http/browser-session.js';
import { HttpError } from '../http/http-error.js';
import { LoginPage } from './login-page.js';
import { handleOf, pageForm } from './page-form.js';
import { Page } from './page.js';
import { PassportLogin } from './passport-login.js';
import { PendingRequest } from './pending-request.js';
import { returnOf } from './return-to.js';

/** The page where users log in, with or without a stored request. */
@Page('login', { step: 'login' })
export class LoginController {
  constructor(
    private readonly requests: PendingRequest,
    private readonly browsers: BrowserSession,
    private readonly login: PassportLogin,
    private readonly page: LoginPage,
  ) {}

  @Get()
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visit = await this.requests.visit(handleOf(request), request, reply);
    const query = queryOf(request);
    if (visit.pending === undefined && visit.browser.session !== undefined) await this.page.showSignedIn(visit, reply);
    else await this.page.show(visit, reply, { returnTo: returnOf(query), authenticator: query.get('authenticator') });
  }

  @Post()
  async logIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = pageForm(request);
    const authenticator = this.page.named(form.get('authenticator'))?.authenticator;
    if (authenticator === undefined) throw new HttpError(400, 'the form does not say how to log in');
    const result = await this.login.attempt(authenticator, form, request);
    const [handle, returnTo] = [form.get('request'), returnOf(form)];
    if (result.outcome === 'session') {
      // The session stays, even if the stored request has expired.
      this.browsers.start(reply, result.secret);
      const browser = { id: this.browsers.identify(request, reply), sessionSecret: result.secret };
      return this.requests.goOn({ handle, returnTo }, browser, reply);
    }
    const visit = await this.requests.visit(handle, request, reply);
    await this.page.show(visit, reply, { returnTo, authenticator, username: form.get('username') ?? '', refused: result });
  }
}
