import { Get, Head, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BeginAuthorization } from '#authorization/contracts.js';
import { CommandBus, QueryBus } from '#kernel/bus.js';
import { ReadIdTokenHint } from '#token/contracts.js';
import { formOf, queryOf } from '../http/bodies.js';
import { BrowserSession } from '../http/browser-session.js';
import type { Form } from '../http/form.js';
import { HttpError } from '../http/http-error.js';
import { StepResponder } from '../pages/respond-to-step.js';
import { FrontChannelEndpoint } from './endpoint-kinds.js';

const PATH = '/oauth/v2/oauth-authorize';

/** Begins an authorization, by GET or by a form (RFC 6749 §3.1, OIDC Core §3.1.2.1). */
@FrontChannelEndpoint(PATH, { metadata: 'authorization_endpoint' })
export class AuthorizeController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly browsers: BrowserSession,
    private readonly responder: StepResponder,
  ) {}

  /** Fastify would answer HEAD by the route of GET, which begins an authorization; HEAD must not (RFC 9110 §9.2.1). */
  @Head()
  head(): never {
    throw new HttpError(405, 'the authorization endpoint answers GET and POST', { allow: 'GET, POST' });
  }

  @Get()
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.begin(queryOf(request), request, reply);
  }

  @Post()
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = formOf(request);
    // A browser posts the form of another site without our cookies (SameSite=Lax), but sends them with the same request by GET.
    if (request.headers['sec-fetch-site'] === 'cross-site') {
      await this.responder.redirectInside(reply, `${PATH}?${new URLSearchParams([...form.entries()]).toString()}`);
    } else {
      await this.begin(form, request, reply);
    }
  }

  private async begin(form: Form, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const browser = this.browsers.of(request, reply);
    const hint = form.get('id_token_hint');
    const hintedSub = hint === undefined ? undefined : await this.queries.execute(new ReadIdTokenHint(hint));
    const parameters = { values: form.values(), repeated: form.duplicates };
    const step = await this.commands.execute(new BeginAuthorization(parameters, browser, hintedSub));
    await this.responder.respond(step, reply);
  }
}
