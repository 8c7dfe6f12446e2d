/** Two servers start on an empty database at the same time: both run, with one schema, one set of keys and one administrator. */
import { createEmptyDatabase, dropDatabase, sql } from '#test/database.js';
import { basic, postForm, TOKEN } from '#test/flow.js';
import type { ServerProcess } from '#test/server-process.js';
import { settings, spawnOn } from './pair.js';
import type { Race, Round } from './race.js';

const SHOWN_SECRET = /client admin, secret (\S+)/;

export const firstStart: Race = {
  name: 'first start of two servers on an empty database',
  brokenViolation: /^1 of 2 servers started: .*(?:already exists|duplicate key)/s,
  async prepare({ store }) {
    return async () => {
      const databaseUrl = await createEmptyDatabase();
      const env = settings(databaseUrl, store);
      const starts = await Promise.allSettled([spawnOn(env, store), spawnOn(env, store)]);
      const servers = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
      try {
        const failures = starts.flatMap((start) => (start.status === 'rejected' ? [String(start.reason)] : []));
        const { counts, violations } = await check(servers, databaseUrl);
        const unequal = failures.length === 0 ? [] : [`${String(servers.length)} of 2 servers started: ${failures.join('\n')}`];
        return { counts, violations: [...unequal, ...violations] };
      } finally {
        await Promise.all(servers.map((server) => server.stop()));
        await dropDatabase(databaseUrl);
      }
    };
  },
};

async function check(servers: readonly ServerProcess[], databaseUrl: string): Promise<Round> {
  const count = async (text: string): Promise<number> =>
    (await sql<{ count: number }>(databaseUrl, `SELECT count(*)::int AS count ${text}`))[0]?.count ?? 0;
  const [repeated, keys, administrators] = [
    await count('FROM (SELECT 1 FROM migrations GROUP BY name HAVING count(*) > 1) AS repeated'),
    await count("FROM (SELECT alg FROM signing_keys WHERE state = 'active' GROUP BY alg HAVING count(*) = 1) AS single"),
    await count("FROM clients WHERE client_id = 'admin'"),
  ];
  const published = await Promise.all(servers.map(keySetOf));
  const shown = servers.flatMap((server) => SHOWN_SECRET.exec(server.output())?.[1] ?? []);
  const accepted = await Promise.all(servers.map((server) => acceptsSecret(server, shown[0] ?? '')));
  const violations = [
    ...(repeated === 0 ? [] : [`${String(repeated)} migrations were applied more than once`]),
    ...(keys === 2 ? [] : [`${String(keys)} of 2 algorithms have one key`]),
    ...(new Set(published).size <= 1 ? [] : ['the servers publish different keys']),
    ...(administrators === 1 ? [] : [`there are ${String(administrators)} administrators`]),
    ...(shown.length === 1 ? [] : [`${String(shown.length)} servers showed a secret of the administrator`]),
    ...(accepted.every(Boolean) ? [] : ['a server does not accept the secret of the administrator']),
  ];
  return { counts: { started: servers.length, keys, administrators }, violations };
}

async function keySetOf({ url }: ServerProcess): Promise<string> {
  const { jwks_uri } = (await (await fetch(`${url}/.well-known/openid-configuration`)).json()) as { jwks_uri: string };
  return (await fetch(url + new URL(jwks_uri).pathname)).text();
}

async function acceptsSecret({ url }: ServerProcess, secret: string): Promise<boolean> {
  const authorization = basic({ client_id: 'admin', client_secret: secret });
  return (await postForm(url + TOKEN, { grant_type: 'client_credentials' }, { authorization })).status === 200;
}
