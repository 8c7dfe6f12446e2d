/** Clients and users for tests, created by the administration API. */
import { randomBytes } from 'node:crypto';
import type { Served } from './server.js';

type Administered = Pick<Served, 'admin'>;

export interface TestClient {
  readonly client_id: string;
  /** Empty for a public client. */
  readonly client_secret: string;
  readonly redirect_uri: string;
}

export interface TestUser {
  readonly sub: string;
  readonly username: string;
  readonly password: string;
}

export const REDIRECT_URI = 'https://client.example/callback';

/** A confidential client of the code flow with one redirect URI; `metadata` overrides. */
export async function aClient(server: Administered, metadata: Readonly<Record<string, unknown>> = {}): Promise<TestClient> {
  const { status, body } = await server.admin.post('/clients', {
    client_id: `client-${randomBytes(6).toString('hex')}`,
    client_name: 'A Client',
    redirect_uris: [REDIRECT_URI],
    scope: 'openid profile email address phone offline_access',
    ...metadata,
  });
  if (status !== 201) throw new Error(`could not register a client (${String(status)}): ${JSON.stringify(body)}`);
  const { client_id, client_secret = '', redirect_uris } = body as { client_id: string; client_secret?: string; redirect_uris: string[] };
  return { client_id, client_secret, redirect_uri: redirect_uris[0] ?? '' };
}

/** A public client, which has no secret and must use PKCE. */
export function aPublicClient(server: Administered, metadata: Readonly<Record<string, unknown>> = {}): Promise<TestClient> {
  return aClient(server, { token_endpoint_auth_method: 'none', ...metadata });
}

export async function aUser(server: Administered, profile: Readonly<Record<string, unknown>> = {}): Promise<TestUser> {
  const username = `user-${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('base64url');
  const document = { username, password, ...profile };
  const { status, body } = await server.admin.post<{ sub: string }>('/users', document);
  if (status !== 201) throw new Error(`could not create a user (${String(status)}): ${JSON.stringify(body)}`);
  return { sub: body.sub, username: document.username, password: document.password };
}
