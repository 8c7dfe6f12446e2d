/**
 * An endpoint kind fixes what all its endpoints have in common: bodies, CSRF, headers and the document of an error. A decorator
 * on the controller gives it a kind. Each room declares its own kinds with the renderers of their errors.
 */
import { applyDecorators, Controller, SetMetadata } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, RouteOptions } from 'fastify';
import type { Challenge, ErrorAnswer } from './error-answer.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Undefined if no route fits the request. */
    readonly kind?: EndpointKind;
  }
}

export interface EndpointKind {
  /** For sentences: “page”, “OAuth endpoint”. */
  readonly name: string;
  /** A kind with `none` may only have routes of GET and HEAD, so no form can bypass the CSRF check. */
  readonly body: 'form' | 'json' | 'none';
  /** If absent, every form needs a CSRF token. */
  readonly formsFromAnywhere?: true;
  /** Headers of every answer that is not an error. An error is always `no-store`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The origins whose scripts may read the answers (Fetch §3.3). If absent, none. */
  readonly cors?: 'any-origin';
  /** The credentials that an error asks for. */
  readonly challenge: Challenge;
  readonly renderError: (reply: FastifyReply, report: ErrorReport) => Promise<void>;
  /** The paths whose errors this kind renders if no route fits. `*` at the end is a prefix match. The longest pattern wins. */
  readonly answersFor: readonly string[];
}

/** All that a document about an error can show. */
export interface ErrorReport {
  readonly error: unknown;
  readonly answer: ErrorAnswer;
  readonly traceId: string;
  /** RFC 6749 §5.2 */
  readonly errorUri: string;
}

export const NO_STORE = { 'cache-control': 'no-store' } as const;

const KIND = 'gatehouse:endpoint-kind';

/** Replaces `@Controller`: all routes of the class are endpoints of this kind. */
export function endpoint(kind: EndpointKind, path: string): ClassDecorator {
  return applyDecorators(Controller(path), SetMetadata(KIND, kind), (controller: object) => setKindOfRoutes(controller, kind));
}

/** Undefined if the class is not an endpoint. */
export function kindOf(controller: object): EndpointKind | undefined {
  return Reflect.getMetadata(KIND, controller) as EndpointKind | undefined;
}

/** Nest passes the configuration of a method to Fastify. The HEAD route that Fastify adds to a GET route gets the same one. */
function setKindOfRoutes(controller: object, kind: EndpointKind): void {
  const { prototype } = controller as { readonly prototype: object };
  for (const { value } of Object.values(Object.getOwnPropertyDescriptors(prototype)) as { readonly value?: unknown }[]) {
    if (typeof value === 'function' && Reflect.hasMetadata(PATH_METADATA, value)) RouteConfig({ kind })(value);
  }
}

/** A route without a kind would accept forms without a CSRF token, so it stops the start. Call this before routes are added. */
export function requireKinds(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    const problem = problemOf(route);
    if (problem !== undefined) throw new Error(problem);
  });
}

function problemOf({ config, handler, method, url }: RouteOptions): string | undefined {
  // Nest names a handler `<class>.<method>`.
  const [controller] = handler.name.split('.', 1);
  const route = `${handler.name} (${String(method)} ${url})`;
  const kind = config?.kind;
  if (kind === undefined) {
    return `${route} is an endpoint without a kind. Write @Page, @OAuthEndpoint, @AdminResource `
      + `or another decorator of an endpoint kind on ${String(controller)}, in place of @Controller.`;
  }
  if (kind.body !== 'none' || [method].flat().every((one) => one === 'GET' || one === 'HEAD')) return undefined;
  return `${route} must be GET or HEAD: the kind of ${String(controller)} is “${kind.name}”, which takes no body. `
    + `Give ${String(controller)} a kind that takes one.`;
}

/** Runs just before the handler, so a request that is refused earlier gets only the headers of an error. */
export function setHeadersOfKinds(fastify: FastifyInstance): void {
  fastify.addHook('preHandler', (request, reply, done) => {
    const { kind } = request.routeOptions.config;
    if (kind !== undefined) void reply.headers(kind.headers);
    if (kind?.cors === 'any-origin') void reply.header('access-control-allow-origin', '*');
    done();
  });
}
