/** Many users sign up with the same username at the same time: one succeeds (A14). */
import { randomBytes } from 'node:crypto';
import { Browser } from '#test/browser.js';
import { sql } from '#test/database.js';
import { PARALLEL, parallel } from './pair.js';
import type { Race } from './race.js';

export const signUp: Race = {
  name: 'A14: 50 sign-ups for one name',
  brokenViolation: /^(?:[2-9]|\d\d) accounts are stored$/,
  async prepare(pair) {
    let round = 0;
    return async () => {
      round++;
      const username = `user-${randomBytes(6).toString('hex')}`;
      const forms = await parallel(pair, PARALLEL, async ({ url }) => {
        const browser = new Browser(url);
        return { browser, ...(await browser.get('/signup')).form() };
      });
      const answers = await Promise.all(forms.map(({ browser, action, fields }, index) => {
        const password = randomBytes(12).toString('base64url');
        // Each request has an address of its own, because the server slows down many sign-ups from one address.
        return browser.post(action, { ...fields, username, password }, { 'x-forwarded-for': `10.0.${String(round)}.${String(index)}` });
      }));
      const countOf = (sought: number): number => answers.filter(({ status }) => status === sought).length;
      const counts = { 'signed up': countOf(303), refused: countOf(400) };
      const rows = (table: string, column: string): Promise<unknown[]> =>
        sql(pair.databaseUrl, `SELECT 1 FROM ${table} WHERE ${column} = $1`, [username]);
      const [accounts, sessions] = [(await rows('accounts', 'username_key')).length, (await rows('sessions', 'sub')).length];
      const others = PARALLEL - counts['signed up'] - counts.refused;
      const violations = [
        ...(counts['signed up'] === 1 ? [] : [`${String(counts['signed up'])} of 50 sign-ups succeeded`]),
        ...(others === 0 ? [] : [`${String(others)} sign-ups were answered with another status`]),
        ...(accounts === 1 ? [] : [`${String(accounts)} accounts are stored`]),
        ...(sessions === 1 ? [] : [`${String(sessions)} sessions are stored`]),
      ];
      return { counts, violations };
    };
  },
};
