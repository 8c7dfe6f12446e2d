/** The rules that every answer must keep, whatever the request was. The result has one sentence for each broken rule. */
import { type Answer, header } from './read-answers.js';
import { jsonOf, type Pool } from './pool.js';
import type { FuzzRequest } from './framing.js';

const TOKEN_ERRORS: ReadonlySet<unknown> = new Set([
  'invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope',
]);
const BEARER_ERRORS: ReadonlySet<unknown> = new Set(['invalid_request', 'invalid_token', 'insufficient_scope']);
/** RFC 6749 §5.2: an `error_description` has printable characters without quotes and backslashes. */
const DESCRIPTION = /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/;
const TRACE_ID = /^[0-9a-f]{32}$/;
const OWN_PAGES = /^\/(login|signup|consent|account|oauth\/v2\/oauth-authorize)(\?[^#]*)?$/;
const CREATED = /^http:\/\/localhost:\d+\/admin\/v1\/(clients|users)\/[!-~]+$/;
const RESPONSE = /^[?#&]?(code|error|iss|state)=/;
const ERROR_URI = /^http:\/\/localhost:\d+\/errors\/[\w-]+$/;
const INTERNALS = /node_modules|\.[jt]s:\d+:\d|SELECT .* FROM |\n\s+at .*\(/;
const SCRIPT_TAG = /<script(?!>document\.getElementById\('response'\)\.submit\(\);<\/script>)/i;

export function brokenRules(request: FuzzRequest, answer: Answer, pool: Pool): readonly string[] {
  const broken = [
    ...status(answer),
    ...securityHeaders(answer),
    ...location(answer, pool),
    ...content(answer),
    ...injected(answer),
  ];
  const { path } = request.draft;
  // A request on a connection of its own may have another target than its draft.
  if (request.delivery !== 'shared' || answer.status < 400) return [
    ...broken,
    ...(request.delivery === 'shared' ? success(path, request, answer) : []),
  ];
  if (path === '/oauth/v2/oauth-token') return [...broken, ...tokenError(answer, TOKEN_ERRORS)];
  if (path === '/oauth/v2/oauth-userinfo') return [...broken, ...tokenError(answer, BEARER_ERRORS)];
  return path.startsWith('/admin/v1/') ? [...broken, ...problem(answer)] : broken;
}

function status({ status: number, body }: Answer): string[] {
  return number >= 500 ? [`the status is ${String(number)}: ${body.toString('latin1', 0, 300)}`] : [];
}

function securityHeaders(answer: Answer): string[] {
  const once = (name: string): string | undefined => (answer.headers.get(name)?.length === 1 ? header(answer, name) : undefined);
  const policy = once('content-security-policy');
  const isStrict = policy?.includes("default-src 'none'") === true && policy.includes(
    "frame-ancestors 'none'",
  ) && !policy.includes('unsafe');
  const broken: string[] = [];
  if (once('x-content-type-options') !== 'nosniff') broken.push('no X-Content-Type-Options: nosniff');
  if (!isStrict) broken.push(`the Content-Security-Policy is ${String(policy)}`);
  if (once('x-frame-options') !== 'DENY') broken.push('no X-Frame-Options: DENY');
  if (once('referrer-policy') !== 'no-referrer') broken.push('no Referrer-Policy: no-referrer');
  if (header(answer, 'x-powered-by') !== undefined) broken.push('X-Powered-By');
  const store = header(answer, 'cache-control');
  if (answer.status >= 400 && store !== 'no-store') broken.push(`an error with Cache-Control: ${String(store)}`);
  return broken;
}

function location(answer: Answer, { redirectUris }: Pool): string[] {
  const to = header(answer, 'location');
  if (to === undefined) return [];
  if (answer.status === 201) return CREATED.test(to) ? [] : [`created at ${to}`];
  if (answer.status !== 303) return [`a redirect with status ${String(answer.status)}`];
  if (OWN_PAGES.test(to) || isRegistered(to, redirectUris)) return [];
  return [`a redirect to ${to.slice(0, 300)}`];
}

/** Whether the URL is a registered redirect URI with a response appended; on a loopback address any port is allowed (RFC 8252 §7.3). */
function isRegistered(to: string, registered: ReadonlySet<string>): boolean {
  const withoutPort = to.replace(/^http:\/\/(127\.0\.0\.1|\[::1\]):\d{1,5}(?=[/?#])/, 'http://$1');
  for (const uri of registered) {
    const known = uri.replace(/^http:\/\/(127\.0\.0\.1|\[::1\]):\d{1,5}(?=[/?]|$)/, 'http://$1');
    if (withoutPort.startsWith(known) && RESPONSE.test(withoutPort.slice(known.length))) return true;
  }
  return false;
}

function content(answer: Answer): string[] {
  const { body } = answer;
  const type = header(answer, 'content-type') ?? '';
  if (body.length === 0) return [];
  const text = body.toString('utf8');
  const broken: string[] = [];
  if (text.includes('\ufffd') && !body.includes(Buffer.from('\ufffd'))) broken.push('the body is not UTF-8');
  if (INTERNALS.test(text)) broken.push(`the body reveals internals: ${String(INTERNALS.exec(text)?.[0])}`);
  if (type === 'text/html; charset=utf-8') broken.push(...html(text));
  else if (/^application\/(json|problem\+json|jwk-set\+json)(; charset=utf-8)?$/.test(type)) broken.push(
    ...(jsonOf(answer) === undefined ? ['the body is not JSON'] : []),
  );
  else if (!/^(image\/svg\+xml|text\/css; charset=utf-8|text\/plain; version=.*)$/.test(type)) broken.push(`a body of the type "${type}"`);
  return broken;
}

/** See `MARK` in `hostile-values.ts`. */
function html(text: string): string[] {
  const broken: string[] = [];
  if (/<fuzzx/i.test(text) || /x"><|"onload=/.test(text)) broken.push('the page contains unescaped text of the request');
  if (SCRIPT_TAG.test(text)) broken.push('the page has an unknown script');
  if (/(?:href|src|action)\s*=\s*["']?\s*(?:javascript|data|vbscript):/i.test(text)) broken.push(
    'the page has a link that runs a script',
  );
  if (!/<\/html>\s*$/.test(text)) broken.push('the page is incomplete');
  return broken;
}

function injected(answer: Answer): string[] {
  return answer.headers.has('x-fuzzx') ? ['the request has added a header to the answer'] : [];
}

/** The rules that do not hold. */
function unkept(rules: Readonly<Record<string, boolean>>): string[] {
  return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]));
}

function isTraceId(value: unknown): boolean {
  return typeof value === 'string' && TRACE_ID.test(value);
}

function challenges(answer: Answer): boolean {
  return answer.status !== 401 || header(answer, 'www-authenticate') !== undefined;
}

/** RFC 6749 §5.2. An error of the router has no `error_uri`. */
function tokenError(answer: Answer, known: ReadonlySet<unknown>): string[] {
  if (answer.body.length === 0) return [];
  const { error, error_description: description, error_uri: uri = '', trace_id: traceId } = jsonOf(answer) ?? {};
  return unkept({
    [`the error is ${String(error)}`]: known.has(error),
    'the description is not allowed by RFC 6749': typeof description === 'string' && DESCRIPTION.test(description),
    'the error_uri is not a page of the server': typeof uri === 'string' && (uri === '' || ERROR_URI.test(uri)),
    'there is no trace_id': isTraceId(traceId),
    'a 401 without WWW-Authenticate': challenges(answer),
  });
}

/** RFC 9457. */
function problem(answer: Answer): string[] {
  if (answer.body.length === 0) return [];
  const { type, title, status: stated, detail, trace_id: traceId, errors, error_description: description } = jsonOf(answer) ?? {};
  // A path that the router refuses belongs to no endpoint.
  if (description === 'the path is not valid') return [];
  return unkept({
    'an error that is not application/problem+json': header(answer, 'content-type')?.startsWith('application/problem+json') === true,
    [`the type is ${String(type)}`]: typeof type === 'string' && /^(about:blank|\/errors\/[a-z-]+)$/.test(type),
    'no title or no detail': typeof title === 'string' && typeof detail === 'string',
    'the status in the body differs from the status of the answer': stated === answer.status,
    'there is no trace_id': isTraceId(traceId),
    'the error invalid-fields has no list of fields': type !== '/errors/invalid-fields' || isListOfErrors(errors),
    'a 401 without WWW-Authenticate': challenges(answer),
  });
}

function isListOfErrors(errors: unknown): boolean {
  const isError = (one: Readonly<Record<string, unknown>>): boolean =>
    /^(\/|$)/.test(String(one['pointer'])) && typeof one['rule'] === 'string' && typeof one['detail'] === 'string';
  return Array.isArray(errors) && errors.length > 0 && (errors as Readonly<Record<string, unknown>>[]).every(isError);
}

/** RFC 6749 §5.1. */
function success(path: string, { draft }: FuzzRequest, answer: Answer): string[] {
  const store = header(answer, 'cache-control');
  if (path !== '/oauth/v2/oauth-token') {
    return path === '/oauth/v2/oauth-userinfo' && store !== 'no-store' ? [`Cache-Control: ${String(store)}`] : [];
  }
  const { access_token: token, token_type: type, expires_in: seconds, scope } = jsonOf(answer) ?? {};
  const isToken = typeof token === 'string' && /^[\w-]{43,}$/.test(token) && type === 'bearer';
  const isComplete = isToken && Number.isInteger(seconds) && typeof scope === 'string';
  const violations = isComplete ? [] : [`not an answer of RFC 6749 §5.1: ${answer.body.toString('latin1', 0, 300)}`];
  if (store !== 'no-store') violations.push(`tokens with Cache-Control: ${String(store)}`);
  if (draft.method !== 'POST') violations.push(`tokens by ${draft.method}`);
  return violations;
}
