/** The client and the user that a new embedded database begins with, so that the first flow can be walked at once. */
import { randomBytes } from 'node:crypto';
import { CreateAccount } from '#authentication/contracts.js';
import { RegisterClient } from '#client-registry/contracts.js';
import type { CommandBus } from '#kernel/bus.js';
import { Secret } from '#kernel/secrets.js';

export interface Demo {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly redirectUri: string;
  readonly username: string;
  readonly password: Secret;
}

const CLIENT_ID = 'www';
const USERNAME = 'johndoe';
const REDIRECT_URI = 'http://localhost/callback';

/** Undefined where an earlier start, or somebody else, made either of them already: nobody's secret is changed. */
export async function prepareDemo(commands: CommandBus): Promise<Demo | undefined> {
  const password = new Secret(randomBytes(12).toString('base64url'));
  const client = await commands.execute(
    new RegisterClient({
      client_id: CLIENT_ID,
      client_name: 'Demo',
      redirect_uris: [REDIRECT_URI, 'http://127.0.0.1/callback'],
      scope: 'openid profile email address phone offline_access',
    }),
  );
  const account = await commands.execute(
    new CreateAccount({ username: USERNAME, password: password.reveal(), name: 'John Doe', email: 'john.doe@example.com' }),
  );
  if (client.outcome === 'invalid' || account.outcome === 'invalid') throw new Error('the demo does not fit the rules of this server');
  if (client.outcome !== 'created' || client.clientSecret === undefined || account.outcome !== 'created') return undefined;
  return { clientId: CLIENT_ID, clientSecret: client.clientSecret, redirectUri: REDIRECT_URI, username: USERNAME, password };
}
