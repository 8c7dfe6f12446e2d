import type { FastifyRequest } from 'fastify';
import { OAuthError } from '#kernel/errors.js';
import { formOf, queryOf } from '../http/bodies.js';
import type { Form } from '../http/form.js';

/** Proxies and browsers store URLs (RFC 6749 §2.3.1). */
const NEVER_IN_A_URL = ['client_id', 'client_secret', 'code', 'code_verifier', 'refresh_token'];

/** The form of a request to an OAuth endpoint. Throws `invalid_request` for a secret in the URL and for a repeated parameter. */
export function protocolForm(request: FastifyRequest): Form {
  const form = formOf(request);
  const query = queryOf(request);
  for (const name of NEVER_IN_A_URL) {
    if (query.has(name)) throw new OAuthError('invalid_request', `${name} must not be in the query string.`);
  }
  return withoutDuplicates(form);
}

/** RFC 6749 §3.2: a request must not contain a parameter more than once. */
export function withoutDuplicates(form: Form): Form {
  if (form.duplicates.length > 0) throw new OAuthError('invalid_request', 'A parameter was sent more than once.');
  return form;
}

/** The result of a use case; throws the error that it returned. */
export function resultOf<T>(result: T | OAuthError): T {
  if (result instanceof OAuthError) throw result;
  return result;
}
