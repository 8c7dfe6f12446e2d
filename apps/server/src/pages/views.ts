/** The pages as HTML: the templates beside this file, and the texts in the language of whoever looks. */
import { join } from 'node:path';
import { fastifyView } from '@fastify/view';
import { Eta } from 'eta';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Form } from '../http/form.js';
import type { Issuer } from '../http/issuer.js';
import { ICON, STYLESHEET } from './assets.js';
import { chooseLanguage, LANGUAGES } from './language.js';
import { fill, moment, say, shown } from './format-text.js';

const TEMPLATES = join(import.meta.dirname, 'views');

/** All that the templates print is escaped, but for what `say` has escaped already. */
export async function setUpViews(fastify: FastifyInstance, issuer: Issuer): Promise<void> {
  const eta = new Eta({ views: TEMPLATES, autoEscape: true });
  const defaultContext = { styles: issuer.path(STYLESHEET.path), icon: issuer.path(ICON.path), site: new URL(issuer.url).host };
  await fastify.register(fastifyView, { engine: { eta }, templates: TEMPLATES, production: true, defaultContext });
}

export type View = 'account' | 'consent' | 'error' | 'error-reference' | 'form-post' | 'home' | 'login' | 'logout' | 'signed-in' | 'signup';

export interface Page {
  readonly view: View;
  /** 200, unless it tells of a refusal. */
  readonly status?: number;
  /** Those of the stored request that the page belongs to. */
  readonly uiLocales?: readonly string[] | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Answers with a page. It is never stored: it shows who is signed in, and its tokens belong to one browser. */
export async function render(reply: FastifyReply, { view, status = 200, uiLocales, data }: Page): Promise<void> {
  const language = chooseLanguage(uiLocales ?? askedFor(reply.request), reply.request.headers['accept-language']);
  const words = { t: LANGUAGES[language], language, say, fill, shown, moment: (time: Date) => moment(time, language) };
  void reply.status(status).headers({ 'cache-control': 'no-store', 'content-language': language, vary: 'Accept-Language' });
  await reply.view(`${view}.eta`, { ...data, ...words });
}

/** `ui_locales` of an authorization request that is answered at once. */
function askedFor({ query }: FastifyRequest): readonly string[] {
  return query instanceof Form ? (query.get('ui_locales')?.split(' ') ?? []) : [];
}
