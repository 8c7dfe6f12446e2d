import { HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuthenticateClient } from '#client-registry/contracts.js';
import { CommandBus } from '#kernel/bus.js';
import { OAuthError } from '#kernel/errors.js';
import { ExchangeGrant, type TokenResponse } from '#token/contracts.js';
import { formOf, queryOf } from '../http/bodies.js';
import { answerTo } from '../http/error-answer.js';
import type { Form } from '../http/form.js';
import { Metrics } from '../telemetry/metrics.js';
import { OAUTH_ENDPOINT, OAuthEndpoint } from './endpoint-kinds.js';

/** Authenticates the client and exchanges its grant for tokens (RFC 6749 §3.2). */
@OAuthEndpoint('/oauth/v2/oauth-token', { metadata: 'token_endpoint' })
export class TokenController {
  constructor(
    private readonly commands: CommandBus,
    private readonly metrics: Metrics,
  ) {}

  @Post()
  @HttpCode(200)
  async exchange(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = formOf(request);
    const answer = await this.counted(form.get('grant_type'), this.tokens(request, form));
    await reply.type('application/json').send(answer);
  }

  private async tokens(request: FastifyRequest, form: Form): Promise<TokenResponse> {
    refuseMisplaced(queryOf(request), form);
    const { authorization } = request.headers;
    const client = ok(await this.commands.execute(new AuthenticateClient({ authorization, parameters: form.values() })));
    return ok(await this.commands.execute(new ExchangeGrant(client, form.values())));
  }

  private async counted(grantType: string | undefined, tokens: Promise<TokenResponse>): Promise<TokenResponse> {
    try {
      const answer = await tokens;
      this.metrics.countGrant(grantType, 'success');
      return answer;
    } catch (error) {
      this.metrics.countGrant(grantType, answerTo(error, OAUTH_ENDPOINT.challenge, 0).code);
      throw error;
    }
  }
}

function refuseMisplaced(query: Form, form: Form): void {
  // RFC 6749 §2.3.1, §3.2: proxies and browsers store URLs.
  for (const name of ['client_id', 'client_secret', 'code', 'code_verifier', 'refresh_token']) {
    if (query.has(name)) throw new OAuthError('invalid_request', `${name} must not be in the query string.`);
  }
  if (form.duplicates.length > 0) throw new OAuthError('invalid_request', 'A parameter was sent more than once.');
}

function ok<T>(result: T | OAuthError): T {
  if (result instanceof OAuthError) throw result;
  return result;
}
