/** The client and the user that a new embedded database begins with, so that the first flow can be walked at once. */
import { randomBytes } from 'node:crypto';
import { CreateAccount } from '#authentication/contracts.js';
import { RegisterClient } from '#client-registry/contracts.js';
import type { CommandBus } from '#kernel/bus.js';
import { Secret } from '#kernel/secrets.js';

export interface Demo {
  readonly clientSecret: Secret;
  readonly password: Secret;
}

export const DEMO_CLIENT = 'www';
export const DEMO_USER = 'johndoe';
/** The second one is for programs on this machine, on any port (RFC 8252 §7.3). */
export const REDIRECT_URIS: readonly [string, string] = ['http://localhost/callback', 'http://127.0.0.1/callback'];

/** Undefined where somebody else made either of them already: nobody's secret is changed. */
export async function prepareDemo(commands: CommandBus): Promise<Demo | undefined> {
  const password = new Secret(randomBytes(12).toString('base64url'));
  const client = await commands.execute(
    new RegisterClient({
      client_id: DEMO_CLIENT,
      client_name: 'Demo',
      redirect_uris: REDIRECT_URIS,
      scope: 'openid profile email address phone offline_access',
    }),
  );
  const account = await commands.execute(
    new CreateAccount({ username: DEMO_USER, password: password.reveal(), name: 'John Doe', email: 'john.doe@example.com' }),
  );
  if (client.outcome === 'invalid' || account.outcome === 'invalid') throw new Error('the demo does not fit the rules of this server');
  if (client.outcome !== 'created' || client.clientSecret === undefined || account.outcome !== 'created') return undefined;
  return { clientSecret: client.clientSecret, password };
}

/** The query of an authorization request of the demo client, for a browser. */
export function demoAuthorizeQuery(redirectUri: string, extra: Readonly<Record<string, string>> = {}): string {
  const scope = 'openid profile email';
  const request = { response_type: 'code', client_id: DEMO_CLIENT, redirect_uri: redirectUri, scope, state: 'demo' };
  return new URLSearchParams({ ...request, ...extra }).toString();
}
