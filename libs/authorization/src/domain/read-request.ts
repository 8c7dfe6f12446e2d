import type { Client } from '#client-registry/contracts.js';
import { OAuthError } from '#kernel/errors.js';
import {
  type CodeChallengeMethod,
  type Prompt,
  PROMPTS,
  RESPONSE_MODES,
  RESPONSE_TYPES,
  type ResponseMode,
} from '#kernel/protocol-names.js';
import { isWithinScope, parseScope } from '#kernel/scope.js';
import type { AuthorizationRequest, CodeChallenge, RedirectTarget } from './authorization-request.js';
import { readClaimsRequest } from './claims-request.js';
import { isCodeChallenge } from './pkce.js';

interface Sent {
  readonly values: ReadonlyMap<string, string>;
  readonly repeated: readonly string[];
  readonly client: Client;
}

type Read<T> = T | OAuthError;

/**
 * Characters that a parameter may have. Whoever sends requests that nobody answers has these stored for the lifetime of a
 * request; what is not listed is bound by a list of the client's or of ours, or not stored.
 */
export const LIMITS = { state: 4096, nonce: 1024, claims: 4096, login_hint: 512, ui_locales: 512, acr_values: 1024 } as const;
const LIMITED = Object.entries(LIMITS);

/**
 * Every check of an authorization request after its client and redirect URI, in the order in which they run: each reads one
 * thing, or refuses. The first refusal goes back to the client.
 */
const readers = {
  once: readOnce,
  sizes: readSizes,
  requestObject: readNoRequestObject,
  grantType: readGrantType,
  responseType: readResponseType,
  responseMode: readResponseMode,
  scope: readScope,
  codeChallenge: readCodeChallenge,
  prompts: readPrompts,
  maxAge: readMaxAge,
  claims: readClaims,
} as const satisfies Record<string, (sent: Sent) => unknown>;

const IN_ORDER: readonly (readonly [string, (sent: Sent) => unknown])[] = Object.entries(readers);

type Details = { [K in keyof typeof readers]: Exclude<ReturnType<(typeof readers)[K]>, OAuthError> };

/** The request, or the error that goes back to the client by redirect. */
export function readRequest(sent: Sent, target: RedirectTarget, hintedSub: string | undefined): Read<AuthorizationRequest> {
  const details: Record<string, unknown> = {};
  for (const [name, read] of IN_ORDER) {
    const value: unknown = read(sent);
    if (value instanceof OAuthError) return value;
    details[name] = value;
  }
  const { responseMode, scope, codeChallenge, prompts, maxAge, claims } = details as unknown as Details;
  const { values } = sent;
  return {
    ...target,
    clientId: sent.client.client_id,
    responseMode,
    scope,
    codeChallenge,
    prompts,
    maxAge,
    claims,
    hintedSub,
    state: values.get('state'),
    nonce: values.get('nonce'),
    loginHint: values.get('login_hint'),
    uiLocales: (values.get('ui_locales') ?? '').split(' ').filter((locale) => locale !== ''),
  };
}

/** How an error can be returned before the response mode is known to be good. */
export function responseModeForErrors({ values, repeated }: Pick<Sent, 'values' | 'repeated'>): ResponseMode {
  const asked = RESPONSE_MODES.find((mode) => mode === values.get('response_mode'));
  return asked !== undefined && !repeated.includes('response_mode') ? asked : 'query';
}

/** RFC 6749 §3.1 */
function readOnce({ repeated }: Sent): Read<undefined> {
  const [name] = repeated;
  return name === undefined ? undefined : refuse(`${printable(name)} was sent more than once.`);
}

function readSizes({ values }: Sent): Read<undefined> {
  const tooLong = LIMITED.find(([name, limit]) => (values.get(name)?.length ?? 0) > limit);
  return tooLong === undefined ? undefined : refuse(`${tooLong[0]} has more than ${String(tooLong[1])} characters.`);
}

/** OIDC Core §6: named by errors of their own. */
function readNoRequestObject({ values }: Sent): Read<undefined> {
  if (values.has('request')) return new OAuthError('request_not_supported', 'Request objects are not supported.');
  if (values.has('request_uri')) return new OAuthError('request_uri_not_supported', 'request_uri is not supported.');
  return undefined;
}

function readGrantType({ client }: Sent): Read<undefined> {
  return client.grant_types.includes('authorization_code')
    ? undefined
    : new OAuthError('unauthorized_client', 'The client may not use the authorization code flow.');
}

function readResponseType({ values }: Sent): Read<'code'> {
  const responseType = values.get('response_type');
  if (responseType === undefined) return refuse('response_type is required.');
  const supported = RESPONSE_TYPES.find((type) => type === responseType);
  return supported ?? new OAuthError('unsupported_response_type', `response_type must be one of: ${RESPONSE_TYPES.join(', ')}.`);
}

function readResponseMode({ values }: Sent): Read<ResponseMode> {
  const asked = values.get('response_mode');
  if (asked === undefined) return 'query';
  return RESPONSE_MODES.find((mode) => mode === asked) ?? refuse(`response_mode must be one of: ${RESPONSE_MODES.join(', ')}.`);
}

/** RFC 6749 §3.3 */
function readScope({ values, client }: Sent): Read<readonly string[]> {
  const asked = values.get('scope') ?? client.default_scope;
  if (asked === '') return [];
  const scope = parseScope(asked);
  if (scope === 'malformed') return new OAuthError('invalid_scope', 'scope is malformed.');
  return isWithinScope(scope, client.scope.split(' '))
    ? scope
    : new OAuthError('invalid_scope', 'The client may not ask for every one of these scopes.');
}

/** RFC 7636 §4.3, §4.4.1; RFC 9700 §2.1.1 */
function readCodeChallenge({ values, client }: Sent): Read<CodeChallenge | undefined> {
  const challenge = values.get('code_challenge');
  const method = values.get('code_challenge_method');
  if (challenge === undefined) {
    if (method !== undefined) return refuse('code_challenge_method was sent without code_challenge.');
    const required = client.require_pkce || client.token_endpoint_auth_method === 'none';
    return required ? refuse('code_challenge is required for this client.') : undefined;
  }
  const allowed: CodeChallengeMethod | undefined = client.code_challenge_methods.find((each) => each === (method ?? 'plain'));
  if (allowed === undefined) {
    return refuse(`code_challenge_method must be one of: ${client.code_challenge_methods.join(', ')}; it is plain where it is left out.`);
  }
  return isCodeChallenge(challenge)
    ? { challenge, method: allowed }
    : refuse('code_challenge must have 43 to 128 characters of A-Z, a-z, 0-9, -, ., _ and ~.');
}

/** OIDC Core §3.1.2.1 */
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

function readClaims({ values }: Sent): Read<AuthorizationRequest['claims']> {
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
