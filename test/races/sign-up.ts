/** Many people want one name at the same moment: one gets it (A14). */
import { randomBytes } from 'node:crypto';
import { Browser } from '#test/browser.js';
import { sql } from '#test/database.js';
import { PARALLEL, parallel } from './pair.js';
import type { Race } from './race.js';

export const signUp: Race = {
  name: 'A14: 50 sign-ups for one name',
  seenBroken: /^(?:[2-9]|\d\d) accounts are stored$/,
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
        // From as many addresses, since one is slowed down.
        return browser.post(action, { ...fields, username, password }, { 'x-forwarded-for': `10.0.${String(round)}.${String(index)}` });
      }));
      const having = (sought: number): number => answers.filter(({ status }) => status === sought).length;
      const counts = { 'signed up': having(303), refused: having(400) };
      const rows = (table: string, column: string): Promise<unknown[]> =>
        sql(pair.databaseUrl, `SELECT 1 FROM ${table} WHERE ${column} = $1`, [username]);
      const [accounts, sessions] = [(await rows('accounts', 'username_key')).length, (await rows('sessions', 'sub')).length];
      const others = PARALLEL - counts['signed up'] - counts.refused;
      const violations = [
        ...(counts['signed up'] === 1 ? [] : [`${String(counts['signed up'])} of 50 sign-ups succeeded`]),
        ...(others === 0 ? [] : [`${String(others)} were answered in another way`]),
        ...(accounts === 1 ? [] : [`${String(accounts)} accounts are stored`]),
        ...(sessions === 1 ? [] : [`${String(sessions)} sessions are stored`]),
      ];
      return { counts, violations };
    };
  },
};
