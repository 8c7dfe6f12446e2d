interface RequestOptions {
  readonly method?: 'POST';
  readonly body?: URLSearchParams;
  readonly headers: Record<string, string>;
}

/** A browser without JavaScript. It stores cookies and submits forms, and follows a redirect only if asked to. */
export class Browser {
  readonly cookies = new Map<string, string>();

  /** `url` is the base URL of the server. Targets may be relative to it. */
  constructor(readonly url: string) {}

  get(target: string, headers: Record<string, string> = {}): Promise<Page> {
    return this.#send(target, { headers });
  }

  post(target: string, fields: Readonly<Record<string, string>>, headers: Record<string, string> = {}): Promise<Page> {
    return this.#send(target, { method: 'POST', body: new URLSearchParams(fields), headers });
  }

  /** Sends the first form of the page with its own fields, hidden ones included; `fields` override them. */
  submit(page: Page, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
    const form = page.form();
    return this.post(form.action, { ...form.fields, ...fields });
  }

  /** Follows redirects until one leaves the server. */
  async follow(page: Page): Promise<Page> {
    let last = page;
    while (last.location !== undefined && new URL(last.location, this.url).origin === new URL(this.url).origin) {
      last = await this.get(last.location);
    }
    return last;
  }

  async #send(target: string, init: RequestOptions): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = cookie === '' ? init.headers : { cookie, ...init.headers };
    const response = await fetch(new URL(target, this.url), { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return new Page(response.status, response.headers, await response.text());
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === '' || /;\s*max-age=0/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

export interface PageForm {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

export class Page {
  constructor(
    readonly status: number,
    readonly headers: Headers,
    readonly body: string,
  ) {}

  get location(): string | undefined {
    return this.headers.get('location') ?? undefined;
  }

  /** The parameters in the query or the fragment of the redirect. */
  get redirected(): URLSearchParams {
    if (this.location === undefined) throw new Error(`expected a redirect, got ${String(this.status)}: ${this.body}`);
    const { search, hash } = new URL(this.location, 'http://localhost');
    return new URLSearchParams(hash === '' ? search : hash.slice(1));
  }

  /** The first form of the page. */
  form(): PageForm {
    const [, tag = '', content = ''] = /<form\b([^>]*)>([\s\S]*?)<\/form>/.exec(this.body) ?? [];
    const action = attribute(tag, 'action');
    if (action === undefined) throw new Error(`the page (${String(this.status)}) has no form: ${this.body}`);
    const inputs = [...content.matchAll(/<input\b([^>]*)>/g)].map(([, input = '']) => input);
    return { action, fields: Object.fromEntries(inputs.map((input) => [attribute(input, 'name') ?? '', attribute(input, 'value') ?? ''])) };
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
  return value?.replaceAll(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}
