import type { Client } from '#client-registry/contracts.js';
import { type Check, firstError } from '#kernel/check.js';
import { OAuthError } from '#kernel/errors.js';

interface Facts {
  readonly values: ReadonlyMap<string, string>;
  /** Names of parameters that were sent more than once. */
  readonly repeated: readonly string[];
  /** The registered client with this `client_id`, if there is one. */
  readonly client: Client | undefined;
}

/** The rules of `client_id`, in their order. They come before all others, and their errors are for a page. */
export const REQUESTING_CLIENT_CHECKS: readonly Check<Facts>[] = [
  {
    id: 'client-id-once',
    section: 'RFC 6749 §3.1',
    error: ({ repeated }) => (repeated.includes('client_id') ? refuse('client_id was sent more than once.') : undefined),
  },
  {
    id: 'client-id-sent',
    section: 'RFC 6749 §4.1.1',
    error: ({ values }) => (values.has('client_id') ? undefined : refuse('client_id is required.')),
  },
  {
    id: 'client-known',
    section: 'RFC 6749 §4.1.2.1',
    error: ({ values, client }) =>
      client?.enabled === true ? undefined : refuse('There is no such client.', beginningOf(values.get('client_id') ?? '')),
  },
];

/** The client, if it is registered and enabled. */
export function checkRequestingClient(facts: Facts): Client | OAuthError {
  return firstError(REQUESTING_CLIENT_CHECKS, facts) ?? facts.client ?? refuse('There is no such client.');
}

/** Enough to recognise a client ID by, and too little of a secret that was sent in its place. */
function beginningOf(clientId: string): string {
  return `sent: ${clientId.slice(0, 8)}… (${String(clientId.length)} characters)`;
}

function refuse(description: string, detail?: string): OAuthError {
  return new OAuthError('invalid_request', description, detail);
}
