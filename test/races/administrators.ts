/** Two administrators change the same version of a resource at the same time: one gets a 412 (RFC 9110 §13.1.1). */
import { randomUUID } from 'node:crypto';
import { aClient, aUser } from '#test/fixtures.js';
import { type Pair, parallel } from './pair.js';
import type { Race, Round } from './race.js';

async function bothWrite(pair: Pair, path: string, field: string): Promise<Round> {
  const [{ admin }] = pair.servers;
  // A write with the stored value is no change, and would not get a 412.
  const values: readonly string[] = [randomUUID(), randomUUID()];
  const etag = (await admin.get(path)).headers.get('etag') ?? '';
  const answers = await parallel(pair, 2, (server, index) =>
    server.admin.call('PATCH', path, { body: { [field]: values[index] }, headers: { 'if-match': etag } }));
  const stored = (await admin.get(path)).body[field];
  const winners = answers.flatMap(({ status }, index) => (status === 200 ? [values[index] ?? ''] : []));
  const statuses = answers.map(({ status }) => status).sort().join(' and ');
  const violations = [
    ...(statuses === '200 and 412' ? [] : [`the two writes were answered by ${statuses}`]),
    ...(winners.includes(String(stored)) ? [] : ['the stored value is not the value of the successful write']),
  ];
  return { counts: { written: winners.length, 'refused with 412': answers.filter(({ status }) => status === 412).length }, violations };
}

export const administrators: Race = {
  name: 'two administrators write to one client, and to one user',
  brokenViolation: /^the two writes were answered by 200 and 200$/,
  async prepare(pair) {
    const [server] = pair.servers;
    const paths = [`/clients/${(await aClient(server)).client_id}`, `/users/${(await aUser(server)).sub}`] as const;
    return async () => {
      const [client, user] = await Promise.all([bothWrite(pair, paths[0], 'client_name'), bothWrite(pair, paths[1], 'name')]);
      const sum = (outcome: string): number => (client.counts[outcome] ?? 0) + (user.counts[outcome] ?? 0);
      const counts = { written: sum('written'), 'refused with 412': sum('refused with 412') };
      return { counts, violations: [...client.violations, ...user.violations] };
    };
  },
};
