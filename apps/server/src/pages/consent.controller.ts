import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DecideConsent } from '#authorization/contracts.js';
import { CommandBus, QueryBus } from '#kernel/bus.js';
import { GetTokenCapabilities } from '#token/contracts.js';
import { HttpError } from '../http/http-error.js';
import { Issuer } from '../http/issuer.js';
import { csrfToken, handleOf, pageForm } from './page-form.js';
import { expired, PendingRequest } from './pending-request.js';
import { respondToStep } from './respond-to-step.js';
import { render } from './views.js';

/** Where users allow a client what it asks for, or do not (OIDC Core §3.1.2.4). */
@Controller('consent')
export class ConsentController {
  constructor(
    private readonly requests: PendingRequest,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly issuer: Issuer,
  ) {}

  @Get()
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { browser, handle, pending } = await this.requests.visit(handleOf(request), request, reply);
    if (pending === undefined) throw expired();
    const { scopes } = await this.queries.execute(new GetTokenCapabilities());
    const descriptions = new Map(scopes.map(({ name, description }) => [name, description]));
    const data = {
      action: this.issuer.path('/consent'),
      handle,
      csrf: csrfToken(reply, browser),
      clientName: pending.client.client_name ?? pending.client.client_id,
      scopes: pending.scope.map((name) => descriptions.get(name) ?? name),
    };
    await render(reply, { view: 'consent', data });
  }

  @Post()
  async decide(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = pageForm(request);
    const { browser, handle } = await this.requests.visit(form.get('request'), request, reply);
    if (handle === undefined) throw expired();
    const decision = form.get('decision');
    if (decision !== 'allow' && decision !== 'deny') throw new HttpError(400, 'the form does not say whether to allow or to deny');
    await respondToStep(await this.commands.execute(new DecideConsent(handle, browser, decision)), reply, this.issuer);
  }
}
