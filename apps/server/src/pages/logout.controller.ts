import { Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EndSession } from '#authentication/contracts.js';
import { CommandBus, QueryBus } from '#kernel/bus.js';
import { BrowserSession } from '../http/browser-session.js';
import { Issuer } from '../http/issuer.js';
import { csrfToken } from './page-form.js';
import { Page } from './page.js';
import { nameOfUser } from './signed-in-name.js';
import { render } from './views.js';

/** The page where users end their session. It asks first, so that a link alone logs nobody out. */
@Page('logout')
export class LogoutController {
  constructor(
    private readonly browsers: BrowserSession,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly issuer: Issuer,
  ) {}

  @Get()
  async ask(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const browser = await this.browsers.open(request, reply);
    if (browser.session === undefined) return this.#done(reply);
    const data = {
      action: this.issuer.path('/logout'),
      stay: this.issuer.path('/login'),
      csrf: csrfToken(reply, browser),
      signedInAs: await nameOfUser(this.queries, browser.session),
    };
    await render(reply, { view: 'logout', data });
  }

  @Post()
  async logOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const secret = this.browsers.sessionSecret(request);
    if (secret !== undefined) await this.commands.execute(new EndSession(secret));
    this.browsers.clear(reply);
    await this.#done(reply);
  }

  #done(reply: FastifyReply): Promise<void> {
    return render(reply, { view: 'logout', data: { csrf: undefined, login: this.issuer.path('/login') } });
  }
}
