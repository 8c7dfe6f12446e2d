/** Renders pages as HTML, from the templates beside this file and the texts in the language of the user. */
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

/** The templates escape every value, except texts that `say` has escaped. */
export async function setUpViews(fastify: FastifyInstance, issuer: Issuer): Promise<void> {
  const eta = new Eta({ views: TEMPLATES, autoEscape: true });
  const defaultContext = { styles: issuer.path(STYLESHEET.path), icon: issuer.path(ICON.path), site: new URL(issuer.url).host };
  await fastify.register(fastifyView, { engine: { eta }, templates: TEMPLATES, production: true, defaultContext });
}

export type View = 'account' | 'consent' | 'error' | 'error-reference' | 'form-post' | 'home' | 'login' | 'logout' | 'signed-in' | 'signup';

/** What a template needs. */
export interface Content {
  readonly view: View;
  /** 200 if absent. */
  readonly status?: number;
  /** `ui_locales` of the stored request that the page belongs to. */
  readonly uiLocales?: readonly string[] | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Answers with a page. */
export async function render(reply: FastifyReply, { view, status = 200, uiLocales, data }: Content): Promise<void> {
  const language = chooseLanguage(uiLocales ?? askedFor(reply.request), reply.request.headers['accept-language']);
  const words = { t: LANGUAGES[language], language, say, fill, shown, moment: (time: Date) => moment(time, language) };
  void reply.status(status).headers({ 'content-language': language, vary: 'Accept-Language' });
  await reply.view(`${view}.eta`, { ...data, ...words });
}

/** `ui_locales` of an authorization request that is answered without being stored. */
function askedFor({ query }: FastifyRequest): readonly string[] {
  return query instanceof Form ? (query.get('ui_locales')?.split(' ') ?? []) : [];
}
