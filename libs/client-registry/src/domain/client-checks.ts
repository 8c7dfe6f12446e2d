/** Checks of the members of a client that class-validator does not have. */
import { admitsBy, narrowsBy } from '#document/own-checks.js';
import type { Problem } from '#document/meanings.js';
import { scopeTokens } from '#kernel/scope.js';
import { CLIENT_ID_SCHEMA, clientIdProblem } from './client-id.js';
import { redirectUriProblem } from './redirect-uri.js';

const LOOPBACK_ORIGIN = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

const URI = { format: 'uri' };

const problem = (rule: string, detail: string | undefined): Problem | undefined => (detail === undefined ? undefined : { rule, detail });

export const IsClientId = admitsBy<string>({
  name: 'isClientId',
  schema: CLIENT_ID_SCHEMA,
  problem: (value) => problem('client-id', clientIdProblem(value)),
});

export const IsRedirectUri = narrowsBy<string>({
  name: 'isRedirectUri',
  schema: URI,
  problem: (uri) => problem('format', redirectUriProblem(uri)),
});

/** Links stand on pages: a `javascript:` link would run there. */
export const IsLink = narrowsBy<string>({ name: 'isLink', schema: URI, problem: (value) => problem('format', linkProblem(value)) });

export const IsOrigin = narrowsBy<string>({ name: 'isOrigin', schema: URI, problem: (value) => problem('format', originProblem(value)) });

export const NamesNoScopeTwice = narrowsBy<string>({
  name: 'namesNoScopeTwice',
  schema: {},
  problem: (value) => {
    const tokens = scopeTokens(value);
    return new Set(tokens).size === tokens.length ? undefined : { rule: 'format', detail: 'must not name a scope twice' };
  },
});

function linkProblem(value: string): string | undefined {
  return /^https?:\/\/[^\s"<>\\]+$/i.test(value) && URL.canParse(value) ? undefined : 'must be an absolute http or https URL';
}

function originProblem(value: string): string | undefined {
  if (!URL.canParse(value) || new URL(value).origin !== value) return 'must be an origin, like https://app.example, and no more';
  return value.startsWith('https:') || LOOPBACK_ORIGIN.test(value) ? undefined : 'must use https, except on loopback hosts';
}
