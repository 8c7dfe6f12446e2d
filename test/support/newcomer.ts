import { Browser } from './browser.js';

const REQUEST = /^http\S+\/oauth\/v2\/oauth-authorize\?\S+$/gm;
const ASKED = /^read -r (\w+)$/gm;

/** Who types the commands of a page: opens the last address that was printed, and pastes what they ask for. */
export class Newcomer {
  readonly #browser: Browser;
  #request: string | undefined;

  /** `printed` by the first start of the server, with its secrets. */
  constructor(url: string, private readonly printed: string) {
    this.#browser = new Browser(url);
  }

  reads(output: string): void {
    this.#request = output.match(REQUEST)?.at(-1) ?? this.#request;
  }

  /** One line for each `read` in the commands, by the name of its variable. */
  async answers(commands: string): Promise<string[]> {
    const answers: string[] = [];
    for (const [, name = ''] of commands.matchAll(ASKED)) answers.push(await this.#answer(name));
    return answers;
  }

  #answer(name: string): Promise<string> | string {
    if (name === 'callback') return this.#visit();
    if (name === 'admin_secret') return this.#secret(/client admin, secret (\S+)/);
    throw new Error(`no page tells what ${name} is`);
  }

  #secret(pattern: RegExp): string {
    const [, secret] = pattern.exec(this.printed) ?? [];
    if (secret === undefined) throw new Error(`the first start did not print ${String(pattern)}`);
    return secret;
  }

  /** Where the browser ends that opens the address, with the demo user in front of it, who allows what is asked. */
  async #visit(): Promise<string> {
    const browser = this.#browser;
    let page = await browser.follow(await browser.get(this.#request ?? '/'));
    if (page.location === undefined && page.form().action.endsWith('/login')) {
      const password = this.#secret(/Demo user +johndoe, password (\S+)/);
      page = await browser.follow(await browser.submit(page, { username: 'johndoe', password }));
    }
    if (page.location === undefined) page = await browser.follow(await browser.submit(page, { decision: 'allow' }));
    if (page.location === undefined) throw new Error(`no way back to the client: ${page.body}`);
    return page.location;
  }
}
