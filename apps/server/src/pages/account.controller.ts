import { Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ChangePassword, EndSessionById, ListSessionsOf, type PasswordChanged, type Session } from '#authentication/contracts.js';
import { WithdrawConsent } from '#authorization/contracts.js';
import { CommandBus, QueryBus } from '#kernel/bus.js';
import { Secret } from '#kernel/secrets.js';
import { BrowserSession, type OpenBrowser } from '../http/browser-session.js';
import { queryOf } from '../http/bodies.js';
import { callerAddress } from '../http/caller-address.js';
import { Issuer } from '../http/issuer.js';
import { consentsToShow } from './consents-to-show.js';
import { csrfToken, pageForm } from './page-form.js';
import { Page } from './page.js';
import { redirect } from './respond-to-step.js';
import { problemsOf } from './sign-up-problems.js';
import { nameOfUser } from './signed-in-name.js';
import { render } from './views.js';
import type { Texts } from './texts/en.js';

type SignedIn = OpenBrowser & { readonly session: Session };

interface Shown {
  readonly status?: number;
  /** Under `account.problems` in the texts: a problem of the current password. */
  readonly problem?: keyof Texts['account']['problems'];
  readonly seconds?: number;
  /** Under `signUp.problems` in the texts: a problem of the new password. */
  readonly nextProblem?: keyof Texts['signUp']['problems'] | undefined;
}

const DONE: readonly string[] = ['session', 'consent', 'password'] satisfies (keyof Texts['account']['done'])[];

/** The page where users end sessions, withdraw consents and change their password. */
@Page('account')
export class AccountController {
  constructor(
    private readonly browsers: BrowserSession,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly issuer: Issuer,
  ) {}

  @Get()
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const browser = await this.#signedIn(request, reply);
    if (browser !== undefined) await this.#page(browser, request, reply);
  }

  @Post('end-session')
  async endSession(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const browser = await this.#signedIn(request, reply);
    if (browser === undefined) return;
    await this.commands.execute(new EndSessionById(browser.session.sub, pageForm(request).get('sid') ?? ''));
    await this.#done(reply, 'session');
  }

  @Post('withdraw-consent')
  async withdrawConsent(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const browser = await this.#signedIn(request, reply);
    if (browser === undefined) return;
    await this.commands.execute(new WithdrawConsent(browser.session.sub, pageForm(request).get('client_id') ?? ''));
    await this.#done(reply, 'consent');
  }

  @Post('change-password')
  async changePassword(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const browser = await this.#signedIn(request, reply);
    if (browser === undefined) return;
    const form = pageForm(request);
    const [current, next] = ['current', 'next'].map((name) => new Secret(form.get(name) ?? '')) as [Secret, Secret];
    const result = await this.commands.execute(
      new ChangePassword({ sub: browser.session.sub, current, next, address: callerAddress(request) }),
    );
    if (result.outcome === 'session') {
      this.browsers.start(reply, result.secret);
      return this.#done(reply, 'password');
    }
    if (result.outcome === 'slow-down') void reply.header('retry-after', String(result.retryAfter));
    await this.#page(browser, request, reply, problemOf(result));
  }

  /** Undefined if nobody is signed in. The answer is then a redirect to the login, which returns to this page. */
  async #signedIn(request: FastifyRequest, reply: FastifyReply): Promise<SignedIn | undefined> {
    const { id, session } = await this.browsers.open(request, reply);
    if (session !== undefined) return { id, session };
    await redirect(reply, this.issuer.path('/login?return=/account'));
    return undefined;
  }

  #done(reply: FastifyReply, what: keyof Texts['account']['done']): Promise<void> {
    return redirect(reply, this.issuer.path(`/account?done=${what}`));
  }

  async #page(browser: SignedIn, request: FastifyRequest, reply: FastifyReply, { status = 200, ...shown }: Shown = {}): Promise<void> {
    const { sub, sid } = browser.session;
    const done = queryOf(request).get('done') ?? '';
    const data = {
      action: this.issuer.path('/account'),
      logout: this.issuer.path('/logout'),
      csrf: csrfToken(reply, browser),
      signedInAs: await nameOfUser(this.queries, browser.session),
      sessions: await this.queries.execute(new ListSessionsOf(sub)),
      own: sid,
      consents: await consentsToShow(this.queries, sub),
      done: DONE.includes(done) ? done : undefined,
      ...shown,
    };
    await render(reply, { view: 'account', status, data });
  }
}

function problemOf(result: Exclude<PasswordChanged, { outcome: 'session' }>): Shown {
  switch (result.outcome) {
    case 'invalid':
      return { status: 400, nextProblem: problemsOf(result.errors).password };
    case 'slow-down':
      return { status: 429, problem: 'slowDown', seconds: result.retryAfter };
    case 'stale':
      return { status: 409, problem: 'stale' };
    case 'refused':
      return { status: 400, problem: 'wrong' };
  }
}
