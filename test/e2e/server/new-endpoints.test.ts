/** What a new endpoint gets from its kind, and what stops the start if something was forgotten. */
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BrowserSession } from '#server/http/browser-session.js';
import { OperatorEndpoint } from '#server/http/operator-endpoint.js';
import { OAuthEndpoint } from '#server/oauth/endpoint-kinds.js';
import { Page } from '#server/pages/page.js';
import { csrfToken } from '#server/pages/page-form.js';
import { startAppWith } from '#test/app-with.js';
import { Browser } from '#test/browser.js';
import { createDatabase, dropDatabase } from '#test/database.js';

@Page('guestbook')
class GuestbookController {
  constructor(private readonly browsers: BrowserSession) {}

  @Get()
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const token = csrfToken(reply, { id: this.browsers.identify(request, reply) });
    await reply.type('text/html').send(`<form action="/guestbook" method="post"><input name="csrf_token" value="${token}"></form>`);
  }

  @Post()
  async write(@Res() reply: FastifyReply): Promise<void> {
    await reply.status(200).type('text/html').send('Thank you.');
  }
}

@Controller('forgotten')
class ForgottenController {
  @Post()
  accept(): string {
    return 'unprotected';
  }
}

class ListController {
  @Get('list')
  list(): string {
    return 'inherited';
  }
}

@Page('inherited')
class InheritedController extends ListController {}

@OperatorEndpoint('restart')
class RestartController {
  @Post()
  restart(): string {
    return 'restarted';
  }
}

@Page('other-login', { step: 'login' })
class OtherLoginController {
  @Get()
  show(): string {
    return 'which of the two?';
  }
}

@OAuthEndpoint('/oauth/v2/other-token', { metadata: 'token_endpoint' })
class OtherTokenController {
  @Post()
  exchange(): string {
    return 'which of the two?';
  }
}

let databaseUrl: string;
beforeAll(async () => {
  databaseUrl = await createDatabase();
});
afterAll(() => dropDatabase(databaseUrl));

describe('a new page', () => {
  let app: NestFastifyApplication;
  let browser: Browser;
  beforeAll(async () => {
    app = await startAppWith(databaseUrl, GuestbookController);
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    browser = new Browser(await app.getUrl());
  });

  it('refuses a form without a CSRF token, with an error page', async () => {
    await browser.get('/guestbook');
    const page = await browser.post('/guestbook', { text: 'hello' });
    expect(page.status).toBe(403);
    expect(page.body).toMatch(/reload the page and try again/);
  });

  it('accepts a form with the token that it was shown', async () => {
    const page = await browser.submit(await browser.get('/guestbook'));
    expect([page.status, page.body]).toEqual([200, 'Thank you.']);
  });

  it('refuses JSON, and is not stored', async () => {
    const url = `${browser.url}/guestbook`;
    const json = await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
    expect(json.status).toBe(415);
    for (const method of ['GET', 'HEAD']) expect((await fetch(url, { method })).headers.get('cache-control')).toBe('no-store');
  });
});

describe('the start fails, with a sentence that says what to do,', () => {
  it.each([
    ['for a controller without a kind', ForgottenController, [
      'ForgottenController.accept (POST /forgotten) is an endpoint without a kind.',
      'Write @Page, @OAuthEndpoint, @AdminResource or another decorator of an endpoint kind on ForgottenController, ',
      'in place of @Controller.',
    ]],
    ['for a route of a parent class without a kind', InheritedController, [
      'InheritedController.list (GET /inherited/list) is an endpoint without a kind.',
    ]],
    ['for a POST to an endpoint whose kind takes no body', RestartController, [
      'RestartController.restart (POST /restart) must be GET or HEAD: the kind of RestartController is “endpoint for operators”, ',
      'which takes no body.',
    ]],
    ['for a second page of a step', OtherLoginController, [
      'The step of the authorization “login” has several endpoints (LoginController, OtherLoginController): only one may name it.',
    ]],
    ['for a second endpoint under one name of the metadata', OtherTokenController, [
      'The member of the metadata “token_endpoint” has several endpoints (OtherTokenController, TokenController): only one may name it.',
    ]],
  ])('%s', async (_what, controller, parts) => {
    const start = startAppWith(databaseUrl, controller);
    for (const part of parts) await expect(start).rejects.toThrow(part);
  });
});
