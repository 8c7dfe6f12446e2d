import { TOKEN } from '#test/flow.js';
import { startServer, type TestServer } from '#test/server.js';

describe('the documentation of errors', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  async function pageOf(url: string): Promise<readonly [status: number, type: string | null, text: string]> {
    const response = await fetch(url);
    return [response.status, response.headers.get('content-type'), await response.text()];
  }

  it('has a page for the error_uri of a protocol error', async () => {
    const response = await fetch(server.url + TOKEN, { method: 'POST', body: new URLSearchParams({ grant_type: 'x' }) });
    const body = (await response.json()) as { error: string; error_uri: string };
    expect(body.error_uri).toBe(`${server.issuer}/errors/${body.error}`);
    const [status, type, text] = await pageOf(body.error_uri.replace(server.issuer, server.url));
    expect([status, type]).toEqual([200, expect.stringMatching(/^text\/html/)]);
    expect(text).toContain('<title>invalid_client</title>');
    expect(text).toContain('token_endpoint_auth_method');
  });

  it('has a page for the type of a problem of the administration API', async () => {
    const url = `${server.url}/admin/v1/clients`;
    const { type } = (await (await fetch(url)).json()) as { type: string };
    const [status, , text] = await pageOf(new URL(type, url).href);
    expect([status, text]).toEqual([200, expect.stringContaining('<title>token-required</title>')]);
  });

  it.each(['nothing', '__proto__', 'constructor', '%3Cscript%3E'])('has no page for an unknown error: %s', async (name) => {
    const [status, , text] = await pageOf(`${server.url}/errors/${name}`);
    expect(status).toBe(404);
    expect(text).not.toContain('<script>');
  });
});
