import type { FieldError } from '#kernel/errors.js';
import type { Texts } from './texts/en.js';

type Problem = keyof Texts['signUp']['problems'];

/** The problems of a sign-up by field; `account` is for the whole form. The values are names of texts. */
export type Problems = Readonly<Partial<Record<'username' | 'name' | 'email' | 'password' | 'account', Problem>>>;

/** By field and rule. A rule that is not listed gets the last line of its field. */
const PROBLEMS: readonly (readonly [field: keyof Problems, rule: string | undefined, problem: Problem])[] = [
  ['username', 'unavailable', 'usernameUnavailable'],
  ['username', undefined, 'usernameInvalid'],
  ['name', undefined, 'nameInvalid'],
  ['email', undefined, 'emailInvalid'],
  ['password', 'min-length', 'passwordShort'],
  ['password', 'max-length', 'passwordLong'],
  ['password', 'not-username', 'passwordUsername'],
  ['password', undefined, 'passwordInvalid'],
];

/** The errors of a sign-up or a new password as names of texts. */
export function problemsOf(errors: readonly FieldError[]): Problems {
  const known = errors.flatMap(({ pointer, rule }) => {
    const found = PROBLEMS.find((problem) => pointer === `/${problem[0]}` && (problem[1] ?? rule) === rule);
    return found === undefined ? [] : [[found[0], found[2]] as const];
  });
  return known.length === 0 ? { account: 'unavailable' } : Object.fromEntries(known);
}
