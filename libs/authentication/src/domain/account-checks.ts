/** Checks of the members of an account that class-validator does not have. */
import { admitsBy } from '#document/own-checks.js';
import type { Problem } from '#document/meanings.js';
import { passwordHashProblem, passwordProblem } from './password.js';
import { isSubject, MAX_USERNAME, usernameProblem } from './username.js';

const NOT_A_STRING: Problem = { rule: 'type', detail: 'must be a string' };

export const IsSubject = admitsBy<string>({
  name: 'isSubject',
  schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
  problem: (value) =>
    typeof value === 'string' && isSubject(value) ? undefined : { rule: 'subject', detail: 'must be 1 to 255 visible ASCII characters' },
});

export const IsUsername = admitsBy<string>({
  name: 'isUsername',
  schema: { type: 'string', minLength: 1, maxLength: MAX_USERNAME },
  problem: (value) => {
    const detail = typeof value === 'string' ? usernameProblem(value) : NOT_A_STRING.detail;
    return detail === undefined ? undefined : { rule: 'username', detail };
  },
});

/** A password of the account whose username stands in the same document. */
export const IsPassword = admitsBy<string>({
  name: 'isPassword',
  schema: { type: 'string', minLength: 8, maxLength: 1024 },
  problem: (value, { username }) =>
    typeof value === 'string' ? passwordProblem(value, typeof username === 'string' ? username : '') : NOT_A_STRING,
});

/** A hash that was brought along, in a document that has no password. */
export const IsPasswordHash = admitsBy<string>({
  name: 'isPasswordHash',
  schema: { type: 'string' },
  problem: (value, { password }) => {
    if (password !== undefined) return { rule: 'one-of', detail: 'cannot be given together with password' };
    return typeof value === 'string' ? passwordHashProblem(value) : NOT_A_STRING;
  },
});
