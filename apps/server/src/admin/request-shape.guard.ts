import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { JsonObject } from '#document/json.js';
import { queryOf } from '../http/bodies.js';
import { Form } from '../http/form.js';
import { type Operation, operationOf } from './operation.js';
import { Problem } from './problem.js';

const JSON_TYPE = ['application/json'];

/** Holds a request against the description of its route: what it does not name is refused, not dropped. */
@Injectable()
export class RequestShapeGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const operation = operationOf(context.getHandler());
    if (operation === undefined) throw new Error(`${context.getClass().name}.${context.getHandler().name} is not described`);
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    checkQuery(queryOf(request), operation);
    if (operation.body !== undefined) checkBody(request, bodyTypes(operation.body));
    else if (hasBody(request)) throw new Problem('invalid-body', 'this request takes no body');
    return true;
  }
}

export function bodyTypes({ types = JSON_TYPE }: NonNullable<Operation['body']>): readonly string[] {
  return types;
}

/** The body, a JSON object. */
export const JsonDocument = createParamDecorator((_data: unknown, context: ExecutionContext): JsonObject => {
  const { body } = context.switchToHttp().getRequest<FastifyRequest>();
  // RequestShapeGuard has refused everything else.
  return body as JsonObject;
});

function checkQuery(query: Form, { query: known = {} }: Operation): void {
  for (const [name] of query.entries()) {
    if (!Object.hasOwn(known, name)) throw new Problem('invalid-parameter', `there is no parameter ${JSON.stringify(name)} here`);
  }
  const [twice] = query.duplicates;
  if (twice !== undefined) throw new Problem('invalid-parameter', `${twice} was sent twice`);
}

function checkBody({ headers, body }: FastifyRequest, types: readonly string[]): void {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== undefined && !types.includes(type)) {
    throw new Problem('unsupported-media-type', `the body must be ${types.join(' or ')}`, { headers: { accept: types.join(', ') } });
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body) || body instanceof Form) {
    throw new Problem('invalid-body', 'the body must be a JSON object');
  }
}

function hasBody({ body }: FastifyRequest): boolean {
  return body !== undefined && body !== null;
}
