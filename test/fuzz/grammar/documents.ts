/** Static documents, health, unknown paths and unexpected methods. */
import { STYLESHEET } from '#server/pages/assets.js';
import { get, type Draft, parameters } from '../draft.js';
import { STRINGS } from '../hostile-values.js';
import { percentEncode } from '../draft.js';
import type { Production } from '../production.js';
import type { Random } from '../random.js';

const PATHS = [
  '/', '/login', '/signup', '/consent', '/logout', '/account', '/account/end-session', '/errors/invalid_request', '/icon.svg',
  STYLESHEET.path, '/styles/pages.css',
  '/oauth/v2/oauth-authorize', '/oauth/v2/oauth-token',
  '/oauth/v2/oauth-userinfo', '/oauth/v2/jwks', '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server', '/health/live', '/health/ready', '/admin/v1/clients',
  '/admin/v1/clients/admin', '/admin/v1/clients/admin/secrets', '/admin/v1/users', '/admin/v1/events',
  '/admin/v1/openapi.json', '/metrics',
] as const;
const METHODS = [
  'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'GET', 'POST', 'TRACE', 'PROPFIND', 'SEARCH', 'QUERY', 'LOCK', 'PURGE',
  'M-SEARCH',
] as const;
const UNKNOWN_PATHS = [
  '/oauth', '/oauth/v2/', '/oauth/v2/oauth-par', '/oauth/v2/oauth-introspect', '/oauth/v2/oauth-revoke',
  '/oauth/v2/oauth-register', '/oauth/v2/oauth-session/end', '/admin', '/admin/v1', '/admin/v1/keys',
  '/admin/v1/clients/', '/admin/v1/clients//secrets', '/admin/v1/clients/a/b/c', '//', '///login', '/login/', '/LOGIN',
  '/login;a=b', '/./login', '/a/../login', '/login%2f', '/%6cogin', '/health', '/.well-known/', '/.git/config', '/.env',
  '/*', '/:client_id', '/admin/v1/clients/:client_id', '/errors/', '/errors/a/b', '/__proto__', '/constructor', '/%E2%82%AC',
  '/a%20b', '/a+b', '/%3Cfuzzx%3E', '/favicon.ico', '/robots.txt', '/?', '/?&&&', '/login?request', '/login?=', '/login?%00',
  '/login??a=b',
  '/login?request=a&request=b', '/errors/%00', '/errors/%ff', '/errors/%', '/login%00', '/..;/admin',
  '/admin/v1/users/%2e%2e', '/admin/v1/users/..%2f..', `/${'a'.repeat(3000)}`, `/errors/${'a'.repeat(900)}`,
  `/admin/v1/clients/${'%41'.repeat(260)}`,
] as const;

function document(endpoint: string, path: string): Production['make'] {
  return () => get(endpoint, path);
}

/** A known path with any method. */
function method(random: Random): Draft {
  const [name, path] = [random.pick(METHODS), random.pick(PATHS)];
  const draft = get('any method', path);
  const body = name === 'POST' || name === 'PUT' || name === 'PATCH' || name === 'QUERY';
  const form: Draft = {
    ...draft,
    headers: [['Content-Type', 'application/x-www-form-urlencoded']],
    body: { kind: 'form', form: parameters({ a: random.pick(STRINGS) }) },
  };
  return body && random.chance(0.7) ? { ...form, method: name } : { ...draft, method: name };
}

function unknownPath(random: Random): Draft {
  const listed = random.pick(UNKNOWN_PATHS);
  const generated = `/${percentEncode(random.pick(STRINGS))}/${percentEncode(random.pick(STRINGS))}`;
  const draft = get('unknown path', random.chance(0.75) ? listed : generated);
  return random.chance(0.8) ? draft : { ...draft, method: 'POST' };
}

export const documents: readonly Production[] = [
  { weight: 12, make: document('GET openid-configuration', '/.well-known/openid-configuration') },
  { weight: 8, make: document('GET oauth-authorization-server', '/.well-known/oauth-authorization-server') },
  { weight: 12, make: document('GET jwks', '/oauth/v2/jwks') },
  { weight: 6, make: document('GET health', '/health/live') },
  { weight: 6, make: document('GET health', '/health/ready') },
  { weight: 30, make: method },
  { weight: 25, make: unknownPath },
];
