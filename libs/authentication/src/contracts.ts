/**
 * Who the user is: accounts, the authenticators that prove them, and the sessions that remember the proof.
 * This file is the module's door; nothing else of it is imported from outside.
 */
import type { JsonObject } from '#document/json.js';
import type { Invalid, Removed, Written } from '#document/outcomes.js';
import type { PageRequest } from '#document/page-request.js';
import { Command, DomainEvent, Query } from '#kernel/bus.js';
import type { Secret } from '#kernel/secrets.js';
import type { Profile } from './domain/profile.js';

export type { Profile } from './domain/profile.js';
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

/** One use of an authenticator. */
export interface UsedMethod {
  readonly authenticator: string;
  /** OpenID Connect Core §2. */
  readonly acr: string;
  /** RFC 8176. */
  readonly amr: readonly string[];
  readonly at: Date;
}

/** What a user proved in one browser, and when. */
export interface Session {
  /** Public identifier, the `sid` claim; not the secret in the cookie. */
  readonly sid: string;
  readonly sub: string;
  /** In the order in which they were used. */
  readonly methods: readonly UsedMethod[];
  /** What the methods say together. */
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

/** What the page of an authenticator shows before it is answered, by name; empty for most authenticators. */
export class BeginLogin extends Command<Readonly<Record<string, string>>> {
  constructor(readonly authenticator: string) {
    super();
  }
}

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

/** Too many passwords wait to be checked. The same request may succeed a little later. */
export class AuthenticationBusy extends Error {
  override readonly name = 'AuthenticationBusy';
}

/** Creates an account from the sign-up page and logs the user in. A taken name gets the same answer as a reserved one. */
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

/** The living session of the secret in a cookie. To look it up counts as a use, for the idle lifetime. */
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

/** The living sessions of a user. The one that was used last comes first. */
export class ListSessionsOf extends Query<readonly SessionOverview[]> {
  constructor(readonly sub: string) {
    super();
  }
}

/** Ends one session of a user. False if the user has no session with this `sid`, which may be that of another user. */
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
 * Gives a user a new password for the current one. Guesses of the current one are slowed down as at a login. All sessions end, and
 * the browser that asked gets a new one. The errors of `invalid` are about `/password`.
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

/** A page of accounts in the order of `sub`; `q` is sought in sub, username, name and email. */
export class ListAccounts extends Query<readonly Account[]> {
  constructor(readonly page: PageRequest) {
    super();
  }
}

export type AccountWritten = Written<Account>;

/** Fields: `sub`, `username`, `password` or `password_hash` (PHC string, argon2id), `locked`, and the claims of the profile. */
export class CreateAccount extends Command<AccountWritten> {
  constructor(readonly document: JsonObject) {
    super();
  }
}

/** JSON Merge Patch of the profile, `locked` (locks, unlocks) and `password`. A lock ends the account's sessions. */
export class ChangeAccount extends Command<AccountWritten> {
  constructor(
    readonly sub: string,
    readonly patch: JsonObject,
    readonly version: number,
  ) {
    super();
  }
}

/** Removes the person's data and sessions; `sub` and username stay taken. */
export class RemoveAccount extends Command<Removed> {
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

/** A removal is a change too. It ends all that was granted in the name of the account. */
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

/** A new password ends the sessions that began with the old one: a person who knew it may be in one of them. */
export type SessionEnd = 'logout' | 'new-login' | 'password' | 'locked' | 'removed';

export class SessionEnded extends DomainEvent<{ sub: string; sid: string; reason: SessionEnd }> {
  static readonly type = 'gatehouse.authentication.session-ended.v1';
}
