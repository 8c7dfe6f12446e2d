import { createHash } from 'node:crypto';
import { IncomingMessage, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import helmet from 'helmet';

const POLICY = 'content-security-policy';
const FORM_ACTION = "form-action 'self'";
/** A client may have a thousand redirect URIs, which would make the header too long. */
const MAX_SOURCES = 20;

/** Sets the headers of every answer: pages load nothing from other sites, and no site may frame them. They are built once. */
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
    // Clients open the login in a popup and wait for a message from it. A policy here would separate the two windows.
    crossOriginOpenerPolicy: false,
  });
  const recorder = { setHeader: (name: string, value: string) => (headers[name.toLowerCase()] = value), removeHeader: () => undefined };
  protect(new IncomingMessage(new Socket()), recorder as unknown as ServerResponse, () => undefined);
  return headers;
}

/** Allows this one script on the page, by its hash. */
export function allowScript(reply: FastifyReply, script: string): void {
  const hash = createHash('sha256').update(script).digest('base64');
  void reply.header(POLICY, `${String(reply.getHeader(POLICY))};script-src 'sha256-${hash}'`);
}

/** By the array of a client's redirect URIs, which is the same object as long as the client is in the cache. */
const formActions = new WeakMap<readonly string[], string>();

/**
 * Allows the forms of this page to lead to `uris`. Browsers apply `form-action` to the redirects after a form too. So a page
 * whose form ends in a redirect to the client must name the client, even if its address has a private-use scheme.
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

/** A CSP source (CSP Level 3 §2.3.1) that matches the URI. A loopback address may have any port (RFC 8252 §7.3). */
function sourceOf(uri: string): string {
  const { protocol, hostname, host } = new URL(uri);
  if (protocol !== 'https:' && protocol !== 'http:') return protocol;
  // The grammar of host sources has no IPv6 addresses.
  if (hostname.startsWith('[')) return protocol;
  return hostname === '127.0.0.1' ? `${protocol}//127.0.0.1:*` : `${protocol}//${host}`;
}
