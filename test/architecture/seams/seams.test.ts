/**
 * The promises of “Where to change what” in docs/architecture.md: each seam adds the smallest real thing of its kind to a copy of
 * the repository. The copy is type-checked, built and started, and one client, user or administrator uses each thing.
 */
import { randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { Admin } from '#test/admin.js';
import { Browser } from '#test/browser.js';
import { createEmptyDatabase, dropDatabase } from '#test/database.js';
import { aClient, aUser, type TestClient } from '#test/fixtures.js';
import { authorize, authorizePath, basic, postForm, redeem, requestTokens, TOKEN } from '#test/flow.js';
import type { Served } from '#test/server.js';
import { type ServerProcess, spawnServer } from '#test/server-process.js';
import { SEAMS } from './all-seams.js';
import { ScratchCopy } from './scratch-copy.js';
import { touchedFiles } from './seam.js';

const ADMIN_SECRET = randomBytes(24).toString('base64url');

describe.each(SEAMS)('$row', (seam) => {
  it(`touches at most ${String(seam.goal)} existing files`, () => {
    expect(touchedFiles(seam).length).toBeLessThanOrEqual(seam.goal);
  });
});

describe('a copy of the repository with one more thing of each kind', () => {
  const copy = new ScratchCopy();
  let process: ServerProcess | undefined;
  let server: Served;

  beforeAll(async () => {
    for (const seam of SEAMS) copy.add(seam);
    expect(await copy.typeErrors()).toBe('');
    expect(await copy.build()).toBe('');
    const databaseUrl = await createEmptyDatabase();
    const secrets = { GATEHOUSE_SECRET: randomBytes(32).toString('base64'), GATEHOUSE_ADMIN_SECRET: ADMIN_SECRET };
    process = await spawnServer({ DATABASE_URL: databaseUrl, GATEHOUSE_ISSUER: 'http://localhost:9000', ...secrets }, copy.main);
    const { url } = process;
    server = { url, databaseUrl, admin: new Admin(url, ADMIN_SECRET) };
  }, 300_000);

  afterAll(async () => {
    await process?.stop();
    if (process !== undefined) await dropDatabase(server.databaseUrl);
    copy.delete();
  });

  async function metadata(): Promise<Record<string, unknown>> {
    const response = await fetch(`${server.url}/.well-known/openid-configuration`);
    return (await response.json()) as Record<string, unknown>;
  }

  it('grants tokens by the new grant type, to the clients that may use it', async () => {
    const grant_type = 'urn:example:word';
    const right = { grant_type, word: 'please' };
    const client = await aClient(server, { grant_types: [grant_type], redirect_uris: [], response_types: [] });
    expect(await requestTokens(server, client, right)).toMatchObject({ status: 200, body: { token_type: 'bearer' } });
    const wrong = await requestTokens(server, client, { grant_type, word: 'now' });
    expect(wrong).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const other = await aClient(server);
    expect(await requestTokens(server, other, right)).toMatchObject({ body: { error: 'unauthorized_client' } });
    expect((await metadata())['grant_types_supported']).toContain(grant_type);
  });

  it('authenticates clients by the new method', async () => {
    const method = 'client_id_backwards';
    const grant = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] };
    const client = await aClient(server, { client_id: 'abc', token_endpoint_auth_method: method, ...grant });
    expect(client.client_secret).toBe('');
    const form = { grant_type: 'client_credentials', client_id: 'abc' };
    expect(await postForm(`${server.url}${TOKEN}`, { ...form, client_id_backwards: 'cba' })).toMatchObject({ status: 200 });
    const wrong = await postForm(`${server.url}${TOKEN}`, { ...form, client_id_backwards: 'abc' });
    expect(wrong).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect((await metadata())['token_endpoint_auth_methods_supported']).toContain(method);
  });

  it('logs a user in by the new authenticator, on its page', async () => {
    const client = await aClient(server, { authenticators: ['question'] });
    const user = await aUser(server);
    const browser = new Browser(server.url);
    const login = await browser.follow(await browser.get(authorizePath(client, { acr_values: 'urn:example:question' })));
    expect(login.body).toContain('What is 20 + 22?');
    const wrong = await browser.follow(await browser.submit(login, { username: user.username, answer: '41' }));
    const { redirected } = await browser.follow(await browser.submit(wrong, { username: user.username, answer: '42' }));
    const tokens = await redeem(server, client, redirected.get('code') ?? '');
    expect(decodeJwt(String(tokens.body['id_token']))).toMatchObject({ sub: user.sub, acr: 'urn:example:question', amr: ['kba'] });
  });

  it('serves the new endpoint to authenticated clients, and names it in the metadata', async () => {
    const { scope_endpoint } = await metadata();
    expect(scope_endpoint).toBe('http://localhost:9000/oauth/v2/oauth-scope');
    const client = await aClient(server, { scope: 'openid email' });
    const ask = (as: TestClient) => postForm(`${server.url}/oauth/v2/oauth-scope`, {}, { authorization: basic(as) });
    expect(await ask(client)).toMatchObject({ status: 200, body: { scope: 'openid email' } });
    expect(await ask({ ...client, client_secret: 'wrong' })).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('administers the new resource, and describes it', async () => {
    const { admin } = server;
    const scope = { authorization: `Bearer ${await admin.newToken('tags:write')}` };
    const created = await admin.post('/tags', { name: 'blue', title: 'Blue' }, scope);
    expect(created).toMatchObject({ status: 201, body: { name: 'blue', title: 'Blue' } });
    expect(await admin.post('/tags', { name: 'blue' }, scope)).toMatchObject({ status: 409 });
    expect(await admin.post('/tags', { color: 1 }, scope)).toMatchObject({ status: 400 });
    const ifMatch = { ...scope, 'if-match': created.headers.get('etag') ?? '' };
    expect(await admin.call('PATCH', '/tags/blue', { body: { title: 'Azure' }, headers: ifMatch })).toMatchObject({ status: 200 });
    expect(await admin.call('DELETE', '/tags/blue', { headers: ifMatch })).toMatchObject({ status: 412 });
    expect(await admin.get('/tags', scope)).toMatchObject({ body: { items: [{ name: 'blue', title: 'Azure' }] } });
    const openapi = await admin.get<{ paths: object }>('/openapi.json', scope);
    expect(Object.keys(openapi.body.paths)).toContain('/admin/v1/tags/{name}');
  });

  it('carries the new parameter from the request to the ID token', async () => {
    const client = await aClient(server);
    const user = await aUser(server);
    const { redirected } = await authorize({ server, client, user, parameters: { reason: 'holiday' } });
    const { body } = await redeem(server, client, redirected.get('code') ?? '');
    expect(decodeJwt(String(body['id_token']))).toMatchObject({ reason: 'holiday' });
  });
});
