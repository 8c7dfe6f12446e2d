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
import { allowFormsTo } from '../http/security-headers.js';
import { StepResponder } from './respond-to-step.js';
import type { ReturnTo } from './return-to.js';

/** The browser that a page is shown to, and the stored authorization request that the page belongs to, if any. */
export interface Visit {
  readonly browser: OpenBrowser;
  readonly handle: string | undefined;
  readonly pending: PendingRequestOverview | undefined;
}

/** Finds the stored request of a page, and continues it after the page. */
@Injectable()
export class PendingRequest {
  constructor(
    private readonly browsers: BrowserSession,
    private readonly queries: QueryBus,
    private readonly commands: CommandBus,
    private readonly responder: StepResponder,
  ) {}

  /** Throws the same 400 for a handle that is unknown, used, expired or bound to another browser. */
  async visit(handle: string | undefined, request: FastifyRequest, reply: FastifyReply): Promise<Visit> {
    if (handle === undefined) return { browser: await this.browsers.open(request, reply), handle, pending: undefined };
    // A request is bound to the cookie of its browser, so a browser without the cookie has no pending request.
    const id = this.browsers.browserId(request);
    // The two queries run at the same time, so they share one round trip.
    const [browser, pending] = await Promise.all([
      this.browsers.open(request, reply),
      id && this.queries.execute(new GetPendingRequest(handle, id)),
    ]);
    if (pending === undefined) throw new SignInExpired();
    allowFormsTo(reply, pending.client.redirect_uris);
    return { browser, handle, pending };
  }

  /** Continues the request that a new session was needed for. */
  async goOn({ handle, returnTo }: ReturnTo, browser: Browser, reply: FastifyReply): Promise<void> {
    if (handle === undefined) return this.responder.redirectInside(reply, returnTo ?? '/login');
    const step = await this.commands.execute(new ContinueAuthorization(handle, browser));
    return this.responder.respond(step, reply);
  }

  /** Continues the request with the answer of the consent page. */
  async decide({ handle, answer }: Answer, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const command = new DecideConsent(handle, this.browsers.of(request, reply), answer);
    return this.responder.respond(await this.commands.execute(command), reply);
  }
}

interface Answer extends Pick<DecideConsent, 'handle'> {
  readonly answer: DecideConsent['answer'];
}

/** The name that users see. */
export function nameOfClient({ client_name, client_id }: PendingRequestOverview['client']): string {
  return client_name ?? client_id;
}
