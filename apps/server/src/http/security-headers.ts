import { createHash } from 'node:crypto';
import { IncomingMessage, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import helmet from 'helmet';

const POLICY = 'content-security-policy';
const FORM_ACTION = "form-action 'self'";
/** A client may have a thousand redirect URIs; a header may not. */
const MAX_SOURCES = 20;

/** Headers for every answer: nothing may be loaded, and nobody may put a page into a frame. They are the same for all, so made once. */
export function setSecurityHeaders(fastify: FastifyInstance, secure: boolean): void {
  const headers = securityHeaders(secure);
  fastify.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
}

function securityHeaders(secure: boolean): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const protect = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        imgSrc: ["'self'"],
        styleSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: secure ? { maxAge: 31_536_000 } : false,
    xFrameOptions: { action: 'deny' },
    // Clients open the login in a window of their own and wait for its opener: a policy here would cut the two apart for good.
    crossOriginOpenerPolicy: false,
  });
  const recorder = { setHeader: (name: string, value: string) => (headers[name.toLowerCase()] = value), removeHeader: () => undefined };
  protect(new IncomingMessage(new Socket()), recorder as unknown as ServerResponse, () => undefined);
  return headers;
}

/** Lets this one script run on the page, by what it says. */
export function allowScript(reply: FastifyReply, script: string): void {
  const hash = createHash('sha256').update(script).digest('base64');
  void reply.header(POLICY, `${String(reply.getHeader(POLICY))};script-src 'sha256-${hash}'`);
}

/** By the list of a client's redirect URIs, which stays the same one for as long as the client is remembered. */
const formActions = new WeakMap<readonly string[], string>();

/**
 * Lets the forms of this page lead to `uris`. Browsers apply `form-action` to the redirects behind a form as well, so the page
 * before the redirect to the client must name the client, be its address of a private-use scheme or not.
 */
export function allowFormsTo(reply: FastifyReply, uris: readonly string[]): void {
  const policy = reply.getHeader(POLICY);
  if (typeof policy !== 'string') return;
  const allowed = formActions.get(uris) ?? formActionOf(uris);
  formActions.set(uris, allowed);
  void reply.header(POLICY, policy.replace(FORM_ACTION, allowed));
}

function formActionOf(uris: readonly string[]): string {
  const sources = new Set(uris.map(sourceOf));
  const listed = sources.size > MAX_SOURCES ? new Set(uris.map((uri) => new URL(uri).protocol)) : sources;
  return [FORM_ACTION, ...listed].join(' ');
}

/** A CSP source (CSP Level 3 §2.3.1) that covers the URI. Loopback addresses come on any port (RFC 8252 §7.3). */
function sourceOf(uri: string): string {
  const { protocol, hostname, host } = new URL(uri);
  if (protocol !== 'https:' && protocol !== 'http:') return protocol;
  // The grammar of host sources has no IPv6 addresses.
  if (hostname.startsWith('[')) return protocol;
  return hostname === '127.0.0.1' ? `${protocol}//127.0.0.1:*` : `${protocol}//${host}`;
}
