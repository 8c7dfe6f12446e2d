import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import type { AuthorizationResponse, NextStep } from '#authorization/contracts.js';
import { SignInExpired } from '../http/http-error.js';
import { allowFormsTo, allowScript } from '../http/security-headers.js';
import { Issuer } from '../http/issuer.js';
import { STEPS } from './page.js';
import { render } from './views.js';

/**
 * Turns the next step of an authorization into the answer: a redirect to a page or to the client. An error that only a page may
 * show is thrown.
 */
@Injectable()
export class StepResponder implements OnModuleInit {
  #pages: ReturnType<typeof STEPS.pathsOf> | undefined;

  constructor(
    private readonly issuer: Issuer,
    private readonly discovery: DiscoveryService,
  ) {}

  /** A step without a page stops the start. */
  onModuleInit(): void {
    this.#pagesOfSteps();
  }

  async respond(step: NextStep, reply: FastifyReply): Promise<void> {
    switch (step.step) {
      case 'refuse':
        throw step.error;
      case 'gone':
        throw new SignInExpired();
      case 'respond':
        return respond(step.response, reply);
      default:
        return this.redirectInside(reply, `${this.#pagesOfSteps()[step.step]}?request=${step.handle.reveal()}`);
    }
  }

  /** `target` is one of our own paths, without the path of the issuer. */
  redirectInside(reply: FastifyReply, target: string): Promise<void> {
    return redirect(reply, this.issuer.path(target));
  }

  #pagesOfSteps(): ReturnType<typeof STEPS.pathsOf> {
    return (this.#pages ??= STEPS.pathsOf(this.discovery));
  }
}

/** Redirects with 303, whatever the method of the request was (RFC 9700 §4.12). `location` must be ASCII: it is sent byte for byte. */
export async function redirect(reply: FastifyReply, location: string): Promise<void> {
  await reply.status(303).header('location', location).send();
}

/** The only script on our pages submits the form. */
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

/** The redirect URI as registered, byte for byte, with the parameters added to its own (RFC 6749 §4.1.2). */
export function locationOf({ redirectUri, responseMode, parameters }: AuthorizationResponse): string {
  const encoded = parameters.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  if (responseMode === 'fragment') return `${redirectUri}#${encoded}`;
  if (!redirectUri.includes('?')) return `${redirectUri}?${encoded}`;
  return /[?&]$/.test(redirectUri) ? redirectUri + encoded : `${redirectUri}&${encoded}`;
}

/** The part of an address that a person knows: its host, or the scheme of an app on this device. */
export function hostOf(uri: string): string {
  const { protocol, host } = new URL(uri);
  return host === '' ? protocol : host;
}

/** A space becomes `%20`: only some decoders read `+` as a space. */
function encode(text: string): string {
  return encodeURIComponent(text);
}
