import { randomBytes } from 'node:crypto';
import { basic, obtainCode, type Parameters, postForm, TOKEN, type TokenAnswer } from '#test/flow.js';
import { aClient, aPublicClient, aUser, type TestClient, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { change, PKCE, VERIFIER } from '#test/tokens.js';

/** The answer to an authenticated client whose code is wrong. */
const AUTHENTICATED = [400, 'invalid_grant'];
const REFUSED = [401, 'invalid_client'];
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('the authentication of a client', () => {
  let server: TestServer;
  let strict: TestServer;
  let user: TestUser;
  let client: TestClient;
  let id: { client_id: string };
  let both: { client_id: string; client_secret: string };
  beforeAll(async () => {
    server = await startServer();
    strict = await startServer({ besides: server, clientAuthentication: 'strict' });
    [user, client] = await Promise.all([aUser(server), aClient(server)]);
    id = { client_id: client.client_id };
    both = { ...id, client_secret: client.client_secret };
  });
  afterAll(async () => {
    await strict.close();
    await server.close();
  });

  function ask(parameters: Parameters, authorization?: string, on = server): Promise<TokenAnswer> {
    const grant = { grant_type: 'authorization_code', code: 'a' };
    return postForm(on.url + TOKEN, { ...grant, ...parameters }, authorization === undefined ? {} : { authorization });
  }

  async function outcomeOf(...request: ArgumentsOf<typeof ask>) {
    const { status, body } = await ask(...request);
    return [status, body['error']];
  }

  describe('T7: the client authenticates', () => {
    it('a confidential client that sends only its ID is refused', async () => {
      expect(await outcomeOf(id)).toEqual(REFUSED);
      expect(await outcomeOf({})).toEqual(REFUSED);
    });

    it('a public client sends only its ID', async () => {
      const open = await aPublicClient(server);
      expect(await outcomeOf({ client_id: open.client_id })).toEqual(AUTHENTICATED);
      expect(await outcomeOf({ client_id: open.client_id, client_secret: 'a' })).toEqual(REFUSED);
      expect(await outcomeOf({}, basic(open))).toEqual(REFUSED);
      const code = await obtainCode({ server, client: open, user, parameters: PKCE });
      const { status } = await ask({ client_id: open.client_id, code, code_verifier: VERIFIER, redirect_uri: open.redirect_uri });
      expect(status).toBe(200);
    });

    it('the secret of another client is refused', async () => {
      const other = await aClient(server);
      expect(await outcomeOf({}, basic({ ...client, client_secret: other.client_secret }))).toEqual(REFUSED);
    });

    it('a disabled client and an old secret are refused', async () => {
      const changing = await aClient(server);
      await change(server, `/clients/${changing.client_id}`, { enabled: false });
      expect(await outcomeOf({}, basic(changing))).toEqual(REFUSED);
      await change(server, `/clients/${changing.client_id}`, { enabled: true });
      expect(await outcomeOf({}, basic(changing))).toEqual(AUTHENTICATED);
      const reset = await server.admin.post(`/clients/${changing.client_id}/secrets`, { retire_others_in: 0 });
      expect(await outcomeOf({}, basic(changing))).toEqual(REFUSED);
      expect(await outcomeOf({}, basic({ ...changing, client_secret: String(reset.body['client_secret']) }))).toEqual(AUTHENTICATED);
    });
  });

  describe('T8: ID and secret in the header are form-decoded after base64', () => {
    it('characters may be escaped even if they need not be', async () => {
      const escaped = Buffer.from(client.client_id).toString('hex').replaceAll(/../g, '%$&');
      expect(await outcomeOf({}, `Basic ${base64(`${escaped}:${client.client_secret}`)}`)).toEqual(AUTHENTICATED);
    });

    it('an encoded ID with colons, percent signs and pluses is accepted', async () => {
      const special = `odd:%41+/=&"'<>~${randomBytes(4).toString('hex')}`;
      const created = await server.admin.post('/clients', { client_id: special, redirect_uris: ['https://client.example/cb'] });
      expect(created.status).toBe(201);
      const credentials = { client_id: special, client_secret: String(created.body['client_secret']) };
      expect(await outcomeOf({}, basic(credentials))).toEqual(AUTHENTICATED);
      expect(await outcomeOf({}, `Basic ${base64(`${special}:${credentials.client_secret}`)}`)).toEqual(REFUSED);
    });

    it('a secret with Unicode characters is refused like a wrong one', async () => {
      expect(await outcomeOf({}, basic({ ...client, client_secret: 'пароль-🔑' }))).toEqual(REFUSED);
    });

    it('the case of the scheme is ignored', async () => {
      expect(await outcomeOf({}, basic(client).replace('Basic', 'bASIC'))).toEqual(AUTHENTICATED);
    });

    it.each([
      ['no credentials', 'Basic'],
      ['only a space', 'Basic '],
      ['no base64', 'Basic ***'],
      ['no colon', `Basic ${base64('abc')}`],
      ['no client', `Basic ${base64(':secret')}`],
      ['a broken escape', `Basic ${base64('a:%zz')}`],
      ['bytes that are not UTF-8', `Basic ${Buffer.from([0x61, 0x3a, 0xff, 0xfe]).toString('base64')}`],
      ['an escaped NUL', `Basic ${base64('a:%00')}`],
      ['two credentials', `Basic ${base64('a:b')} ${base64('a:b')}`],
    ])('malformed credentials are refused: %s', async (_, authorization) => {
      expect(await outcomeOf({}, authorization)).toEqual(REFUSED);
      expect(await outcomeOf(both, authorization)).toEqual(REFUSED);
    });
  });

  describe('T9: ID and secret in the body', () => {
    it('authenticate a client with client_secret_post', async () => {
      const poster = await aClient(server, { token_endpoint_auth_method: 'client_secret_post' });
      const credentials = { client_id: poster.client_id, client_secret: poster.client_secret };
      expect(await outcomeOf(credentials)).toEqual(AUTHENTICATED);
      expect(await outcomeOf({ ...credentials, client_secret: 'wrong' })).toEqual(REFUSED);
      expect(await outcomeOf({ client_secret: poster.client_secret })).toEqual(REFUSED);
    });
  });

  describe('T10: credentials in header and body', () => {
    it('are accepted if they are equal', async () => {
      expect(await outcomeOf(both, basic(client))).toEqual(AUTHENTICATED);
      expect(await outcomeOf(id, basic(client))).toEqual(AUTHENTICATED);
    });

    it('are an invalid_client if they differ', async () => {
      const other = await aClient(server);
      expect(await outcomeOf({ ...both, client_secret: 'wrong' }, basic(client))).toEqual(REFUSED);
      expect(await outcomeOf(both, basic({ ...client, client_secret: 'wrong' }))).toEqual(REFUSED);
      expect(await outcomeOf({ client_id: other.client_id }, basic(client))).toEqual(REFUSED);
      expect(await outcomeOf({ client_id: other.client_id, client_secret: other.client_secret }, basic(client))).toEqual(REFUSED);
    });

    it('are an invalid_request with the setting strict, equal or not', async () => {
      expect(await outcomeOf(both, basic(client), strict)).toEqual([400, 'invalid_request']);
      expect(await outcomeOf({ ...both, client_secret: 'wrong' }, basic(client), strict)).toEqual([400, 'invalid_request']);
      expect(await outcomeOf({}, basic(client), strict)).toEqual(AUTHENTICATED);
      expect(await outcomeOf(id, basic(client), strict)).toEqual(AUTHENTICATED);
    });
  });

  const otherSchemes = ['Bearer abc', 'Digest username="a"', 'DPoP abc', 'Basically YTpi', 'abc'];
  it.each(otherSchemes)('T12: a scheme other than Basic gets a 401 with WWW-Authenticate: %s', async (authorization) => {
    for (const parameters of [{}, id]) {
      const { status, headers, body } = await ask(parameters, authorization);
      expect([status, body['error']]).toEqual(REFUSED);
      expect(headers.get('www-authenticate')).toMatch(/^Basic realm="[^"]+"$/);
    }
  });

  it('T13: wrong credentials get a 401 invalid_client, in the header with WWW-Authenticate', async () => {
    const header = await ask({}, basic({ ...client, client_secret: 'wrong' }));
    expect([header.status, header.body['error']]).toEqual(REFUSED);
    expect(header.headers.get('www-authenticate')).toMatch(/^Basic /);
    expect(await outcomeOf({ ...id, client_secret: 'wrong' })).toEqual(REFUSED);
    expect(await outcomeOf({ client_id: 'nobody', client_secret: 'wrong' })).toEqual(REFUSED);
  });

  it('an unknown client, a wrong secret and a wrong method get the same answer', async () => {
    const answers = await Promise.all([
      ask({}, basic({ client_id: 'nobody', client_secret: 'wrong' })),
      ask({}, basic({ ...client, client_secret: 'wrong' })),
      ask(both),
    ]);
    expect(new Set(answers.map(({ body: { trace_id: _, ...rest } }) => JSON.stringify(rest))).size).toBe(1);
  });
});

type ArgumentsOf<F extends (...args: never[]) => unknown> = F extends (...args: infer A) => unknown ? A : never;
