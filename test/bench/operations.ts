/** The measured operations. `prepare` creates what `count` operations consume, and returns the operation. */
import { randomUUID } from 'node:crypto';
import { CLIENT, PASSWORD, type Subject } from './subject.js';
import { send, LoadBrowser } from './load-browser.js';

const CONCURRENCY = 8;

/** RFC 7636, Appendix B. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const AUTHORIZATION = `Basic ${Buffer.from(`${CLIENT.client_id}:${CLIENT.client_secret}`).toString('base64')}`;
const BROWSERS = 64;

export type Work = (index: number) => Promise<void>;

export interface Operation {
  readonly name: string;
  readonly title: string;
  /** The number of operations in one round. */
  readonly count: number;
  /** The upper bound of its cost, as a multiple of the floor. */
  readonly bound?: number;
  prepare(subject: Subject, count: number): Promise<Work>;
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

export const OPERATIONS: readonly Operation[] = [
  {
    name: 'flow',
    title: 'whole flow with login and consent',
    count: 120,
    bound: 2.5,
    prepare: (subject) => Promise.resolve(async () => {
      const browser = new LoadBrowser(subject.origin);
      subject.refreshTokens.push((await redeem(subject, await authorize(subject, browser, subject.nextUser()))).refresh_token);
    }),
  },
  {
    name: 'session',
    title: 'flow with a session',
    count: 300,
    bound: 2,
    prepare: async (subject) => {
      await logIn(subject);
      return async (index) => {
        await redeem(subject, await codeWithSession(subject, index));
      };
    },
  },
  {
    name: 'redeem',
    title: 'redeem a code',
    count: 300,
    bound: 2,
    prepare: async (subject, count) => {
      await logIn(subject);
      const codes = await collect(count, (index) => codeWithSession(subject, index));
      return async () => {
        subject.refreshTokens.push((await redeem(subject, takeLast(codes))).refresh_token);
      };
    },
  },
  {
    name: 'refresh',
    title: 'refresh',
    count: 500,
    bound: 2,
    prepare: async (subject, count) => {
      await provideRefreshTokens(subject, count);
      const current = subject.refreshTokens.splice(-count);
      return async () => {
        subject.refreshTokens.push((await refresh(subject, takeLast(current))).refresh_token);
      };
    },
  },
  {
    name: 'credentials',
    title: 'client credentials',
    count: 600,
    bound: 2,
    prepare: (subject) => Promise.resolve(async () => {
      await token(subject, { grant_type: 'client_credentials', scope: 'api' });
    }),
  },
  {
    name: 'userinfo',
    title: 'userinfo',
    count: 800,
    bound: 2,
    prepare: async (subject) => {
      await provideRefreshTokens(subject, BROWSERS);
      const tokens = await collect(BROWSERS, () => refresh(subject, takeLast(subject.refreshTokens)));
      subject.refreshTokens.push(...tokens.map((one) => one.refresh_token));
      const headers = tokens.map((one) => ({ authorization: `Bearer ${one.access_token}` }));
      return async (index) => {
        const answer = await send(subject.origin + subject.kind.paths.userinfo, { headers: headers[index % BROWSERS] ?? {} });
        if (!answer.body.includes('"given_name":"User"')) throw new Error(`expected claims, got ${answer.body}`);
      };
    },
  },
  {
    name: 'discovery',
    title: 'discovery',
    count: 2000,
    prepare: (subject) => Promise.resolve(async () => {
      const answer = await send(subject.origin + subject.kind.paths.discovery);
      if (!answer.body.includes('token_endpoint')) throw new Error(`expected metadata, got ${answer.body}`);
    }),
  },
];

/** Runs `work` `count` times, several concurrently; the milliseconds of each run. */
export async function drive(count: number, work: Work): Promise<number[]> {
  const took: number[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
    while (next < count) {
      const started = performance.now();
      await work(next++);
      took.push(performance.now() - started);
    }
  }));
  return took;
}

async function collect<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  const created: T[] = [];
  await drive(count, async (index) => {
    created.push(await make(index));
  });
  return created;
}

function takeLast<T>(from: T[]): T {
  const one = from.pop();
  if (one === undefined) throw new Error('all prepared codes or tokens are consumed');
  return one;
}

async function logIn(subject: Subject): Promise<void> {
  if (subject.browsers.length > 0) return;
  subject.browsers.push(...await collect(BROWSERS, async () => {
    const browser = new LoadBrowser(subject.origin);
    await authorize(subject, browser, subject.nextUser());
    return browser;
  }));
}

async function provideRefreshTokens(subject: Subject, count: number): Promise<void> {
  await logIn(subject);
  const missing = Math.max(0, count - subject.refreshTokens.length);
  const created = await collect(missing, async (index) => redeem(subject, await codeWithSession(subject, index)));
  subject.refreshTokens.push(...created.map((one) => one.refresh_token));
}

function codeWithSession(subject: Subject, index: number): Promise<string> {
  const browser = subject.browsers[index % BROWSERS];
  if (browser === undefined) throw new Error('no browser is logged in');
  return authorize(subject, browser, '');
}

async function authorize({ origin, kind }: Subject, browser: LoadBrowser, username: string): Promise<string> {
  const parameters = new URLSearchParams({
    ...{ response_type: 'code', client_id: CLIENT.client_id, redirect_uri: CLIENT.redirect_uri, scope: 'openid profile' },
    ...{ state: randomUUID(), nonce: randomUUID(), code_challenge: CHALLENGE, code_challenge_method: 'S256' },
  });
  const url = `${origin}${kind.paths.authorize}?${parameters.toString()}`;
  const location = await browser.followPages(url, CLIENT.redirect_uri, { username, password: PASSWORD });
  const code = location.searchParams.get('code');
  if (code === null) throw new Error(`expected a code, got ${location.href}`);
  return code;
}

export function redeem(subject: Subject, code: string): Promise<Tokens> {
  return token(subject, { grant_type: 'authorization_code', code, redirect_uri: CLIENT.redirect_uri, code_verifier: VERIFIER });
}

export function refresh(subject: Subject, refreshToken: string): Promise<Tokens> {
  return token(subject, { grant_type: 'refresh_token', refresh_token: refreshToken });
}

async function token({ origin, kind }: Subject, form: Readonly<Record<string, string>>): Promise<Tokens> {
  const answer = await send(origin + kind.paths.token, { form, headers: { authorization: AUTHORIZATION } });
  if (answer.status !== 200) throw new Error(`expected tokens, got ${String(answer.status)}: ${answer.body}`);
  return JSON.parse(answer.body) as Tokens;
}
