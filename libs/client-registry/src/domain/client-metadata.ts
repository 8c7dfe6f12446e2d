/**
 * The metadata of a client: each field with its meaning, its checks and its default. The TypeScript type, the stored document, the
 * errors and the JSON Schema of the administration API all follow from this class.
 */
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  Describe,
  EACH,
  IsBoolean,
  IsIn,
  IsInt,
  IsNullable,
  Matches,
  Max,
  Min,
} from '#document/decorators.js';
import { complete, type Members, shownMembers } from '#document/members.js';
import { IsText } from '#document/own-checks.js';
import {
  CLIENT_AUTHENTICATION_METHODS,
  type ClientAuthenticationMethodName,
  CODE_CHALLENGE_METHODS,
  type CodeChallengeMethod,
  GRANT_TYPES,
  type GrantTypeName,
  RESPONSE_TYPES,
  type ResponseType,
  SIGNING_ALGORITHMS,
  type SigningAlgorithm,
} from '#kernel/protocol-names.js';
import { IsLink, IsOrigin, IsRedirectUri, NamesNoScopeTwice } from './client-checks.js';
import { MAX_REDIRECT_URI_LENGTH } from './redirect-uri.js';

const DAY = 86_400;
const YEAR = 365 * DAY;
/** scope-token of RFC 6749 §3.3, several of them with one space between. */
const SCOPE = /^(?:[!#-[\]-~]+(?: [!#-[\]-~]+)*)?$/;
const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

export class ClientMetadata {
  static readonly noun: string = 'a client';

  @Describe('The name that users see.')
  @IsText(200) @IsNullable()
  readonly client_name: string | null = null;

  @Describe('A page about the client.')
  @IsText(2048) @IsLink() @IsNullable()
  readonly client_uri: string | null = null;

  @Describe('The logo of the client.')
  @IsText(2048) @IsLink() @IsNullable()
  readonly logo_uri: string | null = null;

  @Describe('What the client does with the data of its users.')
  @IsText(2048) @IsLink() @IsNullable()
  readonly policy_uri: string | null = null;

  @Describe('Terms of service of the client.')
  @IsText(2048) @IsLink() @IsNullable()
  readonly tos_uri: string | null = null;

  @Describe('Whom to ask about the client, e-mail addresses as a rule.')
  @ArrayMaxSize(20) @ArrayUnique() @IsText(320, EACH)
  readonly contacts: readonly string[] = [];

  @Describe('Where the browser may be sent back to: absolute, without fragment, compared as strings; https, or http on a loopback '
    + 'host, or a private-use scheme with a dot (RFC 6749 §3.1.2, RFC 8252 §7).')
  @ArrayMaxSize(1000) @ArrayUnique() @IsText(MAX_REDIRECT_URI_LENGTH, EACH) @IsRedirectUri(EACH)
  readonly redirect_uris: readonly string[] = [];

  @Describe('How the client proves who it is; `none` makes it a public client (RFC 7591 §2).')
  @IsIn(CLIENT_AUTHENTICATION_METHODS)
  readonly token_endpoint_auth_method: ClientAuthenticationMethodName = 'client_secret_basic';

  @Describe('Grant types that the client may use at the token endpoint.')
  @ArrayMaxSize(10) @ArrayUnique() @IsIn(GRANT_TYPES, EACH)
  readonly grant_types: readonly GrantTypeName[] = ['authorization_code', 'refresh_token'];

  @Describe('What it may ask for at the authorization endpoint.')
  @ArrayMaxSize(10) @ArrayUnique() @IsIn(RESPONSE_TYPES, EACH)
  readonly response_types: readonly ResponseType[] = ['code'];

  @Describe('The scopes that the client may ask for, separated by single spaces (RFC 6749 §3.3).')
  @IsText(4096) @Matches(SCOPE) @NamesNoScopeTwice()
  readonly scope: string = '';

  @Describe('What a request without `scope` asks for; part of `scope`.')
  @IsText(4096) @Matches(SCOPE) @NamesNoScopeTwice()
  readonly default_scope: string = '';

  @Describe('A client that is not enabled can neither start a flow nor get or use tokens.')
  @IsBoolean()
  readonly enabled: boolean = true;

  @Describe('Seconds until a user has to log in again (OIDC Registration §2).')
  @IsInt() @Min(0) @Max(YEAR) @IsNullable()
  readonly default_max_age: number | null = null;

  @Describe('Seconds.')
  @IsInt() @Min(1) @Max(DAY)
  readonly access_token_lifetime: number = 300;

  @Describe('Opaque tokens are looked up, so that a revocation counts at once.')
  @IsIn(['opaque'])
  readonly access_token_format = 'opaque';

  @Describe('Seconds without use; null = no refresh token is issued.')
  @IsInt() @Min(1) @Max(YEAR) @IsNullable()
  readonly refresh_token_lifetime: number | null = 3600;

  @Describe('Seconds from the authorization after which no refresh succeeds; null = no such end.')
  @IsInt() @Min(1) @Max(10 * YEAR) @IsNullable()
  readonly refresh_token_absolute_lifetime: number | null = 30 * DAY;

  @Describe('Seconds in which a refresh token that was used already gets the same successor again; 0 = off.')
  @IsInt() @Min(0) @Max(60)
  readonly refresh_token_grace: number = 10;

  @Describe('Seconds.')
  @IsInt() @Min(1) @Max(DAY)
  readonly id_token_lifetime: number = 3600;

  @Describe('The algorithm that ID tokens are signed with.')
  @IsIn(SIGNING_ALGORITHMS)
  readonly id_token_signed_response_alg: SigningAlgorithm = 'RS256';

  @Describe('Refuse authorization requests without `code_challenge`; public clients always need it.')
  @IsBoolean()
  readonly require_pkce: boolean = false;

  @Describe('Its PKCE methods (RFC 7636).')
  @ArrayMinSize(1) @ArrayMaxSize(2) @ArrayUnique() @IsIn(CODE_CHALLENGE_METHODS, EACH)
  readonly code_challenge_methods: readonly CodeChallengeMethod[] = ['S256'];

  @Describe('Ask users before the client gets what it asks for.')
  @IsBoolean()
  readonly require_consent: boolean = false;

  @Describe('The authenticators that users may log in with.')
  @ArrayMinSize(1) @ArrayMaxSize(10) @ArrayUnique() @IsText(100, EACH) @Matches(NAME, EACH)
  readonly authenticators: readonly string[] = ['username-password'];

  @Describe('Origins whose scripts may call the server for this client (CORS).')
  @ArrayMaxSize(100) @ArrayUnique() @IsText(300, EACH) @IsOrigin(EACH)
  readonly allowed_origins: readonly string[] = [];

  @Describe('Seconds.')
  @IsInt() @Min(1) @Max(600)
  readonly authorization_code_lifetime: number = 60;
}

export type FieldName = keyof ClientMetadata;

export const FIELD_NAMES = shownMembers(ClientMetadata);

/** `given` with the default of every field that it lacks; what is no field is left out. Values are trusted. */
export function withDefaults(given: object): Members<ClientMetadata> {
  return complete(ClientMetadata, given);
}

/** The names of the fields in which two clients differ. */
export function changedFields(before: ClientMetadata, after: ClientMetadata): readonly FieldName[] {
  return FIELD_NAMES.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}
