/** A real browser, for what only one can tell: what the policy of a page lets through, what a screen reader is told, how wide it is. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type ConsoleMessage, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

const executablePath = find();

/** Tests in Chromium; where there is none they are skipped, unless REQUIRE_CHROMIUM is 1. */
export function describeInChromium(title: string, tests: () => void): void {
  if (executablePath !== undefined || process.env['REQUIRE_CHROMIUM'] === '1') describe(title, tests);
  // Skipped, because on a machine with nothing but Node the other tests have to pass; .ci/run requires Chromium and skips nothing.
  else describe.skip(`${title} (skipped: none of ${NAMES.join(', ')} on the PATH, and no CHROMIUM_PATH)`, tests);
}

export function launch(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(`REQUIRE_CHROMIUM is set, and there is none of ${NAMES.join(', ')}, nor CHROMIUM_PATH`);
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
    return false; // Not there, or not for us: the next one.
  }
}

/** A person at a browser of their own, and what the browser complained of while they were there. */
export class Person {
  readonly complaints: string[] = [];

  private constructor(readonly page: Page) {
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !isRefusal(message, page)) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  static async at(browser: Browser, options: BrowserContextOptions): Promise<Person> {
    const context = await browser.newContext({ locale: 'en', ...options });
    context.setDefaultTimeout(10_000);
    return new Person(await context.newPage());
  }

  async leave(): Promise<void> {
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

  /** What is wrong with the page that is shown: for assistive technology, by its width, and in the eyes of the browser. */
  async problems(): Promise<readonly string[]> {
    await this.page.evaluate(axe.source);
    const rules = await this.page.evaluate<string[]>(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" ")))',
    );
    const beyond = await this.page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
    return [...rules, ...(beyond > 0 ? [`${String(beyond)} pixels too wide`] : []), ...this.complaints];
  }
}

/** Browsers log a page of status 4xx as a resource that failed. */
function isRefusal(message: ConsoleMessage, page: Page): boolean {
  return /^Failed to load resource: .* status of 4\d\d/.test(message.text()) && message.location().url === page.url();
}
