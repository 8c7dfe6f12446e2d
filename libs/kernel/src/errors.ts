/** The error codes of RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, OIDC Core §3.1.2.6 and Initiating User Registration. */
export type OAuthErrorCode =
  | 'access_denied'
  | 'consent_required'
  | 'insufficient_scope'
  | 'interaction_required'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_request'
  | 'invalid_scope'
  | 'invalid_token'
  | 'login_required'
  | 'request_not_supported'
  | 'request_uri_not_supported'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type';

/**
 * A refusal in the words of the protocol. Use cases return it as a value, so that what they wrote before it is committed;
 * only the HTTP edge throws it. `description` is public (printable ASCII), `detail` is for the administrator alone.
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';

  constructor(
    readonly code: OAuthErrorCode,
    readonly description: string,
    readonly detail?: string,
  ) {
    super(detail === undefined ? `${code}: ${description}` : `${code}: ${description} (${detail})`);
  }
}

/** The database cannot serve now; the same request may succeed later. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}

/** Another was first, or what was to be changed is no longer as it was: the transaction has changed nothing. */
export class NoRowAffected extends Error {
  override readonly name = 'NoRowAffected';
}

/** The server cannot start as things are. The message is for the operator: one sentence that says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** One wrong field of a document: `pointer` is an RFC 6901 JSON pointer, `rule` a stable word, `detail` a sentence. */
export interface FieldError {
  readonly pointer: string;
  readonly rule: string;
  readonly detail: string;
}
