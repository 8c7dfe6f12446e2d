import { Browser } from '#test/browser.js';
import { authorize, authorizePath, logIn, obtainCode, redeem } from '#test/flow.js';
import { aClient, aUser, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { change, obtainTokens, userinfo } from '#test/tokens.js';

const SESSION = 'gatehouse-session';
const OTHER_URI = 'https://client.example/elsewhere';

let server: TestServer;
let user: TestUser;
beforeAll(async () => {
  server = await startServer();
  user = await aUser(server, { email: 'jane@example.com', name: 'Jane Doe', phone_number: '+1 425 555 1212' });
});
afterAll(() => server.close());

describe('a request that requires a new login', () => {
  it.each([{ prompt: 'login' }, { prompt: 'select_account' }, { max_age: '60' }, { max_age: '0' }])(
    'A13: %j is not satisfied by an old session whose cookie was not sent with the request',
    async (parameters) => {
      const client = await aClient(server);
      const browser = new Browser(server.url);
      await logIn(browser, await browser.get('/login'), user);
      const old = browser.cookies.get(SESSION) ?? '';
      server.clock.advance(600);

      browser.cookies.delete(SESSION);
      const login = await browser.follow(await browser.get(authorizePath(client, parameters)));
      browser.cookies.set(SESSION, old);
      const answer = await browser.post('/consent', { ...login.form().fields, username: '', password: '', decision: 'allow' });
      expect([answer.status, answer.location]).toEqual([303, expect.stringMatching(/^\/login\?request=/)]);

      const page = await logIn(browser, await browser.follow(answer), user);
      expect(page.redirected.get('code')).toMatch(/.+/);
    },
  );
});

describe('a stored request', () => {
  it('R4: does not redirect to a redirect URI that was removed from the client in the meantime', async () => {
    const client = await aClient(server, { redirect_uris: [OTHER_URI, 'https://client.example/callback'] });
    const browser = new Browser(server.url);
    const login = await browser.follow(await browser.get(authorizePath(client)));
    await change(server, `/clients/${client.client_id}`, { redirect_uris: ['https://client.example/callback'] });
    const page = await logIn(browser, login, user);
    expect([page.status, page.location]).toEqual([400, undefined]);
  });

  it('R9: does not grant a scope that was removed from the client in the meantime', async () => {
    const client = await aClient(server);
    const browser = new Browser(server.url);
    const login = await browser.follow(await browser.get(authorizePath(client, { scope: 'openid email' })));
    await change(server, `/clients/${client.client_id}`, { scope: 'openid' });
    const page = await logIn(browser, login, user);
    expect([page.status, page.location]).toEqual([400, undefined]);
  });

  it('continues for a native app with any port', async () => {
    const client = await aClient(server, { redirect_uris: ['http://127.0.0.1/callback'] });
    const page = await authorize({ server, client, user, parameters: { redirect_uri: 'http://127.0.0.1:54321/callback' } });
    expect(page.location).toMatch(/^http:\/\/127\.0\.0\.1:54321\/callback\?code=/);
  });
});

describe('the claims parameter', () => {
  const claims = JSON.stringify({ userinfo: { email: null, phone_number: null }, id_token: { email: null, phone_number: null } });
  const idTokenOf = ({ id_token: token }: { id_token: string }): unknown =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

  it('R9: releases only claims that a scope of the client releases', async () => {
    const client = await aClient(server, { scope: 'openid email' });
    const tokens = await obtainTokens({ server, client, user, parameters: { claims } });
    const { body } = await userinfo(server, tokens.access_token);
    expect(body).toEqual({ sub: user.sub, email: 'jane@example.com' });
    expect(idTokenOf(tokens)).toHaveProperty('email');
    expect(idTokenOf(tokens)).not.toHaveProperty('phone_number');
  });

  it('A23: releases only claims of granted scopes if the client has require_consent', async () => {
    const client = await aClient(server, { require_consent: true });
    const tokens = await obtainTokens({ server, client, user, parameters: { claims, scope: 'openid phone' } });
    const { body } = await userinfo(server, tokens.access_token);
    expect(body).toEqual({ sub: user.sub, phone_number: '+1 425 555 1212' });
    expect(idTokenOf(tokens)).toHaveProperty('phone_number');
    expect(idTokenOf(tokens)).not.toHaveProperty('email');
  });
});

it('a new password also ends logins with the old password that run at the same time', async () => {
  const owner = await aUser(server);
  const client = await aClient(server);
  const pages = await Promise.all(
    Array.from({ length: 9 }, async () => {
      const browser = new Browser(server.url);
      return { browser, login: await browser.get('/login') };
    }),
  );
  const changed = change(server, `/users/${owner.sub}`, { password: 'another password' });
  await new Promise((resolve) => setTimeout(resolve, 10));
  const logins = pages.map(({ browser, login }) => logIn(browser, login, owner));
  await changed;
  await Promise.all(logins);
  const codes = await Promise.all(
    pages.map(({ browser }) => browser.get(authorizePath(client, { prompt: 'none' })).then(({ redirected }) => redirected.get('code'))),
  );
  expect(codes).toEqual(codes.map(() => null));
  const code = await obtainCode({ server, client, user: { ...owner, password: 'another password' } });
  expect((await redeem(server, client, code)).status).toBe(200);
});
