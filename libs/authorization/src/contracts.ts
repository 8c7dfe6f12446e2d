/**
 * What the user allowed, and the code that says so: authorization requests, the decision what comes next, consents and codes.
 * This file is the module's door; nothing else of it is imported from outside.
 */
import type { Account } from '#authentication/contracts.js';
import type { Client } from '#client-registry/contracts.js';
import { Command, DomainEvent, Query } from '#kernel/bus.js';
import type { Transaction } from '#database/transaction.js';
import type { OAuthError } from '#kernel/errors.js';
import type { ResponseMode } from '#kernel/protocol-names.js';
import type { Secret } from '#kernel/secrets.js';
import type { RedemptionAttempt } from './domain/redemption.js';
import type { Authorized } from './published/authorized-columns.js';

export type { ClaimsRequest } from './domain/claims-request.js';

/** The browser that a request came in: the secret of its own cookie, which binds handles to it, and that of its session, if any. */
export interface Browser {
  readonly id: Secret;
  readonly sessionSecret: Secret | undefined;
}

/** What goes back to the client by way of the browser, success and error alike. */
export interface AuthorizationResponse {
  readonly redirectUri: string;
  readonly responseMode: ResponseMode;
  /** In the order in which they are sent. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** What comes next for the browser. Only `respond` leads to the client; a `refuse` is a page and can never be a redirect. */
export type NextStep =
  | { readonly step: 'login' | 'sign-up' | 'consent'; readonly handle: Secret }
  | { readonly step: 'respond'; readonly response: AuthorizationResponse }
  | { readonly step: 'refuse'; readonly error: OAuthError }
  /** There is no stored request (any more) behind the handle, or not in this browser. */
  | { readonly step: 'gone' };

/** The parameters of an authorization request, each once; names that were sent more than once stand in `repeated`. */
export interface AuthorizationParameters {
  readonly values: ReadonlyMap<string, string>;
  readonly repeated: readonly string[];
}

/** Takes an authorization request in (RFC 6749 §4.1.1) and answers what comes next. */
export class BeginAuthorization extends Command<NextStep> {
  constructor(
    readonly parameters: AuthorizationParameters,
    readonly browser: Browser,
    /** The `sub` of the `id_token_hint`, where one was sent and verified. */
    readonly hintedSub: string | undefined,
  ) {
    super();
  }
}

/** Goes on with a stored request, after a page is done with its part. */
export class ContinueAuthorization extends Command<NextStep> {
  constructor(
    readonly handle: string,
    readonly browser: Browser,
  ) {
    super();
  }
}

export class DecideConsent extends Command<NextStep> {
  constructor(
    readonly handle: string,
    readonly browser: Browser,
    readonly answer: {
      readonly decision: 'allow' | 'deny';
      /** The `sid` of the session that the question was shown in: who has logged in since was not the one that was asked. */
      readonly askedSid: string | undefined;
    },
  ) {
    super();
  }
}

/** What a page shows about the request that it belongs to. */
export interface PendingRequestOverview {
  readonly client: Client;
  readonly scope: readonly string[];
  /** Names of claims that it asks for beside those of its scopes (OIDC Core §5.5). */
  readonly claims: readonly string[];
  readonly redirectUri: string;
  /** The authenticators that the user may log in with. */
  readonly authenticators: readonly string[];
  readonly loginHint: string | undefined;
  readonly uiLocales: readonly string[];
}

/** The stored request behind a handle, in the browser that it is bound to; undefined when there is none (any more). */
export class GetPendingRequest extends Query<PendingRequestOverview | undefined> {
  constructor(
    readonly handle: string,
    readonly browserId: Secret,
  ) {
    super();
  }
}

/** What a user has allowed to a client so far. */
export interface ConsentOverview {
  readonly clientId: string;
  readonly scope: readonly string[];
  readonly grantedAt: Date;
}

/** The consents of a user, the newest in front. */
export class ListConsentsOf extends Query<readonly ConsentOverview[]> {
  constructor(readonly sub: string) {
    super();
  }
}

/** Takes a consent back, and with it all that was granted by it. False where there is none (any more). */
export class WithdrawConsent extends Command<boolean> {
  constructor(
    readonly sub: string,
    readonly clientId: string,
  ) {
    super();
  }
}

/** What the user allowed, as the code carries it to the token module. */
export type AuthorizedGrant = Authorized & { readonly grantId: string; readonly nonce?: string | undefined };

export type Redemption =
  /** `user` is undefined if the account was removed since the code was issued. */
  | { readonly outcome: 'redeemed'; readonly grant: AuthorizedGrant; readonly user: Account | undefined }
  /** The code was redeemed before: the caller revokes the grant in the same transaction and commits (RFC 6749 §4.1.2). */
  | { readonly outcome: 'replayed'; readonly grantId: string }
  | { readonly outcome: 'refused'; readonly error: OAuthError };

/**
 * Redeems a code (RFC 6749 §4.1.3) by one conditional write in the caller's transaction. That transaction ends with
 * `NoRowAffected` if another redemption was faster; a second call then reports a replay. A refused attempt leaves the code as it was.
 */
export class RedeemCode extends Command<Redemption> {
  constructor(
    readonly code: string,
    readonly attempt: RedemptionAttempt,
    readonly transaction: Transaction,
  ) {
    super();
  }
}

export class AuthorizationRequested extends DomainEvent<{ client_id: string; scope: string; sub: string | null }> {
  static readonly type = 'gatehouse.authorization.authorization-requested.v1';
}

export class AuthorizationRefused extends DomainEvent<{ client_id: string; error: string; sub: string | null }> {
  static readonly type = 'gatehouse.authorization.authorization-refused.v1';
}

export class ConsentGranted extends DomainEvent<{ client_id: string; sub: string; scope: string }> {
  static readonly type = 'gatehouse.authorization.consent-granted.v1';
}

export class ConsentDenied extends DomainEvent<{ client_id: string; sub: string; scope: string }> {
  static readonly type = 'gatehouse.authorization.consent-denied.v1';
}

/** What was allowed to the client is allowed no more: its grants from this user end with it. */
export class ConsentWithdrawn extends DomainEvent<{ client_id: string; sub: string }> {
  static readonly type = 'gatehouse.authorization.consent-withdrawn.v1';
}

export class CodeIssued extends DomainEvent<{ grant_id: string; client_id: string; sub: string; scope: string; sid: string }> {
  static readonly type = 'gatehouse.authorization.code-issued.v1';
}

export class CodeRedeemed extends DomainEvent<{ grant_id: string; client_id: string; sub: string; scope: string }> {
  static readonly type = 'gatehouse.authorization.code-redeemed.v1';
}

export class CodeReplayed extends DomainEvent<{ grant_id: string; client_id: string }> {
  static readonly type = 'gatehouse.authorization.code-replayed.v1';
}
