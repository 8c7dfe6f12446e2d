import type { FastifyReply } from 'fastify';
import type { AuthorizationResponse, NextStep } from '#authorization/contracts.js';
import { SignInExpired } from '../http/http-error.js';
import { allowFormsTo, allowScript } from '../http/security-headers.js';
import type { Issuer } from '../http/issuer.js';
import { render } from './views.js';

const PAGES = { login: '/login', 'sign-up': '/signup', consent: '/consent' } as const;

/**
 * Turns what comes next into the answer: a redirect to one of our pages, the redirect to the client, or, thrown, the error that
 * only a page may show. Redirects are 303, whatever the method was (RFC 9700 §4.12).
 */
export async function respondToStep(step: NextStep, reply: FastifyReply, issuer: Issuer): Promise<void> {
  switch (step.step) {
    case 'refuse':
      throw step.error;
    case 'gone':
      throw new SignInExpired();
    case 'respond':
      await respond(step.response, reply);
      return;
    default:
      await redirect(reply, issuer.path(`${PAGES[step.step]}?request=${step.handle.reveal()}`));
  }
}

/** `location` must be ASCII already: it is sent byte for byte. */
export async function redirect(reply: FastifyReply, location: string): Promise<void> {
  await reply.status(303).headers({ 'cache-control': 'no-store', location }).send();
}

/** The one script on our pages: sends the form on. */
const SUBMIT = "document.getElementById('response').submit();";

async function respond(response: AuthorizationResponse, reply: FastifyReply): Promise<void> {
  if (response.responseMode !== 'form_post') {
    await redirect(reply, locationOf(response));
    return;
  }
  allowFormsTo(reply, [response.redirectUri]);
  allowScript(reply, SUBMIT);
  const { redirectUri, parameters } = response;
  await render(reply, { view: 'form-post', data: { redirectUri, parameters, host: hostOf(redirectUri), script: SUBMIT } });
}

/** The redirect URI as it was registered, byte for byte, with the parameters behind what it has already (RFC 6749 §4.1.2). */
export function locationOf({ redirectUri, responseMode, parameters }: AuthorizationResponse): string {
  const encoded = parameters.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  if (responseMode === 'fragment') return `${redirectUri}#${encoded}`;
  if (!redirectUri.includes('?')) return `${redirectUri}?${encoded}`;
  return /[?&]$/.test(redirectUri) ? redirectUri + encoded : `${redirectUri}&${encoded}`;
}

/** What a person knows the address by: its host, or the scheme of an app on this device. */
export function hostOf(uri: string): string {
  const { protocol, host } = new URL(uri);
  return host === '' ? protocol : host;
}

/** Readable by every decoder: one that takes `+` for a space finds none, and one that does not needs `%20`. */
function encode(text: string): string {
  return encodeURIComponent(text);
}
