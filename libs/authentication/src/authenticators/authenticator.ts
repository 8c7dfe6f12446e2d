import type { Secret } from '#kernel/secrets.js';
import type { Writer } from '#database/statement.js';

/** What a page of an authenticator sent, by the names of its fields. */
export type Fields = Readonly<Record<string, Secret>>;

/** What a page of an authenticator shows before it is answered, by name: a challenge, a question. */
export type Challenge = Readonly<Record<string, string>>;

export type Proof =
  | {
      readonly outcome: 'proved';
      readonly sub: string;
      /** How it was proved (RFC 8176). */
      readonly amr: readonly string[];
      /**
       * Enqueues a `mustAffectRow` statement that affects a row only if what was proved still holds, such as the password: the
       * session is stored in the same transaction. It takes the row of the account before any row of a session.
       */
      readonly stillHolds: (on: Writer) => void;
    }
  /** `sub` is the account that was named, if there is one: for the event, never for the answer. */
  | { readonly outcome: 'refused'; readonly sub: string | undefined };

/** One way to prove who one is. Each is one file with these hooks, its line in the registry, and its page. */
export interface Authenticator {
  /** Clients name the authenticators that their users may use. */
  readonly name: string;
  /** What a session says that began by it (OpenID Connect Core §2). Discovery names it. */
  readonly acr: string;
  /** What its page shows before it is answered. An authenticator without this hook shows nothing. */
  begin?(): Promise<Challenge>;
  /** Whom the fields claim to be, in one spelling for each account: guesses are counted by it. Undefined: they do not say. */
  claimant(fields: Fields): string | undefined;
  /** Takes the same time whether the account exists or not. */
  authenticate(fields: Fields): Promise<Proof>;
}
