import { applyDecorators, Controller, SetMetadata, UseGuards, UseInterceptors } from '@nestjs/common';
import { ADMINISTRATION_PATH, BearerGuard } from './bearer.guard.js';
import { SendsAnswer } from './answer.js';
import { RequestShapeGuard } from './request-shape.guard.js';

const RESOURCE = 'gatehouse:admin-resource';

/**
 * A controller of the administration API, under `/admin/v1/<path>`. Each of its routes says which scope it requires
 * (`@RequiresScope`) and what it takes and answers (`@Describes`); the OpenAPI document has it without a further line.
 */
export function AdminResource(path: string): ClassDecorator {
  return applyDecorators(
    Controller(`${ADMINISTRATION_PATH}/${path}`),
    SetMetadata(RESOURCE, true),
    UseGuards(BearerGuard, RequestShapeGuard),
    UseInterceptors(SendsAnswer),
  );
}

export function isAdminResource(controller: object): boolean {
  return Reflect.getMetadata(RESOURCE, controller) === true;
}
