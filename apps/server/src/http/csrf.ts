import { fastifyCsrfProtection } from '@fastify/csrf-protection';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Keyring } from '#kernel/keyring.js';
import { Form } from './form.js';
import type { BrowserSession } from './browser-session.js';
import type { Issuer } from './issuer.js';

/** Every form of a page carries its token in a field of this name. */
const CSRF_FIELD = 'csrf_token';
const PAGES = /^\/(login|signup|consent|logout|account\/[a-z-]+)$/;

interface CsrfParts {
  readonly browsers: BrowserSession;
  readonly keyring: Keyring;
  readonly issuer: Issuer;
}

/**
 * Refuses every form posted to a page that this server did not show to this browser. The OAuth endpoints have no part in it:
 * what they are sent proves itself, and clients post to them from anywhere.
 */
export async function protectPages(fastify: FastifyInstance, { browsers, keyring, issuer }: CsrfParts): Promise<void> {
  await fastify.register(fastifyCsrfProtection, {
    cookieKey: `${issuer.secure ? '__Host-' : ''}gatehouse-csrf`,
    cookieOpts: { httpOnly: true, sameSite: 'lax', secure: issuer.secure, path: '/' },
    getToken: ({ body }) => (body instanceof Form ? body.get(CSRF_FIELD) : undefined),
    getUserInfo: (request) => browsers.browserId(request)?.reveal() ?? '',
    csrfOpts: { hmacKey: keyring.key('csrf').toString('base64url') },
  });
  fastify.addHook('preHandler', (request: FastifyRequest, reply: FastifyReply, done) => {
    if (request.method === 'POST' && PAGES.test(request.routeOptions.url ?? '')) fastify.csrfProtection(request, reply, done);
    else done();
  });
}
