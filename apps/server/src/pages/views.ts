import { join } from 'node:path';
import { fastifyView } from '@fastify/view';
import { Eta } from 'eta';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** The templates lie beside this file, in the sources as in the build. All that they print is escaped. */
export async function setUpViews(fastify: FastifyInstance): Promise<void> {
  const templates = join(import.meta.dirname, 'views');
  await fastify.register(fastifyView, { engine: { eta: new Eta({ views: templates, autoEscape: true }) }, templates, production: true });
}

export type View = 'consent' | 'error' | 'form-post' | 'login' | 'logout' | 'signed-in' | 'signup';

export interface Page {
  readonly view: View;
  /** 200, unless it tells of a refusal. */
  readonly status?: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Answers with a page. It is never stored: it shows who is signed in, and its tokens belong to one browser. */
export async function render(reply: FastifyReply, { view, status = 200, data }: Page): Promise<void> {
  await reply.status(status).header('cache-control', 'no-store').view(`${view}.eta`, { ...data, nonce: reply.cspNonce });
}
