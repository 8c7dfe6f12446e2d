import { Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ListEvents } from '#events/contracts.js';
import { QueryBus } from '#kernel/bus.js';
import { RequiresScope } from './bearer.guard.js';
import { queryOf } from '../http/bodies.js';
import { Issuer } from '../http/issuer.js';
import { AdminResource } from './admin-resource.js';
import type { Answer } from './answer.js';
import { cloudEvent, eventPageAnswer, eventParameters, readEventPage } from './event-page.js';
import { Describes, pageSchema } from './operation.js';

@AdminResource('events')
export class EventsController {
  constructor(
    private readonly queries: QueryBus,
    private readonly issuer: Issuer,
  ) {}

  @Get()
  @RequiresScope('events:read')
  @Describes({
    summary: 'The event log, in its order and without a gap',
    query: eventParameters,
    answers: { 200: { description: 'A page of events.', body: pageSchema(cloudEvent), headers: { Link: 'The next page.' } } },
    problems: [400],
  })
  async list(@Req() request: FastifyRequest): Promise<Answer> {
    const page = readEventPage(queryOf(request));
    const found = await this.queries.execute(new ListEvents({ ...page, limit: page.limit + 1 }));
    return eventPageAnswer(page, found, this.issuer.absolute('/admin/v1/events'));
  }
}
