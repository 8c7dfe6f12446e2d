/** Makes the client and the user of the demo, so that the first flow can be walked at once. */
import { randomBytes } from 'node:crypto';
import { CreateAccount } from '#authentication/contracts.js';
import { RegisterClient } from '#client-registry/contracts.js';
import type { CommandBus } from '#kernel/bus.js';
import { Secret } from '#kernel/secrets.js';
import { type Demo, DEMO_CLIENT, DEMO_USER, REDIRECT_URIS } from './demo.js';

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
