import { Browser } from './browser.js';

const REQUEST = /^http\S+\/oauth\/v2\/oauth-authorize\?\S+$/gm;
const PROMPTS = /^read -r (\w+)$/gm;

/** Answers the prompts of documented commands as a reader would: opens the printed URL in a browser and copies printed secrets. */
export class PromptAnswers {
  readonly #browser: Browser;
  #request: string | undefined;

  /** `printed` is the output of the first start of the server, with its secrets. */
  constructor(url: string, private readonly printed: string) {
    this.#browser = new Browser(url);
  }

  /** Remembers the last authorization request in the output. */
  noteOutput(output: string): void {
    this.#request = output.match(REQUEST)?.at(-1) ?? this.#request;
  }

  /** One line for each `read` in the commands. The name of the variable decides the answer. */
  async answersTo(commands: string): Promise<string[]> {
    const answers: string[] = [];
    for (const [, name = ''] of commands.matchAll(PROMPTS)) answers.push(await this.#answer(name));
    return answers;
  }

  #answer(name: string): Promise<string> | string {
    if (name === 'callback') return this.#authorize();
    if (name === 'admin_secret') return this.#secret(/client admin, secret (\S+)/);
    throw new Error(`there is no answer for the variable ${name}`);
  }

  #secret(pattern: RegExp): string {
    const [, secret] = pattern.exec(this.printed) ?? [];
    if (secret === undefined) throw new Error(`the first start did not print ${String(pattern)}`);
    return secret;
  }

  /** Opens the authorization request, logs in as the demo user and allows; the URL of the redirect to the client. */
  async #authorize(): Promise<string> {
    const browser = this.#browser;
    let page = await browser.follow(await browser.get(this.#request ?? '/'));
    if (page.location === undefined && page.form().action.endsWith('/login')) {
      const password = this.#secret(/Demo user +johndoe, password (\S+)/);
      page = await browser.follow(await browser.submit(page, { username: 'johndoe', password }));
    }
    if (page.location === undefined) page = await browser.follow(await browser.submit(page, { decision: 'allow' }));
    if (page.location === undefined) throw new Error(`expected a redirect to the client, got ${page.body}`);
    return page.location;
  }
}
