import type { FastifyRequest } from 'fastify';
import { OAuthError } from '#kernel/errors.js';
import { Secret } from '#kernel/secrets.js';
import type { Form } from '../http/form.js';
import { NoBearerToken } from '../http/http-error.js';

const SCHEME = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/**
 * The access token of a request, from the header (RFC 6750 §2.1) or the form (§2.2), never from the URL. Throws
 * `NoBearerToken` where there is none, `OAuthError` where there are two or a malformed one.
 */
export function bearerToken(request: FastifyRequest, form?: Form): Secret {
  const { authorization } = request.headers;
  const inForm = form?.get('access_token');
  if (authorization !== undefined && inForm !== undefined) {
    throw new OAuthError('invalid_request', 'The access token was sent in the header and in the body.');
  }
  if (inForm !== undefined) return new Secret(inForm);
  if (authorization === undefined || !/^Bearer( |$)/i.test(authorization)) throw new NoBearerToken();
  const token = SCHEME.exec(authorization)?.[1];
  if (token === undefined) throw new OAuthError('invalid_request', 'The Authorization header is malformed.');
  return new Secret(token);
}
