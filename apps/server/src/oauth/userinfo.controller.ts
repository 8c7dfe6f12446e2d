import { Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { QueryBus } from '#kernel/bus.js';
import { OAuthError } from '#kernel/errors.js';
import { Secret } from '#kernel/secrets.js';
import { GetUserInfo } from '#token/contracts.js';
import { formOf } from '../http/bodies.js';
import { bearerToken } from '../http/bearer-token.js';
import type { Form } from '../http/form.js';
import { NoBearerToken } from '../http/http-error.js';
import { ProtectedResource } from './endpoint-kinds.js';
import { resultOf, withoutDuplicates } from './protocol-form.js';

/** The claims of the user, by GET or POST (OIDC Core §5.3). */
@ProtectedResource('/oauth/v2/oauth-userinfo', { metadata: 'userinfo_endpoint' })
export class UserinfoController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.answer(accessToken(request), reply);
  }

  @Post()
  @HttpCode(200)
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.answer(accessToken(request, withoutDuplicates(formOf(request))), reply);
  }

  private async answer(token: Secret, reply: FastifyReply): Promise<void> {
    const claims = resultOf(await this.queries.execute(new GetUserInfo(token)));
    await reply.type('application/json').send(claims);
  }
}

/** From the header (RFC 6750 §2.1) or the form (§2.2), but not from both, and never from the URL. */
function accessToken({ headers: { authorization } }: FastifyRequest, form?: Form): Secret {
  const inForm = form?.get('access_token');
  if (inForm !== undefined) {
    if (authorization === undefined) return new Secret(inForm);
    throw new OAuthError('invalid_request', 'The access token was sent in the header and in the body.');
  }
  const token = bearerToken(authorization);
  if (token === 'absent') throw new NoBearerToken();
  if (token === 'malformed') throw new OAuthError('invalid_request', 'The Authorization header is malformed.');
  return token;
}
