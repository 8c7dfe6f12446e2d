import { randomBytes } from 'node:crypto';
import { basic, obtainCode, type Parameters, postForm, TOKEN, type TokenAnswer } from '#test/flow.js';
import { aClient, aPublicClient, aUser, type TestClient, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { change, PKCE, VERIFIER } from '#test/tokens.js';

/** What a request without a code gets from whoever is known: proof that its client was. */
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

  async function asked(...request: ArgumentsOf<typeof ask>) {
    const { status, body } = await ask(...request);
    return [status, body['error']];
  }

  describe('T7: the client authenticates', () => {
    it('and a confidential one that only names itself is refused', async () => {
      expect(await asked(id)).toEqual(REFUSED);
      expect(await asked({})).toEqual(REFUSED);
    });

    it('and a public one names itself and nothing more', async () => {
      const open = await aPublicClient(server);
      expect(await asked({ client_id: open.client_id })).toEqual(AUTHENTICATED);
      expect(await asked({ client_id: open.client_id, client_secret: 'a' })).toEqual(REFUSED);
      expect(await asked({}, basic(open))).toEqual(REFUSED);
      const code = await obtainCode({ server, client: open, user, parameters: PKCE });
      const { status } = await ask({ client_id: open.client_id, code, code_verifier: VERIFIER, redirect_uri: open.redirect_uri });
      expect(status).toBe(200);
    });

    it('with the secret of another client in vain', async () => {
      const other = await aClient(server);
      expect(await asked({}, basic({ ...client, client_secret: other.client_secret }))).toEqual(REFUSED);
    });

    it('as long as it is enabled, and with the secret of today', async () => {
      const changing = await aClient(server);
      await change(server, `/clients/${changing.client_id}`, { enabled: false });
      expect(await asked({}, basic(changing))).toEqual(REFUSED);
      await change(server, `/clients/${changing.client_id}`, { enabled: true });
      expect(await asked({}, basic(changing))).toEqual(AUTHENTICATED);
      const reset = await server.admin.post(`/clients/${changing.client_id}/secrets`, { retire_others_in: 0 });
      expect(await asked({}, basic(changing))).toEqual(REFUSED);
      expect(await asked({}, basic({ ...changing, client_secret: String(reset.body['client_secret']) }))).toEqual(AUTHENTICATED);
    });
  });

  describe('T8: id and secret in the header are form-decoded after base64', () => {
    it('whatever characters were escaped that needed it or not', async () => {
      const escaped = Buffer.from(client.client_id).toString('hex').replaceAll(/../g, '%$&');
      expect(await asked({}, `Basic ${base64(`${escaped}:${client.client_secret}`)}`)).toEqual(AUTHENTICATED);
    });

    it('so an ID of every printable character, with colons, percent signs and pluses, works when it is encoded', async () => {
      const odd = `odd:%41+/=&"'<>~${randomBytes(4).toString('hex')}`;
      const made = await server.admin.post('/clients', { client_id: odd, redirect_uris: ['https://client.example/cb'] });
      expect(made.status).toBe(201);
      const credentials = { client_id: odd, client_secret: String(made.body['client_secret']) };
      expect(await asked({}, basic(credentials))).toEqual(AUTHENTICATED);
      expect(await asked({}, `Basic ${base64(`${odd}:${credentials.client_secret}`)}`)).toEqual(REFUSED);
    });

    it('and unicode is refused as a wrong secret, not as a failure of the server', async () => {
      expect(await asked({}, basic({ ...client, client_secret: 'пароль-🔑' }))).toEqual(REFUSED);
    });

    it('and the scheme has no case', async () => {
      expect(await asked({}, basic(client).replace('Basic', 'bASIC'))).toEqual(AUTHENTICATED);
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
      ['two of them', `Basic ${base64('a:b')} ${base64('a:b')}`],
    ])('and malformed ones are refused: %s', async (_, authorization) => {
      expect(await asked({}, authorization)).toEqual(REFUSED);
      expect(await asked(both, authorization)).toEqual(REFUSED);
    });
  });

  describe('T9: id and secret in the body', () => {
    it('authenticate a client that is registered for that', async () => {
      const poster = await aClient(server, { token_endpoint_auth_method: 'client_secret_post' });
      const credentials = { client_id: poster.client_id, client_secret: poster.client_secret };
      expect(await asked(credentials)).toEqual(AUTHENTICATED);
      expect(await asked({ ...credentials, client_secret: 'wrong' })).toEqual(REFUSED);
      expect(await asked({ client_secret: poster.client_secret })).toEqual(REFUSED);
    });
  });

  describe('T10: credentials in both places', () => {
    it('are accepted when they are equal', async () => {
      expect(await asked(both, basic(client))).toEqual(AUTHENTICATED);
      expect(await asked(id, basic(client))).toEqual(AUTHENTICATED);
    });

    it('are refused with invalid_client when they differ', async () => {
      const other = await aClient(server);
      expect(await asked({ ...both, client_secret: 'wrong' }, basic(client))).toEqual(REFUSED);
      expect(await asked(both, basic({ ...client, client_secret: 'wrong' }))).toEqual(REFUSED);
      expect(await asked({ client_id: other.client_id }, basic(client))).toEqual(REFUSED);
      expect(await asked({ client_id: other.client_id, client_secret: other.client_secret }, basic(client))).toEqual(REFUSED);
    });

    it('are refused with invalid_request by the setting strict, equal or not', async () => {
      expect(await asked(both, basic(client), strict)).toEqual([400, 'invalid_request']);
      expect(await asked({ ...both, client_secret: 'wrong' }, basic(client), strict)).toEqual([400, 'invalid_request']);
      expect(await asked({}, basic(client), strict)).toEqual(AUTHENTICATED);
      expect(await asked(id, basic(client), strict)).toEqual(AUTHENTICATED);
    });
  });

  const otherSchemes = ['Bearer abc', 'Digest username="a"', 'DPoP abc', 'Basically YTpi', 'abc'];
  it.each(otherSchemes)('T12: the scheme of %s → 401 with WWW-Authenticate', async (authorization) => {
    for (const parameters of [{}, id]) {
      const { status, headers, body } = await ask(parameters, authorization);
      expect([status, body['error']]).toEqual(REFUSED);
      expect(headers.get('www-authenticate')).toMatch(/^Basic realm="[^"]+"$/);
    }
  });

  it('T13: failed in the header → 401 with WWW-Authenticate, failed in the body → 401 invalid_client', async () => {
    const header = await ask({}, basic({ ...client, client_secret: 'wrong' }));
    expect([header.status, header.body['error']]).toEqual(REFUSED);
    expect(header.headers.get('www-authenticate')).toMatch(/^Basic /);
    expect(await asked({ ...id, client_secret: 'wrong' })).toEqual(REFUSED);
    expect(await asked({ client_id: 'nobody', client_secret: 'wrong' })).toEqual(REFUSED);
  });

  it('tells an unknown client, a wrong secret and a wrong method apart to nobody', async () => {
    const answers = await Promise.all([
      ask({}, basic({ client_id: 'nobody', client_secret: 'wrong' })),
      ask({}, basic({ ...client, client_secret: 'wrong' })),
      ask(both),
    ]);
    expect(new Set(answers.map(({ body: { trace_id: _, ...rest } }) => JSON.stringify(rest))).size).toBe(1);
  });
});

type ArgumentsOf<F extends (...args: never[]) => unknown> = F extends (...args: infer A) => unknown ? A : never;
