/**
 * The metadata of a client as one table: each field with what it may hold, its default and what it means. The TypeScript
 * type, the checks, the defaults and the JSON Schema of the administration API all follow from it.
 */
import {
  CLIENT_AUTHENTICATION_METHODS,
  CODE_CHALLENGE_METHODS,
  GRANT_TYPES,
  RESPONSE_TYPES,
  SIGNING_ALGORITHMS,
} from '#kernel/protocol-names.js';
import { scopeTokens } from '#kernel/scope.js';
import { flag, integer, type Kind, listOf, nullable, oneOf, text } from './field-kind.js';
import { MAX_REDIRECT_URI_LENGTH, redirectUriProblem } from './redirect-uri.js';

interface Field<T> {
  readonly kind: Kind<T>;
  readonly fallback: T;
  readonly description: string;
}

function field<T>(kind: Kind<T>, fallback: NoInfer<T>, description: string): Field<T> {
  return { kind, fallback, description };
}

const DAY = 86_400;
const YEAR = 365 * DAY;
const LOOPBACK_ORIGIN = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;
/** scope-token of RFC 6749 §3.3, several of them with one space between. */
const SCOPE = /^(?:[!#-[\]-~]+(?: [!#-[\]-~]+)*)?$/;

const name = text({ maxLength: 200 });
const link = text({ maxLength: 2048, format: 'uri', refusal: linkProblem });
const redirectUri = text({ maxLength: MAX_REDIRECT_URI_LENGTH, format: 'uri', refusal: redirectUriProblem });
const origin = text({ maxLength: 300, format: 'uri', refusal: originProblem });
const scope = text({ maxLength: 4096, pattern: SCOPE, refusal: repeatedScope });
const authenticator = text({ maxLength: 100, pattern: /^[a-z0-9]+(?:-[a-z0-9]+)*$/ });

export const CLIENT_METADATA = {
  client_name: field(nullable(name), null, 'The name that users see.'),
  client_uri: field(nullable(link), null, 'A page about the client.'),
  logo_uri: field(nullable(link), null, 'The logo of the client.'),
  policy_uri: field(nullable(link), null, 'What the client does with the data of its users.'),
  tos_uri: field(nullable(link), null, 'Terms of service of the client.'),
  contacts: field(listOf(text({ maxLength: 320 }), 0, 20), [], 'Whom to ask about the client, e-mail addresses as a rule.'),
  redirect_uris: field(
    listOf(redirectUri, 0, 1000),
    [],
    'Where the browser may be sent back to: absolute, without fragment, compared as strings; https, or http on a loopback '
      + 'host, or a private-use scheme with a dot (RFC 6749 §3.1.2, RFC 8252 §7).',
  ),
  token_endpoint_auth_method: field(
    oneOf(CLIENT_AUTHENTICATION_METHODS),
    'client_secret_basic',
    'How the client proves who it is; `none` makes it a public client (RFC 7591 §2).',
  ),
  grant_types: field(
    listOf(oneOf(GRANT_TYPES), 0, 10),
    ['authorization_code', 'refresh_token'],
    'Grant types that the client may use at the token endpoint.',
  ),
  response_types: field(listOf(oneOf(RESPONSE_TYPES), 0, 10), ['code'], 'What it may ask for at the authorization endpoint.'),
  scope: field(scope, '', 'The scopes that the client may ask for, separated by single spaces (RFC 6749 §3.3).'),
  default_scope: field(scope, '', 'What a request without `scope` asks for; part of `scope`.'),
  enabled: field(flag, true, 'A client that is not enabled can neither start a flow nor get or use tokens.'),
  default_max_age: field(nullable(integer(0, YEAR)), null, 'Seconds until a user has to log in again (OIDC Registration §2).'),
  access_token_lifetime: field(integer(1, DAY), 300, 'Seconds.'),
  access_token_format: field(oneOf(['opaque']), 'opaque', 'Opaque tokens are looked up, so that a revocation counts at once.'),
  refresh_token_lifetime: field(nullable(integer(1, YEAR)), 3600, 'Seconds without use; null = no refresh token is issued.'),
  refresh_token_absolute_lifetime: field(
    nullable(integer(1, 10 * YEAR)),
    30 * DAY,
    'Seconds from the authorization after which no refresh succeeds; null = no such end.',
  ),
  refresh_token_grace: field(
    integer(0, 60),
    10,
    'Seconds in which a refresh token that was used already gets the same successor again; 0 = off.',
  ),
  id_token_lifetime: field(integer(1, DAY), 3600, 'Seconds.'),
  id_token_signed_response_alg: field(oneOf(SIGNING_ALGORITHMS), 'RS256', 'The algorithm that ID tokens are signed with.'),
  require_pkce: field(flag, false, 'Refuse authorization requests without `code_challenge`; public clients always need it.'),
  code_challenge_methods: field(listOf(oneOf(CODE_CHALLENGE_METHODS), 1, 2), ['S256'], 'Its PKCE methods (RFC 7636).'),
  require_consent: field(flag, false, 'Ask users before the client gets what it asks for.'),
  authenticators: field(listOf(authenticator, 1, 10), ['username-password'], 'The authenticators that users may log in with.'),
  allowed_origins: field(listOf(origin, 0, 100), [], 'Origins whose scripts may call the server for this client (CORS).'),
  authorization_code_lifetime: field(integer(1, 600), 60, 'Seconds.'),
} as const;

type Fields = typeof CLIENT_METADATA;

export type ClientMetadata = { readonly [Name in keyof Fields]: Fields[Name] extends Field<infer T> ? T : never };

export type FieldName = keyof ClientMetadata;

export const FIELD_NAMES = Object.keys(CLIENT_METADATA) as readonly FieldName[];

/** Whether `name` is a field; names like `constructor`, which every object has, are none. */
export function isFieldName(name: string): name is FieldName {
  return Object.hasOwn(CLIENT_METADATA, name);
}

/** `given` with the default of every field that it lacks; what is no field is left out. Values are trusted. */
export function withDefaults(given: Readonly<Record<string, unknown>>): ClientMetadata {
  const entries = FIELD_NAMES.map((name) => [name, Object.hasOwn(given, name) ? given[name] : CLIENT_METADATA[name].fallback]);
  return Object.fromEntries(entries) as ClientMetadata;
}

/** The names of the fields in which two clients differ. */
export function changedFields(before: ClientMetadata, after: ClientMetadata): readonly FieldName[] {
  return FIELD_NAMES.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

function repeatedScope(value: string): string | undefined {
  const tokens = scopeTokens(value);
  return new Set(tokens).size === tokens.length ? undefined : 'must not name a scope twice';
}

// These become links on pages: a `javascript:` one would run there.
function linkProblem(value: string): string | undefined {
  return /^https?:\/\/[^\s"<>\\]+$/i.test(value) && URL.canParse(value) ? undefined : 'must be an absolute http or https URL';
}

function originProblem(value: string): string | undefined {
  if (!URL.canParse(value) || new URL(value).origin !== value) return 'must be an origin, like https://app.example, and no more';
  return value.startsWith('https:') || LOOPBACK_ORIGIN.test(value) ? undefined : 'must use https, except on loopback hosts';
}
