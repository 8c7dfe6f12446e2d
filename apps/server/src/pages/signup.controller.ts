import { Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SignUp } from '#authentication/contracts.js';
import { CommandBus } from '#kernel/bus.js';
import { Secret } from '#kernel/secrets.js';
import { queryOf } from '../http/bodies.js';
import { BrowserSession } from '../http/browser-session.js';
import { callerAddress } from '../http/caller-address.js';
import type { Form } from '../http/form.js';
import { Issuer } from '../http/issuer.js';
import { csrfToken, handleOf, pageForm } from './page-form.js';
import { Page } from './page.js';
import { nameOfClient, PendingRequest, type Visit } from './pending-request.js';
import { type Problems, problemsOf } from './sign-up-problems.js';
import { render } from './views.js';
import { returnToQuery, type Return, returnOf } from './return-to.js';

const FIELDS = ['username', 'name', 'email'] as const;
type Values = Readonly<Partial<Record<(typeof FIELDS)[number], string | undefined>>>;

interface Shown {
  readonly values: Values;
  readonly returnTo: Return | undefined;
  readonly status?: number;
  readonly problems?: Problems;
}

/** The page where users create an account. It continues the stored request (Initiating User Registration 1.0). */
@Page('signup', { step: 'sign-up' })
export class SignupController {
  constructor(
    private readonly requests: PendingRequest,
    private readonly browsers: BrowserSession,
    private readonly commands: CommandBus,
    private readonly issuer: Issuer,
  ) {}

  @Get()
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visit = await this.requests.visit(handleOf(request), request, reply);
    await this.#form(visit, reply, { values: { username: visit.pending?.loginHint }, returnTo: returnOf(queryOf(request)) });
  }

  @Post()
  async signUp(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = pageForm(request);
    const visit = await this.requests.visit(form.get('request'), request, reply);
    const returnTo = returnOf(form);
    const result = await this.commands.execute(
      new SignUp({
        username: form.get('username') ?? '',
        password: new Secret(form.get('password') ?? ''),
        name: form.get('name'),
        email: form.get('email'),
        address: callerAddress(request),
        previous: this.browsers.sessionSecret(request),
      }),
    );
    if (result.outcome === 'session') {
      this.browsers.start(reply, result.secret);
      return this.requests.goOn({ ...visit, returnTo }, { id: visit.browser.id, sessionSecret: result.secret }, reply);
    }
    const again = { values: shownAgain(form), returnTo };
    if (result.outcome === 'invalid') return this.#form(visit, reply, { ...again, status: 400, problems: problemsOf(result.errors) });
    void reply.header('retry-after', String(result.retryAfter));
    return this.#form(visit, reply, { ...again, status: 429, problems: { account: 'unavailable' } });
  }

  #form({ browser, handle, pending }: Visit, reply: FastifyReply, { status = 200, problems = {}, ...shown }: Shown): Promise<void> {
    const data = {
      action: this.issuer.path('/signup'),
      login: this.issuer.path(`/login${returnToQuery({ handle, returnTo: shown.returnTo })}`),
      handle,
      csrf: csrfToken(reply, browser),
      clientName: pending && nameOfClient(pending.client),
      problems,
      ...shown,
    };
    return render(reply, { view: 'signup', status, uiLocales: pending?.uiLocales, data });
  }
}

/** The values that the form shows again. The password is not one of them. */
function shownAgain(form: Form): Values {
  return Object.fromEntries(FIELDS.map((field) => [field, form.get(field)]));
}
