/** Strong entity tags, and the preconditions on them (RFC 9110 §8.8, §13.1). */
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

export interface Versioned {
  readonly created_at: Date;
  readonly version: number;
}

/** With the time of creation, so that the tag of a removed resource never fits its successor under the same name. */
export function etagOf({ version, created_at }: Versioned): string {
  return `"${String(version)}-${created_at.getTime().toString(36)}"`;
}

/** The tag of a representation that has no version of its own, such as a page of a list. */
export function contentEtag(body: unknown): string {
  return `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 27)}"`;
}

/** Throws if the writer does not say which version they have seen (428), or has seen another one (412). */
export function requireIfMatch(request: FastifyRequest, current: Versioned): void {
  const header = request.headers['if-match'];
  if (header === undefined) throw new Problem('precondition-required', 'send If-Match with the ETag that you have seen');
  if (!matches(header, etagOf(current))) throw stale();
}

/** Throws if the writer means a version of what is not there (RFC 9110 §13.1.1). */
export function refuseIfMatch(request: FastifyRequest): void {
  if (request.headers['if-match'] !== undefined) throw stale();
}

/** Whether the writer wants to create and nothing else: `If-None-Match: *`. */
export function createsOnly(request: FastifyRequest): boolean {
  return request.headers['if-none-match']?.trim() === '*';
}

export function stale(): Problem {
  return new Problem('precondition-failed', 'the resource is not in the state that the request names; read it again');
}

/** Strong comparison: a weak tag fits nothing. */
function matches(header: string, etag: string): boolean {
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim() === etag);
}
