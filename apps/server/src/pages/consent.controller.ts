import { Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PendingRequestOverview } from '#authorization/contracts.js';
import { QueryBus } from '#kernel/bus.js';
import { GetTokenCapabilities } from '#token/contracts.js';
import { HttpError, SignInExpired } from '../http/http-error.js';
import { Issuer } from '../http/issuer.js';
import { csrfToken, handleOf, pageForm } from './page-form.js';
import { Page } from './page.js';
import { nameOfClient, PendingRequest } from './pending-request.js';
import { hostOf, redirect } from './respond-to-step.js';
import { nameOfUser } from './signed-in-name.js';
import { render } from './views.js';

/** The page where users grant or deny the request of a client (OIDC Core §3.1.2.4). */
@Page('consent', { step: 'consent' })
export class ConsentController {
  constructor(
    private readonly requests: PendingRequest,
    private readonly queries: QueryBus,
    private readonly issuer: Issuer,
  ) {}

  @Get()
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { browser, handle, pending } = await this.requests.visit(handleOf(request), request, reply);
    if (handle === undefined || pending === undefined) throw new SignInExpired();
    const login = this.issuer.path(`/login?request=${encodeURIComponent(handle)}`);
    // The session has ended, so there is no user to ask.
    if (browser.session === undefined) return redirect(reply, login);
    const data = {
      action: this.issuer.path('/consent'),
      handle,
      csrf: csrfToken(reply, browser),
      session: browser.session.sid,
      clientName: nameOfClient(pending.client),
      signedInAs: await nameOfUser(this.queries, browser.session),
      switchAccount: login,
      scopes: await this.#scopesToShow(pending),
      target: hostOf(pending.redirectUri),
      links: linksOf(pending.client),
    };
    await render(reply, { view: 'consent', uiLocales: pending.uiLocales, data });
  }

  @Post()
  async decide(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = pageForm(request);
    const [handle, decision] = [form.get('request'), form.get('decision')];
    if (handle === undefined) throw new SignInExpired();
    if (decision !== 'allow' && decision !== 'deny') throw new HttpError(400, 'the form does not say whether to allow or to deny');
    await this.requests.decide({ handle, answer: { decision, askedSid: form.get('session') } }, request, reply);
  }

  /** The scopes of the request. A client that needs no consent may also request single claims of its other scopes, so those are shown. */
  async #scopesToShow({ client, scope, claims }: PendingRequestOverview): Promise<readonly string[]> {
    if (client.require_consent || claims.length === 0) return scope;
    const { scopes } = await this.queries.execute(new GetTokenCapabilities());
    const allowed = client.scope.split(' ');
    const released = scopes.filter((one) => allowed.includes(one.name) && one.claims.some((claim) => claims.includes(claim)));
    return [...new Set([...scope, ...released.map(({ name }) => name)])];
  }
}

interface Link {
  /** Under `consent` in the texts. */
  readonly text: 'about' | 'policy' | 'terms';
  readonly uri: string;
}

/** Links that the client has registered. The page loads nothing from them (docs/adr/0012). */
function linksOf({ client_uri, policy_uri, tos_uri }: PendingRequestOverview['client']): readonly Link[] {
  const links = [{ text: 'about', uri: client_uri }, { text: 'policy', uri: policy_uri }, { text: 'terms', uri: tos_uri }] as const;
  return links.filter((link): link is Link & typeof link => link.uri !== null);
}
