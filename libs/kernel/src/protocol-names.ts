/**
 * The names of the protocols that this server knows, in one closed file. Each name has a file that does what it means, and the
 * registry of those files is a `Record` of the type here: a name without its file does not compile. Discovery, the metadata of
 * clients and the checks of requests use these lists and no others.
 */

/** Values of `grant_type` (RFC 6749 §4). The files: `libs/token/src/grants/`. */
export const GRANT_TYPES = ['authorization_code', 'refresh_token', 'client_credentials'] as const;
export type GrantTypeName = (typeof GRANT_TYPES)[number];

/** Values of `response_type` (RFC 6749 §3.1.1). */
export const RESPONSE_TYPES = ['code'] as const;
export type ResponseType = (typeof RESPONSE_TYPES)[number];

/** Values of `response_mode` (OAuth 2.0 Multiple Response Type Encoding Practices §2.1, Form Post Response Mode §2). */
export const RESPONSE_MODES = ['query', 'fragment', 'form_post'] as const;
export type ResponseMode = (typeof RESPONSE_MODES)[number];

/** Values of `prompt` (OpenID Connect Core §3.1.2.1; `create` is from Initiating User Registration 1.0 §4). */
export const PROMPTS = ['none', 'login', 'consent', 'select_account', 'create'] as const;
export type Prompt = (typeof PROMPTS)[number];

/** Values of `code_challenge_method` (RFC 7636 §4.3). Whether a client may use `plain` is decided per client. */
export const CODE_CHALLENGE_METHODS = ['S256', 'plain'] as const;
export type CodeChallengeMethod = (typeof CODE_CHALLENGE_METHODS)[number];

/** Values of `token_endpoint_auth_method` (RFC 7591 §2). The files: `libs/client-registry/src/authentication-methods/`. */
export const CLIENT_AUTHENTICATION_METHODS = ['client_secret_basic', 'client_secret_post', 'none'] as const;
export type ClientAuthenticationMethodName = (typeof CLIENT_AUTHENTICATION_METHODS)[number];

/** Values of `alg` of ID tokens (RFC 7518 §3.1). Every OpenID Connect client knows RS256. */
export const SIGNING_ALGORITHMS = ['RS256', 'ES256'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];
