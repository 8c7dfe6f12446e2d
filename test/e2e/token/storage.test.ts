import { createHash, createPrivateKey, randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { createDatabase, dropDatabase, sql } from '#test/database.js';
import { obtainCode, redeem, refresh, requestTokens } from '#test/flow.js';
import { aClient, aUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { change, countEvents, delivered, eventually, obtainTokens, tokensOf, userinfo } from '#test/tokens.js';

/** All rows of all tables as text; bytes are in hexadecimal. */
async function dump(databaseUrl: string): Promise<string> {
  const tables = await sql<{ name: string }>(databaseUrl, "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'");
  const rows = await Promise.all(tables.map(({ name }) => sql<{ row: string }>(databaseUrl, `SELECT t::text AS row FROM "${name}" t`)));
  return rows.flat().map(({ row }) => row).join('\n');
}

describe('the database', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  it('has only hashes of codes, tokens and secrets', async () => {
    const [client, user] = [await aClient(server), await aUser(server)];
    const unredeemed = await obtainCode({ server, client, user });
    const code = await obtainCode({ server, client, user });
    const first = tokensOf(await redeem(server, client, code));
    const next = tokensOf(await refresh(server, client, first.refresh_token));
    const content = await dump(server.databaseUrl);
    const tokens = [first, next].flatMap((each) => [each.access_token, each.refresh_token]);
    const issued = [unredeemed, code, ...tokens, client.client_secret];
    for (const secret of [...issued, user.password, server.secret, await server.admin.token()]) {
      expect(content).not.toContain(secret);
      expect(content).not.toContain(Buffer.from(secret).toString('hex'));
      expect(content).not.toContain(Buffer.from(secret, 'base64url').toString('hex'));
    }
    for (const secret of issued) {
      expect(content).toContain(createHash('sha256').update(secret).digest('hex'));
    }
  });

  it('has no ID tokens', async () => {
    const [client, user] = [await aClient(server), await aUser(server)];
    const { id_token: token } = await obtainTokens({ server, client, user });
    const content = await dump(server.databaseUrl);
    expect(content).not.toContain(token);
    expect(content).not.toContain(decodeJwt(token).jti);
  });

  it('has signing keys only encrypted', async () => {
    const select = 'SELECT alg, sealed_private_key FROM signing_keys';
    const keys = await sql<{ alg: string; sealed_private_key: Buffer }>(server.databaseUrl, select);
    expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES256', 'RS256']);
    for (const { sealed_private_key: key } of keys) {
      expect(() => createPrivateKey({ key, format: 'der', type: 'pkcs8' })).toThrow();
      // The object identifiers of rsaEncryption and id-ecPublicKey, which every unencrypted PKCS #8 key contains.
      expect(key.includes(Buffer.from('2a864886f70d010101', 'hex'))).toBe(false);
      expect(key.includes(Buffer.from('2a8648ce3d0201', 'hex'))).toBe(false);
    }
    expect(await dump(server.databaseUrl)).not.toMatch(/PRIVATE KEY|"d" ?:/);
  });

  describe('GrantRevoked is recorded once for each grant if', () => {
    it('the client is removed', async () => {
      const [client, user] = [await aClient(server), await aUser(server)];
      for (let grant = 0; grant < 2; grant++) await obtainTokens({ server, client, user });
      await change(server, `/clients/${client.client_id}`);
      await eventually(async () => (await countEvents(server, 'authorization.grant-revoked', client.client_id)) === 2);
      await delivered(server);
      expect(await countEvents(server, 'authorization.grant-revoked', client.client_id)).toBe(2);
    });

    it.each([['locked', { locked: true }], ['removed', undefined]])('the account is %s', async (_, patch) => {
      const [client, user, other] = [await aClient(server), await aUser(server), await aUser(server)];
      const [own, others] = [await obtainTokens({ server, client, user }), await obtainTokens({ server, client, user: other })];
      await change(server, `/users/${user.sub}`, patch);
      await eventually(async () => (await countEvents(server, 'authorization.grant-revoked', client.client_id)) === 1);
      expect((await refresh(server, client, own.refresh_token)).body['error']).toBe('invalid_grant');
      await delivered(server);
      expect(await countEvents(server, 'authorization.grant-revoked', client.client_id)).toBe(1);
      expect((await userinfo(server, others.access_token)).status).toBe(200);
    });
  });

  it('R7: tokens stay valid after a new secret of the client, and the old secret is refused', async () => {
    const [client, user] = [await aClient(server), await aUser(server)];
    const tokens = await obtainTokens({ server, client, user });
    const { body } = await server.admin.post(`/clients/${client.client_id}/secrets`, { retire_others_in: 0 });
    expect((await refresh(server, client, tokens.refresh_token)).body['error']).toBe('invalid_client');
    const renewed = { ...client, client_secret: String(body['client_secret']) };
    expect((await userinfo(server, tokens.access_token)).status).toBe(200);
    expect((await refresh(server, renewed, tokens.refresh_token)).status).toBe(200);
    expect((await requestTokens(server, client, { grant_type: 'client_credentials' })).status).toBe(401);
  });
});

describe('GATEHOUSE_SECRET', () => {
  let databaseUrl: string;
  const [old, renewed, other] = [randomBytes(32), randomBytes(32), randomBytes(32)].map((bytes) => bytes.toString('base64url'));
  beforeAll(async () => {
    databaseUrl = await createDatabase();
  });
  afterAll(() => dropDatabase(databaseUrl));

  async function keysUnder(secret: string): Promise<unknown> {
    const server = await startServer({ databaseUrl, env: { GATEHOUSE_SECRET: secret } });
    try {
      return await (await fetch(`${server.url}/oauth/v2/jwks`)).json();
    } finally {
      await server.close();
    }
  }

  it('can be rotated: the server starts with "new,old" and then with "new", but not with another secret; the keys stay', async () => {
    const keys = await keysUnder(old!);
    await expect(keysUnder(other!)).rejects.toThrow(/^GATEHOUSE_SECRET does not open the signing key \S+ of the database: set it to the secret that the key was made under/);
    await expect(keysUnder(renewed!)).rejects.toThrow(/GATEHOUSE_SECRET/);
    expect(await keysUnder(`${renewed!},${old!}`)).toEqual(keys);
    expect(await keysUnder(renewed!)).toEqual(keys);
    await expect(keysUnder(old!)).rejects.toThrow(/GATEHOUSE_SECRET/);
  });
});
