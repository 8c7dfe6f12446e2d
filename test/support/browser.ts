interface Sent {
  readonly method?: 'POST';
  readonly body?: URLSearchParams;
  readonly headers: Record<string, string>;
}

/** A browser without JavaScript: keeps cookies, follows nothing by itself, fills in and submits the forms of a page. */
export class Browser {
  readonly cookies = new Map<string, string>();

  /** `url` is the server's; pages and redirects inside it are relative to it. */
  constructor(readonly url: string) {}

  get(target: string, headers: Record<string, string> = {}): Promise<Page> {
    return this.#send(target, { headers });
  }

  post(target: string, fields: Readonly<Record<string, string>>, headers: Record<string, string> = {}): Promise<Page> {
    return this.#send(target, { method: 'POST', body: new URLSearchParams(fields), headers });
  }

  /** Sends the first form of the page: its own fields, the hidden ones too, with `fields` on top. */
  submit(page: Page, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
    const form = page.form();
    return this.post(form.action, { ...form.fields, ...fields });
  }

  /** Follows redirects for as long as they stay on the server. */
  async follow(page: Page): Promise<Page> {
    let last = page;
    while (last.location !== undefined && new URL(last.location, this.url).origin === new URL(this.url).origin) {
      last = await this.get(last.location);
    }
    return last;
  }

  async #send(target: string, init: Sent): Promise<Page> {
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

  /** The parameters of the redirect, of its query or its fragment. */
  get redirected(): URLSearchParams {
    if (this.location === undefined) throw new Error(`no redirect, but ${String(this.status)}: ${this.body}`);
    const { search, hash } = new URL(this.location, 'http://localhost');
    return new URLSearchParams(hash === '' ? search : hash.slice(1));
  }

  /** The first form of the page. */
  form(): PageForm {
    const [, tag = '', content = ''] = /<form\b([^>]*)>([\s\S]*?)<\/form>/.exec(this.body) ?? [];
    const action = attribute(tag, 'action');
    if (action === undefined) throw new Error(`no form on this page (${String(this.status)}): ${this.body}`);
    const inputs = [...content.matchAll(/<input\b([^>]*)>/g)].map(([, input = '']) => input);
    return { action, fields: Object.fromEntries(inputs.map((input) => [attribute(input, 'name') ?? '', attribute(input, 'value') ?? ''])) };
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
  return value?.replaceAll(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}
