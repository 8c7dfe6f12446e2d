import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LANGUAGES } from '#server/pages/language.js';
import { Browser } from '#test/browser.js';
import { authorizePath } from '#test/flow.js';
import { aClient } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';

const VIEWS = join(process.cwd(), 'apps/server/src/pages/views');

/** The text at a path such as `login.title`. */
function textAt(path: string): unknown {
  return path.split('.').reduce<unknown>((tree, name) => (tree as Record<string, unknown> | undefined)?.[name], LANGUAGES.en);
}

describe('the languages of the pages', () => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    browser = new Browser(server.url);
  });

  it('every text that a template names exists', () => {
    const views = readdirSync(VIEWS).filter((file) => file.endsWith('.eta'));
    const named = views.flatMap((file) => {
      const view = readFileSync(join(VIEWS, file), 'utf8');
      const group = /const texts = (it\.t\.\w+)/.exec(view)?.[1] ?? '';
      return [...view.replaceAll(/\btexts\b(?=\.)/g, group).matchAll(/\bit\.t\.(\w+(?:\.\w+)*)/g)];
    });
    expect(named.length).toBeGreaterThan(50);
    expect(named.map(([, path = '']) => path).filter((path) => textAt(path) === undefined)).toEqual([]);
  });

  it('every scope that discovery names has a description', async () => {
    const discovery = (await (await fetch(`${server.url}/.well-known/openid-configuration`)).json()) as { scopes_supported: string[] };
    expect(discovery.scopes_supported.length).toBeGreaterThan(4);
    for (const scope of discovery.scopes_supported) expect([typeof textAt(`scopes.${scope}`), scope]).toEqual(['string', scope]);
  });

  it('the text, the lang attribute and the Content-Language header of a page agree', async () => {
    const page = await browser.get('/login', { 'accept-language': 'de-AT, en;q=0.5' });
    expect(page.body).toContain('<html lang="de">');
    expect(page.body).toContain('Benutzername');
    expect([page.headers.get('content-language'), page.headers.get('vary')]).toEqual(['de', 'Accept-Language']);
  });

  it('A22: ui_locales sets the language of the pages of the request', async () => {
    const client = await aClient(server);
    const page = await browser.follow(await browser.get(authorizePath(client, { ui_locales: 'nl fr-CA' })));
    expect(page.body).toContain('<html lang="fr">');
    const refused = await browser.submit(page, { username: 'x', password: 'y' });
    expect(refused.body).toContain('Le nom d’utilisateur ou le mot de passe est incorrect.');
  });

  it('an error page is in the language of the browser, with the English error_description', async () => {
    const page = await browser.get('/oauth/v2/oauth-authorize?client_id=nobody', { 'accept-language': 'fr' });
    expect(page.body).toContain('L’application a envoyé une demande');
    expect(page.body).toContain('<dd lang="en">There is no such client.</dd>');
  });
});
