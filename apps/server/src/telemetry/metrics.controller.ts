import { Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { OperatorEndpoint } from '../http/operator-endpoint.js';
import { Metrics } from './metrics.js';

/** The metrics on the main port, for a server that only programs on this machine can reach. */
@OperatorEndpoint('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  async show(@Res() reply: FastifyReply): Promise<void> {
    await reply.type(this.metrics.contentType).send(await this.metrics.read());
  }
}
