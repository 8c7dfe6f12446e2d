/** `npm run torture` in short: a server, its Postgres and one process of Postgres die under load, and every promise is kept. */
import { torture } from './rounds.js';

it('keeps every promise while servers and Postgres are killed', async () => {
  const lines: string[] = [];
  const { problems, counts } = await torture({
    rounds: 3,
    seed: 4,
    workers: 3,
    deaths: ['server', 'postmaster', 'backend'],
    waitsForLeases: false,
    print: (line) => void lines.push(line),
  });
  expect({ problems, lines }).toEqual({ problems: [], lines: expect.any(Array) });
  expect(lines).toHaveLength(3);
  expect(counts).toMatchObject({ 'killed: server': 1, 'killed: postmaster': 1, 'killed: backend': 1 });
  // How much of it a machine has time for differs; nothing of it may be missing.
  const kinds = ['changes answered', 'access tokens', 'ID tokens', 'refresh tokens', 'looks at userinfo'];
  expect(kinds.filter((kind) => !((counts[kind] ?? 0) > 0))).toEqual([]);
  expect((counts['unavailable'] ?? 0) + (counts['lost'] ?? 0)).toBeGreaterThan(0);
}, 120_000);
