/** A real browser, for tests that need one: Content Security Policy, accessibility, and the width of a page. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type ConsoleMessage, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

const executablePath = find();

/** Tests in Chromium. They are skipped if there is no Chromium, unless REQUIRE_CHROMIUM is 1. */
export function describeInChromium(title: string, tests: () => void): void {
  if (executablePath !== undefined || process.env['REQUIRE_CHROMIUM'] === '1') describe(title, tests);
  // On a machine with nothing but Node, the other tests must pass without Chromium. `.ci/run` requires Chromium and skips nothing.
  else describe.skip(`${title} (skipped: none of ${NAMES.join(', ')} on the PATH, and no CHROMIUM_PATH)`, tests);
}

export function launch(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(`none of ${NAMES.join(', ')} is on the PATH, and CHROMIUM_PATH names no Chromium`);
  return chromium.launch({ executablePath, args: FLAGS });
}

function find(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [process.env['CHROMIUM_PATH'] ?? '', ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))];
  return candidates.find((candidate) => candidate !== '' && isExecutable(candidate));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // The file is missing, or this user may not run it.
  }
}

/** A user with a browser context of their own, and the errors and warnings that the browser logged. */
export class BrowserUser {
  readonly loggedProblems: string[] = [];

  private constructor(readonly page: Page) {
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !isRefusal(message, page)) this.loggedProblems.push(message.text());
    });
    page.on('pageerror', (error) => this.loggedProblems.push(error.message));
  }

  static async in(browser: Browser, options: BrowserContextOptions): Promise<BrowserUser> {
    const context = await browser.newContext({ locale: 'en', ...options });
    context.setDefaultTimeout(10_000);
    return new BrowserUser(await context.newPage());
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  async fill(fields: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, value] of Object.entries(fields)) await this.page.fill(`#${name}`, value);
  }

  click(name: string): Promise<void> {
    return this.page.getByRole('button', { name, exact: true }).click();
  }

  follow(name: string): Promise<void> {
    return this.page.getByRole('link', { name, exact: true }).click();
  }

  heading(): Promise<string> {
    return this.page.getByRole('heading', { level: 1 }).innerText();
  }

  /** The problems of the current page: accessibility, width, and what the browser logged. */
  async problems(): Promise<readonly string[]> {
    await this.page.evaluate(axe.source);
    const rules = await this.page.evaluate<string[]>(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" ")))',
    );
    const excessWidth = await this.page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
    return [...rules, ...(excessWidth > 0 ? [`${String(excessWidth)} pixels too wide`] : []), ...this.loggedProblems];
  }
}

/** Browsers log a page with a status of 4xx as a resource that failed to load. */
function isRefusal(message: ConsoleMessage, page: Page): boolean {
  return /^Failed to load resource: .* status of 4\d\d/.test(message.text()) && message.location().url === page.url();
}
