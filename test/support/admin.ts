export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

const SCOPE = 'clients:read clients:write users:read users:write events:read';

/** A client of the administration API that gets its token by `client_credentials`, as a script of an administrator does. */
export class Admin {
  #token: Promise<string> | undefined;

  constructor(
    private readonly url: string,
    private readonly secret: string,
    private readonly clientId = 'admin',
  ) {}

  get<Body = Record<string, unknown>>(path: string, headers: Record<string, string> = {}): Promise<Answer<Body>> {
    return this.call<Body>('GET', path, { headers });
  }

  post<Body = Record<string, unknown>>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer<Body>> {
    return this.call<Body>('POST', path, { body, headers });
  }

  /** `path` is relative to `/admin/v1`. A body is sent as JSON, a PATCH as JSON Merge Patch. */
  async call<Body>(method: string, path: string, sent: { body?: unknown; headers?: Record<string, string> } = {}): Promise<Answer<Body>> {
    const answer = await this.#send<Body>(method, path, sent);
    if (answer.status !== 401 || sent.headers?.['authorization'] !== undefined) return answer;
    // The test has advanced its clock beyond the lifetime of the token.
    this.#token = undefined;
    return this.#send<Body>(method, path, sent);
  }

  async #send<Body>(method: string, path: string, sent: { body?: unknown; headers?: Record<string, string> }): Promise<Answer<Body>> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const response = await fetch(`${this.url}/admin/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.token()}`,
        ...(sent.body === undefined ? {} : { 'content-type': type }),
        ...sent.headers,
      },
      ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === '' ? undefined : JSON.parse(text)) as Body };
  }

  /** One token, which is reused until it expires. */
  token(): Promise<string> {
    this.#token ??= this.newToken(SCOPE);
    return this.#token;
  }

  async newToken(scope: string): Promise<string> {
    const response = await fetch(`${this.url}/oauth/v2/oauth-token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${this.clientId}:${this.secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
    });
    const body = (await response.json()) as { access_token?: string };
    if (body.access_token === undefined) throw new Error(`no token for the administrator: ${JSON.stringify(body)}`);
    return body.access_token;
  }
}
