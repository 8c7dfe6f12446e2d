import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser, type Page } from '#test/browser.js';
import { dataDirectory, run, started } from '#test/start.js';

const FLOW = 'dist/apps/flow/src/main.js';

describe('the first minutes', () => {
  let directory: string;
  const demoFile = (): string => join(directory, 'demo.json');
  const demo = () => JSON.parse(readFileSync(demoFile(), 'utf8')) as Record<string, string>;
  const walk = (args: readonly string[] = ['--auto'], env: Record<string, string> = {}) =>
    run([FLOW, ...args], { env: { GATEHOUSE_DATA: directory, ...env } });

  beforeAll(() => (directory = dataDirectory()));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('without a server the flow says what to start', async () => {
    const { code, stderr } = await walk();
    expect(code).toBe(1);
    expect(stderr).toBe('\nThere is no demo of Gatehouse here: run "npm start" first, or set ISSUER, CLIENT_ID and CLIENT_SECRET.\n');
    const someone = { CLIENT_ID: 'x', CLIENT_SECRET: 'x', DEMO_USERNAME: 'x', DEMO_PASSWORD: 'x' };
    const elsewhere = await walk(['--auto'], { ISSUER: 'http://127.0.0.1:1', ...someone });
    expect(elsewhere.stderr).toBe('\nNobody answers at http://127.0.0.1:1: start the server with "npm start" in another terminal, or set ISSUER.\n');
    expect(elsewhere.code).toBe(1);
  });

  it('the first start tells its steps in plain lines, then the secrets, then what to do next', async () => {
    const { stdout, issuer, stop } = await started({ GATEHOUSE_DATA: directory });
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

  it('a second start tells where the secrets are, and the flow is walked on it with every message explained', async () => {
    const { stdout, issuer, stop } = await started({ GATEHOUSE_DATA: directory });
    try {
      const { client_secret: clientSecret = '', password = '', ...kept } = demo();
      expect(kept['issuer']).toBe(issuer);
      expect(stdout).toContain(demoFile());
      for (const secret of [clientSecret, password]) expect(stdout).not.toContain(secret);

      const { code, stdout: shown, stderr } = await walk();
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

  it('without --auto the flow waits until somebody has signed in at the address that it prints', async () => {
    const { issuer, stop } = await started({ GATEHOUSE_DATA: directory });
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

  /** A person in front of a browser, up to the page of the client at the end. */
  async function signIn(issuer: string, address: string): Promise<Page> {
    const browser = new Browser(issuer);
    const { username = '', password = '' } = demo();
    const login = await browser.follow(await browser.get(address));
    const last = await browser.follow(await browser.submit(login, { username, password }));
    return browser.get(last.location ?? '');
  }

  it('a wrong password or secret is told in a sentence', async () => {
    const { stop } = await started({ GATEHOUSE_DATA: directory });
    try {
      const refused = await walk(['--auto'], { DEMO_PASSWORD: 'hunter2' });
      expect(refused.stderr).toMatch(/^\nThe login of johndoe was refused: .*DEMO_PASSWORD.*\.\n$/);
      const stranger = await walk(['--auto'], { CLIENT_SECRET: 'hunter2hunter2hunter2' });
      expect(stranger.stderr).toMatch(/^\nThe server takes neither that client's secret .*CLIENT_SECRET.*\.\n$/);
      expect([refused.code, stranger.code]).toEqual([1, 1]);
      expect((await walk(['--nonsense'])).stderr).toContain('npm run flow -- --auto');
    } finally {
      await stop();
    }
  }, 30_000);

  it('the demo is not made again in data that were there before', async () => {
    const kept = demo();
    rmSync(demoFile());
    const { stdout, stop } = await started({ GATEHOUSE_DATA: directory });
    await stop();
    writeFileSync(demoFile(), JSON.stringify(kept), { mode: 0o600 });
    expect(stdout).not.toContain('Demo');
    expect(stdout).not.toContain('secret ');
  }, 30_000);
});
