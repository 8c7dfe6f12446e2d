/**
 * The two cookies of a browser. One has a secret of the browser itself, and handles of stored requests are bound to it. The other
 * has the secret of the session. Both are `SameSite=Lax`, so a form that another site posts arrives without them.
 */
import type { CookieSerializeOptions } from '@fastify/cookie';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GetSession, type Session } from '#authentication/contracts.js';
import type { Browser } from '#authorization/contracts.js';
import { QueryBus } from '#kernel/bus.js';
import { randomSecret, Secret } from '#kernel/secrets.js';
import { Issuer } from './issuer.js';

const BROWSER_ID = /^[A-Za-z0-9_-]{43}$/;
const MAX_SECRET_LENGTH = 256;

export interface OpenBrowser {
  readonly id: Secret;
  readonly session: Session | undefined;
}

@Injectable()
export class BrowserSession {
  readonly #browserCookie: string;
  readonly #sessionCookie: string;
  readonly #options: CookieSerializeOptions;

  constructor(
    private readonly queries: QueryBus,
    issuer: Issuer,
  ) {
    // The prefix makes browsers refuse such a cookie from another host of the domain (RFC 6265bis §4.1.3.2).
    const prefix = issuer.secure ? '__Host-' : '';
    this.#browserCookie = `${prefix}gatehouse-browser`;
    this.#sessionCookie = `${prefix}gatehouse-session`;
    this.#options = { httpOnly: true, sameSite: 'lax', secure: issuer.secure, path: '/' };
  }

  /** The browser that sent the request. */
  of(request: FastifyRequest, reply: FastifyReply): Browser {
    return { id: this.identify(request, reply), sessionSecret: this.sessionSecret(request) };
  }

  /** The browser that sent the request, with its session if that is alive. */
  async open(request: FastifyRequest, reply: FastifyReply): Promise<OpenBrowser> {
    const { id, sessionSecret } = this.of(request, reply);
    return { id, session: sessionSecret && (await this.queries.execute(new GetSession(sessionSecret))) };
  }

  /** The browser's own secret. A browser without one gets its cookie with this reply. */
  identify(request: FastifyRequest, reply: FastifyReply): Secret {
    const known = this.browserId(request);
    if (known !== undefined) return known;
    const id = randomSecret();
    void reply.setCookie(this.#browserCookie, id.reveal(), this.#options);
    return id;
  }

  /** The browser's own secret. Undefined if the request has none. */
  browserId(request: FastifyRequest): Secret | undefined {
    const value = request.cookies[this.#browserCookie];
    return value !== undefined && BROWSER_ID.test(value) ? new Secret(value) : undefined;
  }

  /** The secret of the session cookie, which says nothing about whether the session is alive. Undefined if the request has none. */
  sessionSecret(request: FastifyRequest): Secret | undefined {
    const value = request.cookies[this.#sessionCookie];
    return value === undefined || value === '' || value.length > MAX_SECRET_LENGTH ? undefined : new Secret(value);
  }

  /** Sets the session cookie. The browser deletes it when it is closed; the session may end on the server before that. */
  start(reply: FastifyReply, secret: Secret): void {
    void reply.setCookie(this.#sessionCookie, secret.reveal(), this.#options);
  }

  /** Deletes both cookies, so the browser cannot continue a stored request either. */
  clear(reply: FastifyReply): void {
    void reply.clearCookie(this.#sessionCookie, this.#options);
    void reply.clearCookie(this.#browserCookie, this.#options);
  }
}
