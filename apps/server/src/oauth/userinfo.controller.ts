import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { QueryBus } from '#kernel/bus.js';
import { OAuthError } from '#kernel/errors.js';
import type { Secret } from '#kernel/secrets.js';
import { GetUserInfo } from '#token/contracts.js';
import { formOf } from '../http/bodies.js';
import { bearerToken } from './bearer-token.js';

/** OIDC Core §5.3: GET or POST with the header, or POST with the token in the form. */
@Controller('/oauth/v2/oauth-userinfo')
export class UserinfoController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.answer(bearerToken(request), reply);
  }

  @Post()
  @HttpCode(200)
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = formOf(request);
    if (form.duplicates.length > 0) throw new OAuthError('invalid_request', 'A parameter was sent more than once.');
    await this.answer(bearerToken(request, form), reply);
  }

  private async answer(token: Secret, reply: FastifyReply): Promise<void> {
    const claims = await this.queries.execute(new GetUserInfo(token));
    if (claims instanceof OAuthError) throw claims;
    await reply.header('cache-control', 'no-store').type('application/json').send(claims);
  }
}
