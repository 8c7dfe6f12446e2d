import type { Client } from '#client-registry/contracts.js';
import { type Check, firstError } from '#kernel/check.js';
import { OAuthError } from '#kernel/errors.js';
import { type Prompt, PROMPTS, RESPONSE_MODES, RESPONSE_TYPES, type ResponseMode } from '#kernel/protocol-names.js';
import { isWithinScope, parseScope } from '#kernel/scope.js';
import { type ClaimsRequest, readClaimsRequest } from './claims-request.js';
import { type CodeChallenge, isCodeChallenge } from './pkce.js';
import type { RedirectTarget } from './redirect-target.js';

interface Sent {
  readonly values: ReadonlyMap<string, string>;
  /** Names of parameters that were sent more than once. */
  readonly repeated: readonly string[];
  readonly client: Client;
}

type Read<T> = T | OAuthError;

interface Reader<T> {
  /** Stable: documentation and traces name the reader by it, like a {@link Check}. */
  readonly id: string;
  readonly section: string;
  readonly read: (sent: Sent) => Read<T>;
}

/**
 * Longest values, in characters. A sender of requests that are never answered has these stored for the lifetime of a request. A
 * parameter that is not listed is bound by a list of the client's or of ours, or is not stored.
 */
export const LIMITS = { state: 4096, nonce: 1024, claims: 4096, login_hint: 512, ui_locales: 512, acr_values: 1024 } as const;
const LIMITED = Object.entries(LIMITS);

/** What is checked first, in this order, after the client and the redirect URI. The first error goes back to the client. */
export const REQUEST_CHECKS: readonly Check<Sent>[] = [
  { id: 'parameters-once', section: 'RFC 6749 §3.1', error: repeatedParameter },
  { id: 'parameter-lengths', section: 'RFC 6749 §4.1.2.1', error: tooLongParameter },
  { id: 'request-object', section: 'OIDC Core §6', error: requestObject },
  { id: 'grant-type-allowed', section: 'RFC 6749 §4.1.2.1', error: grantTypeNotAllowed },
  { id: 'response-type', section: 'RFC 6749 §3.1.1', error: wrongResponseType },
];

/** What is read next, in this order: each member of the request by the one that checks it. */
export const REQUEST_READERS = {
  responseMode: { id: 'response-mode', section: 'Multiple Response Types §2.1', read: readResponseMode },
  scope: { id: 'scope', section: 'RFC 6749 §3.3', read: readScope },
  codeChallenge: { id: 'code-challenge', section: 'RFC 7636 §4.3', read: readCodeChallenge },
  prompts: { id: 'prompt', section: 'OIDC Core §3.1.2.1', read: readPrompts },
  maxAge: { id: 'max-age', section: 'OIDC Core §3.1.2.1', read: readMaxAge },
  claims: { id: 'claims', section: 'OIDC Core §5.5', read: readClaims },
  state: { id: 'state', section: 'RFC 6749 §4.1.1', read: readParameter('state') },
  nonce: { id: 'nonce', section: 'OIDC Core §3.1.2.1', read: readParameter('nonce') },
  loginHint: { id: 'login-hint', section: 'OIDC Core §3.1.2.1', read: readParameter('login_hint') },
  uiLocales: { id: 'ui-locales', section: 'OIDC Core §3.1.2.1', read: readUiLocales },
} as const satisfies Readonly<Record<string, Reader<unknown>>>;

type Members = { readonly [K in keyof typeof REQUEST_READERS]: Exclude<ReturnType<(typeof REQUEST_READERS)[K]['read']>, OAuthError> };

/** An authorization request that passed every check, in the words of RFC 6749 §4.1.1 and OIDC Core §3.1.2.1. */
export interface AuthorizationRequest extends RedirectTarget, Members {
  readonly clientId: string;
  /** The user that the client expects, by its `id_token_hint`. */
  readonly hintedSub: string | undefined;
}

const IN_ORDER: readonly (readonly [string, Reader<unknown>])[] = Object.entries(REQUEST_READERS);

/** The request, or the error that goes back to the client by redirect. */
export function readRequest(sent: Sent, target: RedirectTarget, hintedSub: string | undefined): Read<AuthorizationRequest> {
  const error = firstError(REQUEST_CHECKS, sent);
  if (error !== undefined) return error;
  const members: Record<string, unknown> = {};
  for (const [name, { read }] of IN_ORDER) {
    const value = read(sent);
    if (value instanceof OAuthError) return value;
    members[name] = value;
  }
  return { ...target, ...(members as unknown as Members), clientId: sent.client.client_id, hintedSub };
}

/** How an error is returned before the response mode is known to be good. */
export function responseModeForErrors({ values, repeated }: Pick<Sent, 'values' | 'repeated'>): ResponseMode {
  const asked = RESPONSE_MODES.find((mode) => mode === values.get('response_mode'));
  return asked !== undefined && !repeated.includes('response_mode') ? asked : 'query';
}

function repeatedParameter({ repeated }: Sent): OAuthError | undefined {
  const [name] = repeated;
  return name === undefined ? undefined : refuse(`${printable(name)} was sent more than once.`);
}

function tooLongParameter({ values }: Sent): OAuthError | undefined {
  const tooLong = LIMITED.find(([name, limit]) => (values.get(name)?.length ?? 0) > limit);
  return tooLong === undefined ? undefined : refuse(`${tooLong[0]} has more than ${String(tooLong[1])} characters.`);
}

function requestObject({ values }: Sent): OAuthError | undefined {
  if (values.has('request')) return new OAuthError('request_not_supported', 'Request objects are not supported.');
  if (values.has('request_uri')) return new OAuthError('request_uri_not_supported', 'request_uri is not supported.');
  return undefined;
}

function grantTypeNotAllowed({ client }: Sent): OAuthError | undefined {
  return client.grant_types.includes('authorization_code')
    ? undefined
    : new OAuthError('unauthorized_client', 'The client may not use the authorization code flow.');
}

function wrongResponseType({ values }: Sent): OAuthError | undefined {
  const responseType = values.get('response_type');
  if (responseType === undefined) return refuse('response_type is required.');
  if (RESPONSE_TYPES.some((type) => type === responseType)) return undefined;
  return new OAuthError('unsupported_response_type', `response_type must be one of: ${RESPONSE_TYPES.join(', ')}.`);
}

function readParameter(name: string): (sent: Sent) => string | undefined {
  return ({ values }) => values.get(name);
}

function readUiLocales({ values }: Sent): readonly string[] {
  return (values.get('ui_locales') ?? '').split(' ').filter((locale) => locale !== '');
}

function readResponseMode({ values }: Sent): Read<ResponseMode> {
  const asked = values.get('response_mode');
  if (asked === undefined) return 'query';
  return RESPONSE_MODES.find((mode) => mode === asked) ?? refuse(`response_mode must be one of: ${RESPONSE_MODES.join(', ')}.`);
}

function readScope({ values, client }: Sent): Read<readonly string[]> {
  const asked = values.get('scope') ?? client.default_scope;
  if (asked === '') return [];
  const scope = parseScope(asked);
  if (scope === 'malformed') return new OAuthError('invalid_scope', 'scope is malformed.');
  return isWithinScope(scope, client.scope.split(' '))
    ? scope
    : new OAuthError('invalid_scope', 'The client may not ask for every one of these scopes.');
}

/** Also RFC 7636 §4.4.1 and RFC 9700 §2.1.1. */
function readCodeChallenge({ values, client }: Sent): Read<CodeChallenge | undefined> {
  const challenge = values.get('code_challenge');
  const method = values.get('code_challenge_method');
  if (challenge === undefined) {
    if (method !== undefined) return refuse('code_challenge_method was sent without code_challenge.');
    const required = client.require_pkce || client.token_endpoint_auth_method === 'none';
    return required ? refuse('code_challenge is required for this client.') : undefined;
  }
  const allowed = client.code_challenge_methods.find((each) => each === (method ?? 'plain'));
  if (allowed === undefined) {
    return refuse(`code_challenge_method must be one of: ${client.code_challenge_methods.join(', ')}; it is plain where it is left out.`);
  }
  return isCodeChallenge(challenge)
    ? { challenge, method: allowed }
    : refuse('code_challenge must have 43 to 128 characters of A-Z, a-z, 0-9, -, ., _ and ~.');
}

function readPrompts({ values }: Sent): Read<readonly Prompt[]> {
  const asked = (values.get('prompt') ?? '').split(' ').filter((prompt) => prompt !== '');
  const prompts = PROMPTS.filter((prompt) => asked.includes(prompt));
  if (asked.some((prompt) => !prompts.some((known) => known === prompt))) {
    return refuse(`prompt must be made of: ${PROMPTS.join(', ')}.`);
  }
  return prompts.includes('none') && prompts.length > 1 ? refuse('prompt none stands alone.') : prompts;
}

function readMaxAge({ values, client }: Sent): Read<number | undefined> {
  const asked = values.get('max_age');
  if (asked === undefined) return client.default_max_age ?? undefined;
  return /^\d{1,9}$/.test(asked) ? Number(asked) : refuse('max_age must be a number of seconds.');
}

function readClaims({ values }: Sent): Read<ClaimsRequest | undefined> {
  const asked = values.get('claims');
  if (asked === undefined) return undefined;
  return readClaimsRequest(asked) ?? refuse('claims must be a JSON object with the members id_token and userinfo.');
}

function refuse(description: string): OAuthError {
  return new OAuthError('invalid_request', description);
}

/** A parameter's name comes from outside; error_description is printable ASCII (RFC 6749 §4.1.2.1). */
function printable(name: string): string {
  return /^[\w.-]{1,64}$/.test(name) ? name : 'A parameter';
}
