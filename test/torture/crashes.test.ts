/** A short `npm run torture`: a server, its Postgres and one process of Postgres are killed under load, and every invariant holds. */
import { torture } from './rounds.js';

it('every invariant holds while servers and Postgres are killed under load', async () => {
  const lines: string[] = [];
  const { problems, counts } = await torture({
    rounds: 3,
    seed: 4,
    workers: 3,
    targets: ['server', 'postmaster', 'backend'],
    waitsForLeases: false,
    print: (line) => void lines.push(line),
  });
  expect({ problems, lines }).toEqual({ problems: [], lines: expect.any(Array) });
  expect(lines).toHaveLength(3);
  expect(counts).toMatchObject({ 'killed: server': 1, 'killed: postmaster': 1, 'killed: backend': 1 });
  // The counts depend on the speed of the machine, but none may be zero.
  const kinds = ['changes answered', 'access tokens', 'ID tokens', 'refresh tokens', 'userinfo requests'];
  expect(kinds.filter((kind) => !((counts[kind] ?? 0) > 0))).toEqual([]);
  expect((counts['unavailable'] ?? 0) + (counts['lost'] ?? 0)).toBeGreaterThan(0);
}, 120_000);
