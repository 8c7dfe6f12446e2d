import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser, type Page } from '#test/browser.js';
import { dataDirectory, run, startServerScript } from '#test/run-program.js';

const FLOW = 'dist/apps/flow/src/main.js';

describe('the first start, and the demo flow', () => {
  let directory: string;
  const demoFile = (): string => join(directory, 'demo.json');
  const demo = () => JSON.parse(readFileSync(demoFile(), 'utf8')) as Record<string, string>;
  const runFlow = (args: readonly string[] = ['--auto'], env: Record<string, string> = {}) =>
    run([FLOW, ...args], { env: { GATEHOUSE_DATA: directory, ...env } });

  beforeAll(() => (directory = dataDirectory()));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('the flow says what to start if there is no server', async () => {
    const { code, stderr } = await runFlow();
    expect(code).toBe(1);
    expect(stderr).toBe('\nThere is no demo of Gatehouse here: run "npm start" first, or set ISSUER, CLIENT_ID and CLIENT_SECRET.\n');
    const credentials = { CLIENT_ID: 'x', CLIENT_SECRET: 'x', DEMO_USERNAME: 'x', DEMO_PASSWORD: 'x' };
    const unreachable = await runFlow(['--auto'], { ISSUER: 'http://127.0.0.1:1', ...credentials });
    expect(unreachable.stderr).toBe('\nNobody answers at http://127.0.0.1:1: start the server with "npm start" in another terminal, or set ISSUER.\n');
    expect(unreachable.code).toBe(1);
  });

  it('the first start prints its steps, then the secrets, then what to do next', async () => {
    const { stdout, issuer, stop } = await startServerScript({ GATEHOUSE_DATA: directory });
    try {
      expect(stdout).toMatch(/^Gatehouse\n {2}build +\S.*\n {2}database +\S.*\n {2}database +\S.*\n {2}migrations +\d+ migrations applied\n {2}ready /);
      expect(stdout).not.toContain('{');
      const { client_secret: clientSecret = '', password = '' } = demo();
      expect(stdout).toContain(`Issuer          ${issuer}\n`);
      expect(stdout).toContain(`Demo client     www, secret ${clientSecret}\n`);
      expect(stdout).toContain(`Demo user       johndoe, password ${password}\n`);
      expect(stdout).toMatch(/Administration {2}client admin, secret \S{32,}\n/);
      expect(stdout).toContain('http://localhost/callback\n');
      expect(stdout).toContain('http://127.0.0.1:<any port>/callback\n');
      expect(stdout).toContain('npm run flow');
      expect(statSync(demoFile()).mode & 0o777).toBe(0o600);
    } finally {
      expect(await stop('SIGINT')).toBe(0);
    }
  }, 30_000);

  it('a second start prints where the secrets are, and the demo flow explains every message', async () => {
    const { stdout, issuer, stop } = await startServerScript({ GATEHOUSE_DATA: directory });
    try {
      const { client_secret: clientSecret = '', password = '', ...kept } = demo();
      expect(kept['issuer']).toBe(issuer);
      expect(stdout).toContain(demoFile());
      for (const secret of [clientSecret, password]) expect(stdout).not.toContain(secret);

      const { code, stdout: shown, stderr } = await runFlow();
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const titles = [...shown.matchAll(/^\d\. (.+)$/gm)].map(([, title = '']) => title.split(',')[0]);
      const codeFlow = ['Authorization request', 'Authorization response', 'Token request', 'Token response'];
      expect(titles).toEqual(['Discovery', ...codeFlow, 'ID token', 'Userinfo', 'Refresh']);
      expect(shown.match(/^ {3}(?:RFC|OpenID Connect).*§\d/gm)).toHaveLength(titles.length);
      expect(shown).toContain('email: john.doe@example.com');
      expect(shown).toContain('That was the whole flow.');
      for (const secret of [clientSecret, password]) expect(shown).not.toContain(secret);
      expect(shown).not.toMatch(/(?:access_token|refresh_token|id_token|code): [^…\s]/);
    } finally {
      expect(await stop()).toBe(0);
    }
  }, 30_000);

  it('the flow without --auto waits until the user has signed in at the printed URL', async () => {
    const { issuer, stop } = await startServerScript({ GATEHOUSE_DATA: directory });
    try {
      let visited: Promise<Page> | undefined;
      const { code, stdout, stderr } = await run([FLOW], {
        env: { GATEHOUSE_DATA: directory },
        onPrinted: (shown) => {
          const address = /sign in \(Ctrl-C ends the wait\):\n +(http\S+)\n/.exec(shown)?.[1];
          if (address !== undefined) visited ??= signIn(issuer, address);
        },
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const callback = await visited;
      expect(callback?.status).toBe(200);
      expect(callback?.body).toContain('The rest is in the terminal; you can close this page.');
      expect(stdout).toContain('email: john.doe@example.com');
      expect(stdout).toMatch(/That was the whole flow\.\n$/);
    } finally {
      await stop();
    }
  }, 30_000);

  /** Signs in with a browser; the page of the client at the end. */
  async function signIn(issuer: string, address: string): Promise<Page> {
    const browser = new Browser(issuer);
    const { username = '', password = '' } = demo();
    const login = await browser.follow(await browser.get(address));
    const last = await browser.follow(await browser.submit(login, { username, password }));
    return browser.get(last.location ?? '');
  }

  it('a wrong password or secret is reported in one sentence', async () => {
    const { stop } = await startServerScript({ GATEHOUSE_DATA: directory });
    try {
      const refused = await runFlow(['--auto'], { DEMO_PASSWORD: 'hunter2' });
      expect(refused.stderr).toMatch(/^\nThe login of johndoe was refused: .*DEMO_PASSWORD.*\.\n$/);
      const wrongSecret = await runFlow(['--auto'], { CLIENT_SECRET: 'hunter2hunter2hunter2' });
      expect(wrongSecret.stderr).toMatch(/^\nThe server takes neither that client's secret .*CLIENT_SECRET.*\.\n$/);
      expect([refused.code, wrongSecret.code]).toEqual([1, 1]);
      expect((await runFlow(['--nonsense'])).stderr).toContain('npm run flow -- --auto');
    } finally {
      await stop();
    }
  }, 30_000);

  it('a start on existing data does not create the demo again', async () => {
    const kept = demo();
    rmSync(demoFile());
    const { stdout, stop } = await startServerScript({ GATEHOUSE_DATA: directory });
    await stop();
    writeFileSync(demoFile(), JSON.stringify(kept), { mode: 0o600 });
    expect(stdout).not.toContain('Demo');
    expect(stdout).not.toContain('secret ');
  }, 30_000);
});
