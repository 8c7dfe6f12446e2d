/** HTTP for the load: requests over keep-alive connections, and browsers with cookies. */
import { Agent, request as httpRequest } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly cookies: readonly string[];
  readonly body: string;
}

interface RequestOptions {
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Sends a POST if there is a form, otherwise a GET. */
export function send(url: string, { form, headers = {} }: RequestOptions = {}): Promise<Answer> {
  const body = form && new URLSearchParams(form).toString();
  const content = body === undefined ? {} : {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(Buffer.byteLength(body)),
  };
  return new Promise((resolve, reject) => {
    const options = { agent, method: body === undefined ? 'GET' : 'POST', headers: { ...headers, ...content } };
    const outgoing = httpRequest(url, options, (incoming) => {
      const pieces: Buffer[] = [];
      incoming.on('data', (piece: Buffer) => pieces.push(piece));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const { statusCode: status = 0, headers: received } = incoming;
        resolve({ status, location: received.location, cookies: received['set-cookie'] ?? [], body: Buffer.concat(pieces).toString() });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

let addresses = 0;

/** The next address of the network for benchmarks (RFC 2544), for the header that a local proxy would set. */
function nextAddress(): string {
  addresses += 1;
  return `198.18.${String((addresses >> 8) & 255)}.${String(addresses & 255)}`;
}

/** A browser without JavaScript and with an IP address of its own, which stores cookies and fills in forms. */
export class LoadBrowser {
  readonly #cookies = new Map<string, string>();
  readonly #address = nextAddress();

  constructor(private readonly origin: string) {}

  /** Follows redirects and fills in forms from `url` until a redirect leads to `target`; the URL of that redirect. */
  async followPages(url: string, target: string, answers: Readonly<Record<string, string>>): Promise<URL> {
    let next: { url: string; form?: Readonly<Record<string, string>> } = { url };
    for (let steps = 0; steps < 12; steps++) {
      const answer = await this.#send(next.url, next.form);
      if (answer.location?.startsWith(target) === true) return new URL(answer.location);
      if (answer.location !== undefined) next = { url: new URL(answer.location, this.origin).href };
      else next = this.#fillIn(answer, answers);
    }
    throw new Error(`no redirect to ${target} within 12 requests from ${url}`);
  }

  async #send(url: string, form?: Readonly<Record<string, string>>): Promise<Answer> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { 'x-forwarded-for': this.#address, ...(cookie !== '' && { cookie }) };
    const answer = await send(url, { ...(form && { form }), headers });
    for (const line of answer.cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return answer;
  }

  #fillIn({ status, body }: Answer, answers: Readonly<Record<string, string>>) {
    const [, tag = '', content = ''] = /<form\b([^>]*)>([\s\S]*?)<\/form>/.exec(body) ?? [];
    const action = attribute(tag, 'action');
    if (action === undefined || status !== 200) throw new Error(`the page (${String(status)}) has no form: ${body.slice(0, 500)}`);
    const inputs = [...content.matchAll(/<input\b([^>]*)>/g)].map(([, input = '']) => input);
    const fields = Object.fromEntries(inputs.map((input) => [attribute(input, 'name') ?? '', attribute(input, 'value') ?? '']));
    const decision = content.includes('name="decision"') ? { decision: 'allow' } : {};
    const known = Object.fromEntries(Object.entries(answers).filter(([name]) => name in fields));
    return { url: new URL(action, this.origin).href, form: { ...fields, ...known, ...decision } };
  }
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}
