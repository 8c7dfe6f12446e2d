import { applyDecorators, UseGuards, UseInterceptors } from '@nestjs/common';
import { endpoint, type EndpointKind, kindOf, NO_STORE } from '../http/endpoint-kind.js';
import { ADMINISTRATION_PATH, BearerGuard } from './bearer.guard.js';
import { SendsAnswer } from './answer.js';
import { renderProblem } from './problem.js';
import { RequestShapeGuard } from './request-shape.guard.js';

/** Needs no CSRF token: each request carries its own access token, and no cookie counts. */
export const ADMINISTRATION: EndpointKind = {
  name: 'resource of the administration',
  body: 'json',
  headers: NO_STORE,
  challenge: 'bearer',
  renderError: renderProblem,
  answersFor: ['/admin', '/admin/*'],
};

/**
 * A controller of the administration API, under `/admin/v1/<path>`. Each of its routes says which scope it requires
 * (`@RequiresScope`) and what it takes and answers (`@Describes`); the OpenAPI document has it without a further line.
 */
export function AdminResource(path: string): ClassDecorator {
  return applyDecorators(
    endpoint(ADMINISTRATION, `${ADMINISTRATION_PATH}/${path}`),
    UseGuards(BearerGuard, RequestShapeGuard),
    UseInterceptors(SendsAnswer),
  );
}

export function isAdminResource(controller: object): boolean {
  return kindOf(controller) === ADMINISTRATION;
}
