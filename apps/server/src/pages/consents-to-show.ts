import { type ConsentOverview, ListConsentsOf } from '#authorization/contracts.js';
import { GetClient } from '#client-registry/contracts.js';
import type { QueryBus } from '#kernel/bus.js';
import { nameOfClient } from './pending-request.js';

interface ShownConsent extends ConsentOverview {
  readonly clientName: string;
}

/** The consents of a user, with the names of the clients. */
export async function consentsToShow(queries: QueryBus, sub: string): Promise<readonly ShownConsent[]> {
  const consents = await queries.execute(new ListConsentsOf(sub));
  const names = await Promise.all(consents.map(async ({ clientId }) => queries.execute(new GetClient(clientId))));
  return consents.map((consent, index) => {
    const client = names[index];
    return { ...consent, clientName: client === undefined ? consent.clientId : nameOfClient(client) };
  });
}
