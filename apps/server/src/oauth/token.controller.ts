import { HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CommandBus } from '#kernel/bus.js';
import { ExchangeGrant, type TokenResponse } from '#token/contracts.js';
import { formOf } from '../http/bodies.js';
import { answerTo } from '../http/error-answer.js';
import { Metrics } from '../telemetry/metrics.js';
import { ClientAuthentication } from './client-authentication.js';
import { OAUTH_ENDPOINT, OAuthEndpoint } from './endpoint-kinds.js';
import { protocolForm, resultOf } from './protocol-form.js';

/** Authenticates the client and exchanges its grant for tokens (RFC 6749 §3.2). */
@OAuthEndpoint('/oauth/v2/oauth-token', { metadata: 'token_endpoint' })
export class TokenController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly commands: CommandBus,
    private readonly metrics: Metrics,
  ) {}

  @Post()
  @HttpCode(200)
  async exchange(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const grantType = formOf(request).get('grant_type');
    const answer = await this.counted(grantType, this.tokens(request));
    await reply.type('application/json').send(answer);
  }

  private async tokens(request: FastifyRequest): Promise<TokenResponse> {
    const form = protocolForm(request);
    const client = await this.clients.authenticate(request, form);
    return resultOf(await this.commands.execute(new ExchangeGrant(client, form.values())));
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
