import type { Strategy } from 'passport';
import type { Secret } from '#kernel/secrets.js';
import type { Language } from '../language.js';

/** What Passport gets of a login form: the parameters alone, so it ignores credentials in a query string. */
export interface LoginForm {
  readonly body: Readonly<Record<string, string>>;
  /** IP address of the browser. */
  readonly address: string;
  /** The secret of the browser's session, which ends with the login. */
  readonly previous: Secret | undefined;
}

/** Passport's callback with a result, a refusal (`false`) or an error. */
export type Done = (error: unknown, result?: object | false) => void;

/** Has the authentication module check the fields, by their names in the authenticator. */
export type Verify = (form: LoginForm, fields: Readonly<Record<string, Secret>>, done: Done) => void;

/** The page of one authenticator: the part of the login form that is its own, and a strategy of Passport that reads it. */
export interface AuthenticatorPage {
  /** The name in the registry of libs/authentication. */
  readonly authenticator: string;
  /** Names it among several ways to sign in. */
  readonly label: Readonly<Record<Language, string>>;
  /** The template of its fields, beside the others in views/. It gets the challenge as `it.challenge`. */
  readonly fields: string;
  /** Its texts, as `it.own` of the template. */
  readonly texts?: Readonly<Record<Language, Readonly<Record<string, string>>>>;
  strategy(verify: Verify): Strategy;
}
