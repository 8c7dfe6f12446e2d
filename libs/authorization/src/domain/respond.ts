import type { OAuthError } from '#kernel/errors.js';
import type { Secret } from '#kernel/secrets.js';
import type { AuthorizationResponse } from '../contracts.js';
import type { AuthorizationRequest } from './read-request.js';

type Origin = Pick<AuthorizationRequest, 'redirectUri' | 'responseMode' | 'state'>;

/** The answer with the code (RFC 6749 §4.1.2, RFC 9207 §2). */
export function respondWithCode(to: Origin, code: Secret, issuer: string): AuthorizationResponse {
  return respond(to, [['code', code.reveal()]], issuer);
}

/** The answer with an error (RFC 6749 §4.1.2.1, RFC 9207 §2). */
export function respondWithError(to: Origin, error: OAuthError, issuer: string): AuthorizationResponse {
  return respond(
    to,
    [
      ['error', error.code],
      ['error_description', error.description],
    ],
    issuer,
  );
}

function respond(to: Origin, parameters: AuthorizationResponse['parameters'], issuer: string): AuthorizationResponse {
  const state: AuthorizationResponse['parameters'] = to.state === undefined ? [] : [['state', to.state]];
  return { redirectUri: to.redirectUri, responseMode: to.responseMode, parameters: [...parameters, ...state, ['iss', issuer]] };
}
