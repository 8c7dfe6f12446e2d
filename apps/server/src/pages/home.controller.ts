import { Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GetClient } from '#client-registry/contracts.js';
import { QueryBus } from '#kernel/bus.js';
import { DEMO_CLIENT, demoAuthorizeQuery } from '../demo/demo.js';
import { BrowserSession } from '../http/browser-session.js';
import { Issuer } from '../http/issuer.js';
import { PagesOptions } from './options.js';
import { Page } from './page.js';
import { nameOfUser } from './signed-in-name.js';
import { render } from './views.js';

/** Says what this server is. With the demo, it has a link that begins a flow. */
@Page('')
export class HomeController {
  constructor(
    private readonly browsers: BrowserSession,
    private readonly queries: QueryBus,
    private readonly issuer: Issuer,
    private readonly options: PagesOptions,
  ) {}

  @Get()
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { session } = await this.browsers.open(request, reply);
    const data = {
      issuer: this.issuer.url,
      host: new URL(this.issuer.url).host,
      signedInAs: session && (await nameOfUser(this.queries, session)),
      login: this.issuer.path('/login'),
      account: this.issuer.path('/account'),
      metadata: this.issuer.path('/.well-known/openid-configuration'),
      keys: this.issuer.path('/oauth/v2/jwks'),
      demo: await this.#demo(),
    };
    await render(reply, { view: 'home', data });
  }

  /** Undefined without the demo, or if its client was removed or disabled. */
  async #demo(): Promise<{ authorize: string; redirectUri: string } | undefined> {
    if (!this.options.demo) return undefined;
    const client = await this.queries.execute(new GetClient(DEMO_CLIENT));
    const [redirectUri] = client?.enabled === true ? client.redirect_uris : [];
    if (redirectUri === undefined) return undefined;
    // This client needs no consent, but the demo shows the consent page too.
    const query = demoAuthorizeQuery(redirectUri, { prompt: 'consent' });
    return { authorize: this.issuer.path(`/oauth/v2/oauth-authorize?${query}`), redirectUri };
  }
}
