import { type ConsentOverview, ListConsentsOf } from '#authorization/contracts.js';
import { GetClient } from '#client-registry/contracts.js';
import type { QueryBus } from '#kernel/bus.js';
import { GetTokenCapabilities } from '#token/contracts.js';
import { nameOfClient } from './pending-request.js';

interface ShownConsent extends ConsentOverview {
  readonly clientName: string;
}

/** The consents of a user, with the names of the clients, and the scopes always in the same order. */
export async function consentsToShow(queries: QueryBus, sub: string): Promise<readonly ShownConsent[]> {
  const consents = await queries.execute(new ListConsentsOf(sub));
  const { scopes } = await queries.execute(new GetTokenCapabilities());
  const known = scopes.map(({ name }) => name);
  const names = await Promise.all(consents.map(async ({ clientId }) => queries.execute(new GetClient(clientId))));
  return consents.map((consent, index) => {
    const client = names[index];
    return { ...consent, scope: inOrder(consent.scope, known), clientName: client === undefined ? consent.clientId : nameOfClient(client) };
  });
}

/** The known scopes first, in the order of `known`, then the client's own scopes by name. */
function inOrder(scope: readonly string[], known: readonly string[]): string[] {
  return [...known.filter((name) => scope.includes(name)), ...scope.filter((name) => !known.includes(name)).toSorted()];
}
