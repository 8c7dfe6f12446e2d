/** A refusal by the HTTP edge itself, without a use case. The description is public. */
export class HttpError extends Error {
  override readonly name = 'HttpError';

  constructor(
    /** 4xx. */
    readonly status: number,
    /** Printable ASCII. */
    readonly description: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(description);
  }
}

/** The handle of a page has no stored request, or the request belongs to another browser. */
export class SignInExpired extends HttpError {
  constructor() {
    super(400, 'this sign-in has expired, or is complete already: go back to the application and start again');
  }
}

/** The request has no access token, so the challenge has no error code (RFC 6750 §3.1). */
export class NoBearerToken extends Error {
  override readonly name = 'NoBearerToken';
}
