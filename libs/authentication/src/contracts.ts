/**
 * Who the user is: accounts, the authenticators that prove them, and the sessions that remember the proof.
 * This file is the module's door; nothing else of it is imported from outside.
 */
import { Command, DomainEvent, Query } from '#kernel/bus.js';
import type { FieldError } from '#kernel/errors.js';
import type { Secret } from '#kernel/secrets.js';
import type { Profile } from './domain/profile.js';

export type { Profile } from './domain/profile.js';
export { type AccountJson, accountOf, readAccount } from './domain/account-in-statements.js';
export { sessionKey, subOfSession } from './domain/session-in-statements.js';
export { ACCOUNT_SCHEMAS, accountRepresentation } from './domain/account-document.js';

/** A user's account. `sub` is never given to another person, not even after removal (OIDC Core §5.7). */
export interface Account {
  readonly sub: string;
  readonly username: string;
  /** Claims of OIDC Core §5.1, under their names. */
  readonly profile: Profile;
  readonly locked: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly version: number;
}

/** One authentication, remembered. `acr` and `amr` come from the authenticator (OIDC Core §2, RFC 8176). */
export interface Session {
  /** Public identifier, the `sid` claim; not the secret in the cookie. */
  readonly sid: string;
  readonly sub: string;
  readonly authenticator: string;
  readonly acr: string;
  readonly amr: readonly string[];
  readonly authTime: Date;
}

export type LoginResult =
  | { readonly outcome: 'session'; readonly session: Session; readonly secret: Secret }
  /** Unknown user, wrong password or locked account: one answer for all, after the same time. */
  | { readonly outcome: 'refused' }
  /** Too many failures for this account or address; try again after `retryAfter` seconds. */
  | { readonly outcome: 'slow-down'; readonly retryAfter: number };

/** Logs a user in and starts a session under a new secret; the session of `previous` ends in the same transaction. */
export class LogIn extends Command<LoginResult> {
  constructor(
    readonly login: {
      /** Name in the registry of authenticators, `username-password` for one. */
      readonly authenticator: string;
      /** What the authenticator's form asked for. */
      readonly fields: Readonly<Record<string, Secret>>;
      /** IP address of the browser. */
      readonly address: string;
      readonly previous: Secret | undefined;
    },
  ) {
    super();
  }
}

export type SignUpResult = Exclude<LoginResult, { readonly outcome: 'refused' }> | Invalid;

interface Invalid {
  readonly outcome: 'invalid';
  readonly errors: readonly FieldError[];
}

/** More passwords wait to be checked than the server can bear; the same request may succeed a little later. */
export class AuthenticationBusy extends Error {
  override readonly name = 'AuthenticationBusy';
}

/** Creates an account from the sign-up page and logs it in. A taken name looks like any name that cannot be had. */
export class SignUp extends Command<SignUpResult> {
  constructor(
    readonly signUp: {
      readonly username: string;
      readonly password: Secret;
      readonly name: string | undefined;
      readonly email: string | undefined;
      readonly address: string;
      readonly previous: Secret | undefined;
    },
  ) {
    super();
  }
}

/** The living session behind a cookie's secret; looking counts as use for the idle lifetime. */
export class GetSession extends Query<Session | undefined> {
  constructor(readonly secret: Secret) {
    super();
  }
}

export class EndSession extends Command<void> {
  constructor(readonly secret: Secret) {
    super();
  }
}

/** A living session of a user, as its owner sees it. */
export interface SessionOverview {
  readonly sid: string;
  readonly authTime: Date;
  /** To the minute. */
  readonly lastUsedAt: Date;
}

/** The living sessions of a user, the one that was used last in front. */
export class ListSessionsOf extends Query<readonly SessionOverview[]> {
  constructor(readonly sub: string) {
    super();
  }
}

/** Ends one session of a user; `sid` of somebody else's is none of theirs. False where there is no such session (any more). */
export class EndSessionById extends Command<boolean> {
  constructor(
    readonly sub: string,
    readonly sid: string,
  ) {
    super();
  }
}

export type PasswordChanged = LoginResult | Invalid | { readonly outcome: 'stale' };

/**
 * Gives a user a new password for the current one, which is guessed at no faster than at a login. All sessions end; the one that
 * asked goes on as a new one. `invalid` names `/password`.
 */
export class ChangePassword extends Command<PasswordChanged> {
  constructor(
    readonly change: {
      readonly sub: string;
      readonly current: Secret;
      readonly next: Secret;
      /** IP address of the browser. */
      readonly address: string;
    },
  ) {
    super();
  }
}

/** `acr` values of the registered authenticators; discovery names these. */
export class GetAuthenticators extends Query<readonly { readonly name: string; readonly acr: string }[]> {}

export class GetAccount extends Query<Account | undefined> {
  constructor(readonly sub: string) {
    super();
  }
}

/** A page of accounts in the order of `sub`. */
export class ListAccounts extends Query<readonly Account[]> {
  constructor(
    readonly page: {
      readonly limit: number;
      readonly after: string | undefined;
      /** Sought in sub, username, name and email. */
      readonly q: string | undefined;
      readonly descending: boolean;
    },
  ) {
    super();
  }
}

/** An account's document as an administrator sent it: JSON, not yet checked. */
export type AccountDocument = Readonly<Record<string, unknown>>;

export type AccountWritten =
  | { readonly outcome: 'created' | 'changed'; readonly account: Account }
  | { readonly outcome: 'invalid'; readonly errors: readonly FieldError[] }
  | { readonly outcome: 'taken' | 'stale' | 'not-found' };

/** Fields: `sub`, `username`, `password` or `password_hash` (PHC string, argon2id), `locked`, and the claims of the profile. */
export class CreateAccount extends Command<AccountWritten> {
  constructor(readonly document: AccountDocument) {
    super();
  }
}

/** JSON Merge Patch of the profile, `locked` (locks, unlocks) and `password`. A lock ends the account's sessions. */
export class ChangeAccount extends Command<AccountWritten> {
  constructor(
    readonly sub: string,
    readonly patch: AccountDocument,
    readonly version: number,
  ) {
    super();
  }
}

/** Removes the person's data and sessions; `sub` and username stay taken. */
export class RemoveAccount extends Command<'removed' | 'stale' | 'not-found'> {
  constructor(
    readonly sub: string,
    readonly version: number,
  ) {
    super();
  }
}

export class AccountCreated extends DomainEvent<{ sub: string; by: 'sign-up' | 'administrator' }> {
  static readonly type = 'gatehouse.authentication.account-created.v1';
}

/** `change` tells what changed; a removal is one too, and ends all that was granted in the account's name. */
export class AccountChanged extends DomainEvent<{ sub: string; change: 'profile' | 'password' | 'unlocked' | 'removed' }> {
  static readonly type = 'gatehouse.authentication.account-changed.v1';
}

export class AccountLocked extends DomainEvent<{ sub: string }> {
  static readonly type = 'gatehouse.authentication.account-locked.v1';
}

export class LoginSucceeded extends DomainEvent<{ sub: string; sid: string; authenticator: string }> {
  static readonly type = 'gatehouse.authentication.login-succeeded.v1';
}

/** Recorded for accounts that exist. */
export class LoginFailed extends DomainEvent<{ sub: string; authenticator: string; reason: 'credentials' | 'locked' }> {
  static readonly type = 'gatehouse.authentication.login-failed.v1';
}

export class SessionStarted extends DomainEvent<{ sub: string; sid: string }> {
  static readonly type = 'gatehouse.authentication.session-started.v1';
}

/** A new password ends the sessions that the old one began: whoever knew it may be in one of them. */
export type SessionEnd = 'logout' | 'new-login' | 'password' | 'locked' | 'removed';

export class SessionEnded extends DomainEvent<{ sub: string; sid: string; reason: SessionEnd }> {
  static readonly type = 'gatehouse.authentication.session-ended.v1';
}
