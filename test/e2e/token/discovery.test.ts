import { aClient, aUser } from '#test/fixtures.js';
import { Browser } from '#test/browser.js';
import { authorize, authorizePath } from '#test/flow.js';
import { startServer, type TestServer } from '#test/server.js';
import { PKCE } from '#test/tokens.js';

type Metadata = Readonly<Record<string, unknown>>;

const OPENID = '/.well-known/openid-configuration';
const OAUTH = '/.well-known/oauth-authorization-server';

describe('discovery', () => {
  let server: TestServer;
  let documents: Record<string, Metadata>;
  beforeAll(async () => {
    server = await startServer();
    documents = { [OPENID]: await read(OPENID), [OAUTH]: await read(OAUTH) };
  });
  afterAll(() => server.close());

  async function read(path: string): Promise<Metadata> {
    const response = await fetch(server.url + path);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^application\/json/)]);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    return (await response.json()) as Metadata;
  }

  const list = (name: string) => documents[OPENID]![name] as string[];

  /** The metadata names the issuer; the test server listens at another URL. */
  const reachable = (url: string) => url.replace(server.issuer, server.url);

  it('openid-configuration has the metadata of OpenID Connect Discovery §3', () => {
    expect(documents[OPENID]).toMatchObject({
      issuer: server.issuer,
      authorization_endpoint: `${server.issuer}/oauth/v2/oauth-authorize`,
      token_endpoint: `${server.issuer}/oauth/v2/oauth-token`,
      userinfo_endpoint: `${server.issuer}/oauth/v2/oauth-userinfo`,
      jwks_uri: `${server.issuer}/oauth/v2/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: expect.arrayContaining(['RS256', 'ES256']),
      scopes_supported: expect.arrayContaining(['openid', 'profile', 'email', 'address', 'phone']),
      claims_parameter_supported: true,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      acr_values_supported: ['urn:gatehouse:authentication:html-form:username-password'],
    });
  });

  it('oauth-authorization-server has the metadata of RFC 8414 §2 and RFC 9207 §3, with the same values', () => {
    const oauth = documents[OAUTH]!;
    expect(oauth).toMatchObject({
      issuer: server.issuer,
      code_challenge_methods_supported: expect.arrayContaining(['S256']),
      authorization_response_iss_parameter_supported: true,
      response_types_supported: ['code'],
    });
    expect(documents[OPENID]).toMatchObject(oauth);
  });

  it('uses the issuer, whatever host the request names', async () => {
    const response = await fetch(server.url + OPENID, { headers: { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' } });
    expect(await response.json()).toEqual(documents[OPENID]);
  });

  it('names only endpoints that exist', async () => {
    for (const document of Object.values(documents)) {
      const named = Object.entries(document).filter(([name]) => /_(endpoint|uri)$/.test(name));
      expect(named.length).toBeGreaterThanOrEqual(3);
      for (const [, url] of named) {
        const response = await fetch(reachable(String(url)), { redirect: 'manual' });
        expect(response.status).not.toBe(404);
        expect(response.status).toBeLessThan(500);
      }
    }
  });

  it('names every endpoint of the protocol that exists', async () => {
    const paths = ['par', 'introspect', 'revoke', 'register', 'session/end', 'device', 'authorize', 'token', 'userinfo'];
    const named = Object.values(documents[OPENID]!).filter((value) => typeof value === 'string');
    for (const path of paths) {
      const target = `/oauth/v2/oauth-${path}`;
      const there = (await fetch(server.url + target, { redirect: 'manual' })).status !== 404;
      expect([path, named.includes(server.issuer + target)]).toEqual([path, there]);
    }
  });

  it('names exactly the grant types that a client can be registered with', async () => {
    for (const grantType of ['authorization_code', 'refresh_token', 'client_credentials', 'implicit', 'password', 'urn:x']) {
      const { status } = await server.admin.post('/clients', { grant_types: [grantType], redirect_uris: ['https://a.example/'] });
      expect([grantType, status === 201]).toEqual([grantType, list('grant_types_supported').includes(grantType)]);
    }
  });

  it('names exactly the authentication methods that a client can be registered with', async () => {
    const methods = ['client_secret_basic', 'client_secret_post', 'none', 'client_secret_jwt', 'private_key_jwt', 'tls_client_auth'];
    for (const method of methods) {
      const { status } = await server.admin.post('/clients', { token_endpoint_auth_method: method, redirect_uris: ['https://a.example/'] });
      expect([method, status === 201]).toEqual([method, list('token_endpoint_auth_methods_supported').includes(method)]);
    }
  });

  it('names exactly the response modes, PKCE methods and prompts that are accepted', async () => {
    const [client, user] = [await aClient(server, { code_challenge_methods: ['S256', 'plain'] }), await aUser(server)];
    const browser = new Browser(server.url);
    await authorize({ server, client, user, browser });
    const candidates = {
      response_modes_supported: ['query', 'fragment', 'form_post', 'query.jwt', 'web_message'],
      code_challenge_methods_supported: ['S256', 'plain', 'S512'],
      prompt_values_supported: ['none', 'login', 'consent', 'select_account', 'create', 'unknown'],
    };
    const parameter: Readonly<Record<string, string>> = {
      response_modes_supported: 'response_mode',
      code_challenge_methods_supported: 'code_challenge_method',
      prompt_values_supported: 'prompt',
    };
    for (const [name, values] of Object.entries(candidates)) {
      for (const value of values) {
        const parameters = { ...PKCE, [parameter[name] ?? '']: value };
        const page = await browser.get(authorizePath(client, parameters));
        const refused = (page.location ?? page.body).includes('invalid_request');
        expect([name, value, !refused]).toEqual([name, value, list(name).includes(value)]);
      }
    }
  });
});
