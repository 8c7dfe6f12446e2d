/** The OpenAPI 3.1 document, out of the routes as Nest knows them and what is described beside each. */
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner } from '@nestjs/core';
import { ADMINISTRATION_SCOPES } from '#client-registry/contracts.js';
import type { JsonSchema } from '#document/json.js';
import { scopeOf } from './bearer.guard.js';
import { isAdminResource } from './admin-resource.js';
import { type NamedSchema, type Operation, operationOf } from './operation.js';
import { bodyTypes } from './request-shape.guard.js';

type Controller = abstract new (...args: never[]) => unknown;

interface Route {
  readonly path: string;
  readonly method: string;
  readonly id: string;
  /** Undefined if everyone may call. */
  readonly scope: string | undefined;
  readonly operation: Operation;
}

/** Throws if a route of the administration is not described. */
export function openApiDocument(controllers: readonly unknown[], issuer: string): Readonly<Record<string, unknown>> {
  const routes = controllers.filter(isController).filter(isAdminResource).flatMap(routesOf);
  const paths: Record<string, Record<string, unknown>> = {};
  const schemas: Record<string, JsonSchema> = { Problem: PROBLEM };
  for (const route of routes.sort((a, b) => a.path.localeCompare(b.path))) {
    paths[route.path] = { ...paths[route.path], [route.method]: describe(route) };
    for (const { name, schema } of schemasOf(route.operation)) schemas[name] = schema;
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Gatehouse administration', version: '1', description: 'For administrators and their scripts.' },
    servers: [{ url: issuer }],
    paths,
    components: { schemas, securitySchemes: { administration: securityScheme(issuer) } },
  };
}

const TEXT: JsonSchema = { type: 'string' };

const PROBLEM: JsonSchema = {
  type: 'object',
  description: 'RFC 9457.',
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    trace_id: { type: 'string', description: 'For the administrator, to find the request in the log.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { pointer: { type: 'string' }, rule: { type: 'string' }, detail: { type: 'string' } },
        required: ['pointer', 'rule', 'detail'],
      },
    },
  },
  required: ['type', 'title', 'status', 'detail', 'trace_id'],
};

function isController(candidate: unknown): candidate is Controller {
  return typeof candidate === 'function';
}

function routesOf(controller: Controller): readonly Route[] {
  const prototype = controller.prototype as Readonly<Record<string, object>>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    const path: unknown = handler && Reflect.getMetadata(PATH_METADATA, handler);
    if (handler === undefined || typeof path !== 'string') return [];
    const operation = operationOf(handler);
    const scope = scopeOf(handler);
    const id = `${controller.name.replace(/Controller$/, '')}.${name}`;
    if (operation === undefined || scope === undefined) throw new Error(`${id} is not described`);
    const method = RequestMethod[Number(Reflect.getMetadata(METHOD_METADATA, handler))]?.toLowerCase() ?? '';
    const base = String(Reflect.getMetadata(PATH_METADATA, controller));
    return [{ path: template(base, path), method, id, scope: scope === 'none' ? undefined : scope, operation }];
  });
}

/** `/admin/v1/clients/:client_id` as `/admin/v1/clients/{client_id}`. */
function template(...parts: readonly string[]): string {
  const segments = parts.flatMap((part) => part.split('/')).filter((segment) => segment !== '');
  return `/${segments.map((segment) => segment.replace(/^:(\w+)/, '{$1}')).join('/')}`;
}

function describe({ path, id, scope, operation }: Route): Readonly<Record<string, unknown>> {
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: TEXT })),
    ...Object.entries(operation.query ?? {}).map(([name, parameter]) => ({ name, in: 'query', ...parameter })),
    ...Object.entries(operation.headers ?? {}).map(([name, description]) => ({ name, in: 'header', description, schema: TEXT })),
  ];
  const { body } = operation;
  const content = body && Object.fromEntries(bodyTypes(body).map((type) => [type, json(body.schema)]));
  return {
    operationId: id,
    summary: operation.summary,
    parameters,
    ...(content && { requestBody: { required: true, content } }),
    responses: responses(operation, scope),
    security: scope === undefined ? [] : [{ administration: [scope] }],
  };
}

function responses({ answers, problems = [], body }: Operation, scope: string | undefined): Readonly<Record<string, unknown>> {
  const refusals = new Set([...problems, ...(scope === undefined ? [] : [401, 403]), ...(body === undefined ? [] : [400, 413, 415])]);
  return {
    ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, {
      description: answer.description,
      ...(answer.headers && { headers: describeHeaders(answer.headers) }),
      ...(answer.body && { content: { 'application/json': json(answer.body) } }),
    }])),
    ...Object.fromEntries([...refusals].map((status) => [status, problemResponse])),
    default: problemResponse,
  };
}

const problemResponse = {
  description: 'A problem document.',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

function describeHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(headers).map(([name, description]) => [name, { description, schema: TEXT }]));
}

function json({ name }: NamedSchema): Readonly<Record<string, unknown>> {
  return { schema: { $ref: `#/components/schemas/${name}` } };
}

function schemasOf({ body, answers }: Operation): readonly NamedSchema[] {
  const answered = Object.values(answers).flatMap((answer) => (answer.body === undefined ? [] : [answer.body]));
  return body === undefined ? answered : [body.schema, ...answered];
}

function securityScheme(issuer: string): Readonly<Record<string, unknown>> {
  const scopes = Object.fromEntries(ADMINISTRATION_SCOPES.map((scope) => [scope, `Calls that require ${scope}.`]));
  return { type: 'oauth2', flows: { clientCredentials: { tokenUrl: `${issuer}/oauth/v2/oauth-token`, scopes } } };
}
