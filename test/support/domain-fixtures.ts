/** Clients, sessions and requests for tests of pure rules, without a database. */
import type { Session } from '#authentication/contracts.js';
import type { AuthorizationRequest } from '#authorization/domain/read-request.js';
import type { Client } from '#client-registry/contracts.js';
import { withDefaults } from '#client-registry/domain/client-metadata.js';

export const NOW = new Date('2030-01-01T12:00:00Z');

/** A confidential client with one redirect URI and the scopes of OpenID Connect; `metadata` overrides. */
export function aRegisteredClient(metadata: Partial<Client> = {}): Client {
  return {
    ...withDefaults({}),
    client_id: 'www',
    created_at: NOW,
    updated_at: NOW,
    version: 1,
    redirect_uris: ['https://client.example/callback'],
    scope: 'openid profile email offline_access',
    ...metadata,
  };
}

/** A login by password, ten minutes ago. */
export function aSession({ authTime: at = new Date(NOW.getTime() - 600_000), ...session }: Partial<Session> = {}): Session {
  const method = { authenticator: 'username-password', acr: 'urn:gatehouse:authentication:html-form:username-password', amr: ['pwd'], at };
  const { acr, amr } = method;
  return { sid: 'first', sub: 'alice', methods: [method], acr, amr, authTime: at, ...session };
}

/** A request for the scope `openid`. */
export function aRequest(request: Partial<AuthorizationRequest> = {}): AuthorizationRequest {
  return {
    clientId: 'www',
    redirectUri: 'https://client.example/callback',
    redirectUriSent: true,
    responseMode: 'query',
    state: undefined,
    scope: ['openid'],
    nonce: undefined,
    codeChallenge: undefined,
    prompts: [],
    maxAge: undefined,
    claims: undefined,
    loginHint: undefined,
    uiLocales: [],
    hintedSub: undefined,
    ...request,
  };
}
