import { Get } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { WithoutToken } from './bearer.guard.js';
import { Issuer } from '../http/issuer.js';
import { AdminResource } from './admin-resource.js';
import { Answer } from './answer.js';
import { contentEtag } from './etag.js';
import { openApiDocument } from './openapi.js';
import { Describes } from './operation.js';

/** The document that describes the administration API, this route included. */
@AdminResource('openapi.json')
export class OpenApiController {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly issuer: Issuer,
  ) {}

  @Get()
  @WithoutToken()
  @Describes({
    summary: 'This document',
    answers: { 200: { description: 'OpenAPI 3.1.', body: { name: 'OpenApi', schema: { type: 'object' } } } },
  })
  read(): Answer {
    const controllers = this.discovery.getControllers().map(({ metatype }) => metatype);
    const document = openApiDocument(controllers, this.issuer.url);
    return new Answer(200, document, { etag: contentEtag(document) });
  }
}
