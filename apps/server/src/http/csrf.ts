import { fastifyCsrfProtection } from '@fastify/csrf-protection';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Keyring } from '#kernel/keyring.js';
import { Form } from './form.js';
import type { BrowserSession } from './browser-session.js';
import type { Issuer } from './issuer.js';

/** The field of a form that has the token. */
const CSRF_FIELD = 'csrf_token';

interface CsrfParts {
  readonly browsers: BrowserSession;
  readonly keyring: Keyring;
  readonly issuer: Issuer;
}

/**
 * Refuses a form that this server did not show to this browser. Every endpoint whose kind takes forms is protected, unless its
 * kind allows forms from anywhere.
 */
export async function protectForms(fastify: FastifyInstance, { browsers, keyring, issuer }: CsrfParts): Promise<void> {
  await fastify.register(fastifyCsrfProtection, {
    cookieKey: `${issuer.secure ? '__Host-' : ''}gatehouse-csrf`,
    cookieOpts: { httpOnly: true, sameSite: 'lax', secure: issuer.secure, path: '/' },
    getToken: ({ body }) => (body instanceof Form ? body.get(CSRF_FIELD) : undefined),
    getUserInfo: (request) => browsers.browserId(request)?.reveal() ?? '',
    csrfOpts: { hmacKey: keyring.key('csrf').toString('base64url') },
  });
  fastify.addHook('preHandler', (request: FastifyRequest, reply: FastifyReply, done) => {
    if (needsToken(request)) fastify.csrfProtection(request, reply, done);
    else done();
  });
}

function needsToken(request: FastifyRequest): boolean {
  // GET and HEAD change nothing (RFC 9110 §9.2.1).
  if (request.method === 'GET' || request.method === 'HEAD') return false;
  const { kind } = request.routeOptions.config;
  return kind?.body === 'form' && kind.formsFromAnywhere !== true;
}
