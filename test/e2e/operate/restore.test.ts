import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Admin } from '#test/admin.js';
import { obtainCode, redeem, refresh } from '#test/flow.js';
import { aClient, aUser, type TestClient, type TestUser } from '#test/fixtures.js';
import { dataDirectory, startServerScript } from '#test/run-program.js';
import { obtainTokens, tokensOf, userinfo } from '#test/tokens.js';

const SECRET = 'administrator-of-the-tests-only-0';

async function withServer<T>(directory: string, work: (server: { url: string; admin: Admin }) => Promise<T>): Promise<T> {
  const { issuer, stop } = await startServerScript({ GATEHOUSE_DATA: directory, GATEHOUSE_ADMIN_SECRET: SECRET });
  try {
    return await work({ url: issuer, admin: new Admin(issuer, SECRET) });
  } finally {
    await stop();
  }
}

async function keysOf({ url }: { readonly url: string }): Promise<unknown> {
  return (await fetch(`${url}/oauth/v2/jwks`)).json();
}

interface State {
  readonly client: TestClient;
  readonly user: TestUser;
  readonly refreshToken: string;
  readonly redeemedCode: string;
  readonly keys: unknown;
}

async function createState(server: { url: string; admin: Admin }): Promise<State> {
  const client = await aClient(server);
  const user = await aUser(server);
  const redeemedCode = await obtainCode({ server, client, user });
  tokensOf(await redeem(server, client, redeemedCode));
  const { refresh_token: refreshToken } = await obtainTokens({ server, client, user });
  return { client, user, refreshToken, redeemedCode, keys: await keysOf(server) };
}

it('a copy of the data directory of a stopped server has all users, clients, grants, keys and redeemed codes', async () => {
  const directory = dataDirectory();
  const copies = dataDirectory();
  const copy = join(copies, 'copy');
  const { client, user, refreshToken, redeemedCode, keys } = await withServer(directory, createState);
  // The command of docs/operations.md.
  execFileSync('cp', ['--archive', directory, copy]);
  rmSync(directory, { recursive: true });

  await withServer(copy, async (server) => {
    expect(await keysOf(server)).toEqual(keys);
    const refreshed = tokensOf(await refresh(server, client, refreshToken));
    expect((await userinfo(server, refreshed.access_token)).body).toMatchObject({ sub: user.sub });
    expect((await redeem(server, client, redeemedCode)).body).toMatchObject({ error: 'invalid_grant' });
    expect((await obtainTokens({ server, client, user })).id_token).not.toBe('');
  });
  rmSync(copies, { recursive: true });
}, 60_000);
