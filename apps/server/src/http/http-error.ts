/** A refusal by the HTTP edge itself, before any use case was asked: its one sentence is public. */
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

/** There is no stored request (any more) behind the handle of a page, or not in this browser. */
export class SignInExpired extends HttpError {
  constructor() {
    super(400, 'this sign-in has expired, or is complete already: go back to the application and start again');
  }
}

/** The request has no access token at all: the challenge then carries no error code (RFC 6750 §3.1). */
export class NoBearerToken extends Error {
  override readonly name = 'NoBearerToken';
}
