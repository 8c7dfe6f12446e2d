/** Status, code, text and headers of the answer to an error, for every document that renders it. Pure; the texts are public. */
import { AuthenticationBusy } from '#authentication/contracts.js';
import { DatabaseUnavailable, OAuthError, type OAuthErrorCode } from '#kernel/errors.js';
import { HttpError, NoBearerToken } from './http-error.js';

export interface ErrorAnswer {
  readonly status: number;
  /** RFC 6749 §5.2, or `server_error` and `temporarily_unavailable` of §4.1.2.1. */
  readonly code: OAuthErrorCode | 'server_error' | 'temporarily_unavailable';
  readonly description: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The credentials that the endpoint asks for in `WWW-Authenticate`: those of a client (RFC 6749 §5.2), or an access token
 * (RFC 6750 §3).
 */
export type Challenge = 'basic' | 'bearer' | 'none';

const REALM = 'realm="gatehouse"';
const MAX_RETRY_SECONDS = 5;

/** `chance` is a number in [0, 1): it spreads the retries of callers after the database was unavailable. */
export function answerTo(error: unknown, challenge: Challenge, chance: number): ErrorAnswer {
  if (error instanceof OAuthError) return protocolAnswer(error, challenge);
  if (error instanceof NoBearerToken) {
    const headers = { 'www-authenticate': `Bearer ${REALM}` };
    return { status: 401, code: 'invalid_token', description: 'an access token is required', headers };
  }
  if (error instanceof DatabaseUnavailable) {
    const description = 'the server cannot reach its database; try again';
    return { status: 503, code: 'temporarily_unavailable', description, headers: retryAfter(chance) };
  }
  if (error instanceof AuthenticationBusy) {
    const description = 'the server has more sign-ins than it can check; try again';
    return { status: 503, code: 'temporarily_unavailable', description, headers: retryAfter(chance) };
  }
  const refusal = error instanceof HttpError ? error : frameworkRefusal(error);
  if (refusal === undefined) return { status: 500, code: 'server_error', description: 'the server failed', headers: {} };
  // An endpoint that authenticates clients answers a wrong request with 400 (RFC 6749 §5.2).
  const status = challenge === 'basic' && refusal.status === 415 ? 400 : refusal.status;
  return { status, code: 'invalid_request', description: refusal.description, headers: refusal.headers };
}

function retryAfter(chance: number): Readonly<Record<string, string>> {
  return { 'retry-after': String(1 + Math.floor(chance * MAX_RETRY_SECONDS)) };
}

function protocolAnswer({ code, description }: OAuthError, challenge: Challenge): ErrorAnswer {
  if (challenge === 'bearer') {
    const status = code === 'invalid_token' ? 401 : code === 'insufficient_scope' ? 403 : 400;
    const value = `Bearer ${REALM}, error="${code}", error_description="${quotable(description)}"`;
    return { status, code, description, headers: { 'www-authenticate': value } };
  }
  if (challenge === 'none' || code !== 'invalid_client') return { status: 400, code, description, headers: {} };
  return { status: 401, code, description, headers: { 'www-authenticate': `Basic ${REALM}` } };
}

/** Replaces the characters that a quoted string of a challenge must not have (RFC 6750 §3). */
function quotable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]|["\\]/g, "'");
}

const FRAMEWORK_SENTENCES: Readonly<Record<string, string>> = {
  FST_ERR_BAD_URL: 'the path is not valid',
  FST_ERR_CTP_BODY_TOO_LARGE: 'the body is larger than 64 KiB',
  FST_ERR_CTP_EMPTY_TYPE: 'the body has no media type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'the body is not as long as its Content-Length says',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'the media type of the body is not supported here',
  FST_ERR_MAX_PARAM_LENGTH: 'a part of the path is too long',
  FST_CSRF_INVALID_TOKEN: 'the form was not sent from the page that this browser was shown: go back, reload the page and try again',
  FST_CSRF_MISSING_SECRET: 'the form was sent without the cookies of this browser: go back, reload the page and try again',
};

/** A refusal by Fastify, one of its plugins or Nest, with a sentence of ours. Undefined for any other error. */
function frameworkRefusal(error: unknown): HttpError | undefined {
  if (!(error instanceof Error)) return undefined;
  // Nest wraps the error of a plugin in one of its own.
  const { code, statusCode, status } = (error.cause ?? error) as { code?: unknown; statusCode?: unknown; status?: unknown };
  const number = typeof statusCode === 'number' ? statusCode : status;
  if (typeof number !== 'number' || number < 400 || number > 499) return undefined;
  const sentence = typeof code === 'string' ? FRAMEWORK_SENTENCES[code] : undefined;
  return new HttpError(number, sentence ?? 'the request cannot be understood');
}
