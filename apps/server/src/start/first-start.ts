import { ADMINISTRATION_SCOPES, RegisterClient, SetClientSecret } from '#client-registry/contracts.js';
import type { CommandBus } from '#kernel/bus.js';
import { StartError } from '#kernel/errors.js';
import type { Secret } from '#kernel/secrets.js';

const ADMINISTRATOR = 'admin';

export interface Administrator {
  /** Whether this start made the client: nothing was in the database before. */
  readonly isFirst: boolean;
  /** The secret, where it was made up, to be shown once. */
  readonly secret: Secret | undefined;
}

/**
 * Makes the client `admin`, who may do everything by the administration API, where it is not there yet; of several servers
 * that start at once one does. A configured secret becomes the client's only one, now and after each change of it.
 */
export async function prepareAdministrator(commands: CommandBus, configured: Secret | undefined): Promise<Administrator> {
  const document = {
    client_id: ADMINISTRATOR,
    client_name: 'Administrator',
    grant_types: ['client_credentials'],
    response_types: [],
    scope: ADMINISTRATION_SCOPES.join(' '),
  };
  const written = await commands.execute(new RegisterClient(document, configured));
  if (written.outcome === 'created') return { isFirst: true, secret: configured === undefined ? written.clientSecret : undefined };
  if (written.outcome === 'invalid') {
    const reasons = written.errors.map(({ detail }) => detail).join(', ');
    throw new StartError(`GATEHOUSE_ADMIN_SECRET cannot be used (${reasons}): set another one.`);
  }
  if (configured !== undefined) await takeConfiguredSecret(commands, configured);
  return { isFirst: false, secret: undefined };
}

async function takeConfiguredSecret(commands: CommandBus, configured: Secret): Promise<void> {
  const outcome = await commands.execute(new SetClientSecret(ADMINISTRATOR, configured));
  if (outcome === 'set' || outcome === 'unchanged') return;
  throw new StartError(`GATEHOUSE_ADMIN_SECRET cannot be used for the client ${ADMINISTRATOR} (${outcome}): set another one, or unset it.`);
}
