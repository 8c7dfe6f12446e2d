import { Controller, Get, Head, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BeginAuthorization } from '#authorization/contracts.js';
import { CommandBus, QueryBus } from '#kernel/bus.js';
import { ReadIdTokenHint } from '#token/contracts.js';
import { formOf, queryOf } from '../http/bodies.js';
import { BrowserSession } from '../http/browser-session.js';
import type { Form } from '../http/form.js';
import { HttpError } from '../http/http-error.js';
import { Issuer } from '../http/issuer.js';
import { redirect, respondToStep } from '../pages/respond-to-step.js';

const PATH = '/oauth/v2/oauth-authorize';

/** RFC 6749 §3.1, OIDC Core §3.1.2.1: GET and form POST mean the same. */
@Controller(PATH)
export class AuthorizeController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly browsers: BrowserSession,
    private readonly issuer: Issuer,
  ) {}

  /** Stands before GET, which would answer it otherwise: a look must not begin anything (RFC 9110 §9.2.1). */
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
    // A form on another site comes without our cookies (SameSite=Lax); the same request by GET brings them.
    if (request.headers['sec-fetch-site'] === 'cross-site') {
      await redirect(reply, `${this.issuer.path(PATH)}?${new URLSearchParams([...form.entries()]).toString()}`);
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
    await respondToStep(step, reply, this.issuer);
  }
}
