import { fastifyHelmet } from '@fastify/helmet';
import type { FastifyInstance, FastifyReply } from 'fastify';

const FORM_ACTION = "form-action 'self'";
/** A client may have a thousand redirect URIs; a header may not. */
const MAX_SOURCES = 20;

/** Headers for every answer. Scripts and styles run by the nonce of their answer alone; nobody may put a page into a frame. */
export async function setSecurityHeaders(fastify: FastifyInstance, secure: boolean): Promise<void> {
  await fastify.register(fastifyHelmet, {
    enableCSPNonces: true,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: [],
        styleSrc: [],
        imgSrc: ["'self'"],
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
}

/**
 * Lets the forms of this page lead to `uris`. Browsers apply `form-action` to the redirects behind a form as well, so the page
 * before the redirect to the client must name the client, be its address of a private-use scheme or not.
 */
export function allowFormsTo(reply: FastifyReply, uris: readonly string[]): void {
  const policy = reply.getHeader('content-security-policy');
  if (typeof policy !== 'string') return;
  const sources = new Set(uris.map(sourceOf));
  const listed = sources.size > MAX_SOURCES ? new Set(uris.map((uri) => new URL(uri).protocol)) : sources;
  void reply.header('content-security-policy', policy.replace(FORM_ACTION, [FORM_ACTION, ...listed].join(' ')));
}

/** A CSP source (CSP Level 3 §2.3.1) that covers the URI. Loopback addresses come on any port (RFC 8252 §7.3). */
function sourceOf(uri: string): string {
  const { protocol, hostname, host } = new URL(uri);
  if (protocol !== 'https:' && protocol !== 'http:') return protocol;
  // The grammar of host sources has no IPv6 addresses.
  if (hostname.startsWith('[')) return protocol;
  return hostname === '127.0.0.1' ? `${protocol}//127.0.0.1:*` : `${protocol}//${host}`;
}
