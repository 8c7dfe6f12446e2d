import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { authorizePath } from '#test/flow.js';
import { aClient } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';

const FOREIGN = 'evil.example';

describe('a foreign Host header', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  /** The whole answer as text: status, header fields and body. */
  async function answerTo(path: string): Promise<string> {
    const headers = { host: FOREIGN, 'x-forwarded-host': FOREIGN, forwarded: `host=${FOREIGN}` };
    const [answer] = (await once(request(`${server.url}${path}`, { headers }).end(), 'response')) as [IncomingMessage];
    return `${String(answer.statusCode)} ${JSON.stringify(answer.headers)} ${await text(answer)}`;
  }

  it('does not change a URL in the metadata', async () => {
    const answer = await answerTo('/.well-known/openid-configuration');
    expect(answer).toContain(`"issuer":"${server.issuer}"`);
    expect(answer).not.toContain(FOREIGN);
  });

  it('does not change a redirect', async () => {
    const client = await aClient(server);
    const answer = await answerTo(authorizePath(client));
    expect(answer).toMatch(/^303 .*"location":"\/login\?request=/);
    expect(answer).not.toContain(FOREIGN);
  });

  it.each(['/', '/login', '/nothing', '/oauth/v2/oauth-userinfo', '/oauth/v2/oauth-token'])('is not repeated at %s', async (path) => {
    expect(await answerTo(path)).not.toContain(FOREIGN);
  });
});
