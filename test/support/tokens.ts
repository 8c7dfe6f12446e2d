/** Common steps of tests about tokens: obtain tokens, use them, change their client or user, count events. */
import { sql } from './database.js';
import { type Authorization, obtainCode, redeem, type TokenAnswer } from './flow.js';
import type { Served } from './server.js';

export const USERINFO = '/oauth/v2/oauth-userinfo';

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
  readonly expires_in: number;
  readonly scope: string;
}

/** The tokens of a successful answer; a token that was not issued is empty. */
export function tokensOf({ status, body }: TokenAnswer): Tokens {
  if (status !== 200) throw new Error(`expected tokens, got ${String(status)}: ${JSON.stringify(body)}`);
  return { access_token: '', refresh_token: '', id_token: '', ...body } as Tokens;
}

/** Runs the whole flow. */
export async function obtainTokens(authorization: Authorization): Promise<Tokens> {
  const code = await obtainCode(authorization);
  const { code_challenge: challenge, redirect_uri: redirectUri = authorization.client.redirect_uri } = authorization.parameters ?? {};
  const verifier = challenge === undefined ? undefined : VERIFIER;
  return tokensOf(await redeem(authorization.server, authorization.client, code, { code_verifier: verifier, redirect_uri: redirectUri }));
}

/** The verifier and the S256 challenge of RFC 7636, Appendix B. */
export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
export const PKCE = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' } as const;

export async function userinfo(server: Pick<Served, 'url'>, accessToken: string): Promise<TokenAnswer> {
  const response = await fetch(server.url + USERINFO, { headers: { authorization: `Bearer ${accessToken}` } });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
}

/** Sends a JSON Merge Patch for a client or a user with its current entity tag; a DELETE if there is no patch. */
export async function change(server: Pick<Served, 'admin'>, path: string, patch?: Readonly<Record<string, unknown>>): Promise<void> {
  const etag = (await server.admin.get(path)).headers.get('etag') ?? '';
  const sent = { headers: { 'if-match': etag }, ...(patch === undefined ? {} : { body: patch }) };
  const { status, body } = await server.admin.call(patch === undefined ? 'DELETE' : 'PATCH', path, sent);
  if (status >= 300) throw new Error(`could not change ${path} (${String(status)}): ${JSON.stringify(body)}`);
}

/** The number of events of a type about the client, in the outbox and in the log; `type` is without prefix and version. */
export async function countEvents(server: Pick<Served, 'databaseUrl'>, type: string, clientId: string): Promise<number> {
  const [row] = await sql<{ count: number }>(
    server.databaseUrl,
    `SELECT count(*)::int AS count
     FROM (SELECT type, data FROM outbox UNION ALL SELECT type, data FROM event_log) AS events
     WHERE type = $1 AND data->>'client_id' = $2`,
    [`gatehouse.${type}.v1`, clientId],
  );
  return row?.count ?? 0;
}

/** Waits until a condition holds that is reached after the request, for example by the relay. Fails after 5 s by default. */
export async function eventually(check: () => Promise<boolean>, seconds = 5): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`the condition did not hold within ${String(seconds)} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until every event so far is delivered to every handler of the server. */
export function delivered(server: Pick<Served, 'databaseUrl'>): Promise<void> {
  return eventually(async () => {
    const [row] = await sql<{ waiting: number }>(
      server.databaseUrl,
      'SELECT ((SELECT count(*) FROM outbox) + (SELECT count(*) FROM event_deliveries))::int AS waiting',
    );
    return row?.waiting === 0;
  });
}
