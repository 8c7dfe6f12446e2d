import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type Browser,
  ContinueAuthorization,
  DecideConsent,
  GetPendingRequest,
  type PendingRequestOverview,
} from '#authorization/contracts.js';
import { CommandBus, QueryBus } from '#kernel/bus.js';
import { BrowserSession, type OpenBrowser } from '../http/browser-session.js';
import { SignInExpired } from '../http/http-error.js';
import { Issuer } from '../http/issuer.js';
import { allowFormsTo } from '../http/security-headers.js';
import { redirect, respondToStep } from './respond-to-step.js';
import type { ReturnTo } from './return-to.js';

/** A page, the browser that it is shown to, and the stored authorization request that it belongs to, if any. */
export interface Visit {
  readonly browser: OpenBrowser;
  readonly handle: string | undefined;
  readonly pending: PendingRequestOverview | undefined;
}

/** Finds the stored request that a page was opened for, and goes on with it when the page is done. */
@Injectable()
export class PendingRequest {
  constructor(
    private readonly browsers: BrowserSession,
    private readonly queries: QueryBus,
    private readonly commands: CommandBus,
    private readonly issuer: Issuer,
  ) {}

  /** Throws the same 400 for a handle that is unknown, spent, expired or bound to another browser. */
  async visit(handle: string | undefined, request: FastifyRequest, reply: FastifyReply): Promise<Visit> {
    if (handle === undefined) return { browser: await this.browsers.open(request, reply), handle, pending: undefined };
    // A browser without its own cookie began nothing that could be pending.
    const id = this.browsers.browserId(request);
    // Asked for at the same moment, they are one round trip.
    const [browser, pending] = await Promise.all([
      this.browsers.open(request, reply),
      id && this.queries.execute(new GetPendingRequest(handle, id)),
    ]);
    if (pending === undefined) throw new SignInExpired();
    allowFormsTo(reply, pending.client.redirect_uris);
    return { browser, handle, pending };
  }

  /** Goes on, in a browser with a new session, with what it was needed for. */
  async goOn({ handle, returnTo }: ReturnTo, browser: Browser, reply: FastifyReply): Promise<void> {
    if (handle === undefined) return redirect(reply, this.issuer.path(returnTo ?? '/login'));
    const step = await this.commands.execute(new ContinueAuthorization(handle, browser));
    return respondToStep(step, reply, this.issuer);
  }

  /** Hands on the answer of the consent page. */
  async decide({ handle, answer }: Answer, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const command = new DecideConsent(handle, this.browsers.of(request, reply), answer);
    return respondToStep(await this.commands.execute(command), reply, this.issuer);
  }
}

interface Answer extends Pick<DecideConsent, 'handle'> {
  readonly answer: DecideConsent['answer'];
}

/** The name that people see. */
export function nameOfClient({ client_name, client_id }: PendingRequestOverview['client']): string {
  return client_name ?? client_id;
}
