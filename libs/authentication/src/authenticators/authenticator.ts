import type { Secret } from '#kernel/secrets.js';

/** What a form of an authenticator asked for, by the names of its fields. */
export type Fields = Readonly<Record<string, Secret>>;

/**
 * A refusal names the account where there is one: for the event, never for the answer. What was proved holds as long as the
 * account still has the `passwordHash` that it was proved by.
 */
export type Proof =
  | { readonly outcome: 'proved'; readonly sub: string; readonly passwordHash: string }
  | { readonly outcome: 'refused'; readonly sub: string | undefined };

/** How somebody proved who they are, as a session remembers it. */
export interface Method {
  readonly name: string;
  /** OIDC Core §2; what a session that began by it carries, and discovery names. */
  readonly acr: string;
  /** RFC 8176. */
  readonly amr: readonly string[];
}

/** One way to prove who one is. Each is one file with this shape and one line in the registry. */
export interface Authenticator extends Method {
  /** The fields of its form, in their order. */
  readonly fields: readonly string[];
  /** Whom the fields claim to be, in one spelling for each account: guesses are counted by it. Undefined: they do not say. */
  claimant(fields: Fields): string | undefined;
  /** Takes the same time whether the account exists or not. */
  authenticate(fields: Fields): Promise<Proof>;
}
