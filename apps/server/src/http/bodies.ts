/**
 * Turns bodies and query strings into values, or refuses them. A form becomes a `Form`. JSON becomes plain data if the kind of
 * the endpoint takes JSON. Every other body is a 415. No other file reads bytes.
 */
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Form, type FormProblem } from './form.js';
import { HttpError } from './http-error.js';
import { repeatedMember } from './json-members.js';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPES = ['application/json', 'application/merge-patch+json'];
const BROKEN_CHARACTER = /\0|\p{Surrogate}/u;

const PROBLEMS: Readonly<Record<FormProblem, string>> = {
  'invalid-utf8': 'the parameters are not valid UTF-8',
  'invalid-percent-encoding': 'the parameters are not percent-encoded as they must be',
  nul: 'the parameters contain a NUL character',
  'too-many-parameters': 'there are too many parameters',
  'name-too-long': 'the name of a parameter is too long',
  'value-too-long': 'the value of a parameter is too long',
};

export function readBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(FORM, { parseAs: 'buffer' }, (_request, body, done) => {
    const form = Form.parse(body);
    if (form instanceof Form) done(null, form);
    else done(new HttpError(400, PROBLEMS[form]));
  });
  fastify.addContentTypeParser(JSON_TYPES, { parseAs: 'buffer' }, (request, body, done) => {
    try {
      done(null, readJson(request, Buffer.from(body)));
    } catch (error) {
      done(error instanceof HttpError ? error : new HttpError(400, 'the body is not JSON'));
    }
  });
}

function readJson(request: FastifyRequest, body: Buffer): unknown {
  if (request.routeOptions.config.kind?.body !== 'json') throw new HttpError(415, `the body must be ${FORM}`);
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw new HttpError(400, 'the body is not valid UTF-8');
  const text = body.toString();
  const document: unknown = JSON.parse(text, refuseHostile);
  if (repeatedMember(text) !== undefined) throw new HttpError(400, 'the body names a field twice');
  return document;
}

/** A reviver of `JSON.parse`, which is called for every key and value of the document. */
function refuseHostile(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new HttpError(400, 'the body has a field named __proto__');
  if (BROKEN_CHARACTER.test(key) || (typeof value === 'string' && BROKEN_CHARACTER.test(value))) {
    throw new HttpError(400, 'the body contains a NUL character or half of a surrogate pair');
  }
  return value;
}

/** For the router. A problem of the query string stands in place of the form until `refuseBadRequests` answers it. */
export function parseQuery(query: string): Record<string, unknown> {
  return Form.parse(query) as unknown as Record<string, unknown>;
}

/** Refuses targets and encodings that only a broken or hostile client sends, before any handler runs. */
export function refuseBadRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    done(problemOf(request));
  });
}

function problemOf({ raw, query, headers }: FastifyRequest): HttpError | undefined {
  const { url = '', httpVersion } = raw;
  if (typeof query === 'string') return new HttpError(400, PROBLEMS[query as FormProblem]);
  // RFC 9112 §3.2.
  if (headers.host === undefined && httpVersion !== '1.0') return new HttpError(400, 'the request has no Host header');
  if (!/^[\x21-\x7e]*$/.test(url)) return new HttpError(400, 'the request target is not ASCII');
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return new HttpError(415, 'the body must not be compressed');
  const [path = ''] = url.split('?', 1);
  return isDecodable(path) ? undefined : new HttpError(400, 'the path is not percent-encoded UTF-8, or contains a NUL character');
}

function isDecodable(path: string): boolean {
  try {
    return !decodeURIComponent(path).includes('\0');
  } catch {
    return false;
  }
}

/** The parameters of the query string. `refuseBadRequests` has answered its problems before any handler runs. */
export function queryOf(request: FastifyRequest): Form {
  if (request.query instanceof Form) return request.query;
  throw new HttpError(400, 'the query string could not be read');
}

/** The form in the body. A POST without a body is an empty form. The parsers have refused bodies of other types. */
export function formOf(request: FastifyRequest): Form {
  if (request.body instanceof Form) return request.body;
  const empty = Form.parse('');
  if ((request.body === undefined || request.body === null) && empty instanceof Form) return empty;
  throw new HttpError(415, `the body must be ${FORM}`);
}
