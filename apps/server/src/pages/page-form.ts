import type { FastifyReply, FastifyRequest } from 'fastify';
import { formOf, queryOf } from '../http/bodies.js';
import type { OpenBrowser } from '../http/browser-session.js';
import type { Form } from '../http/form.js';
import { HttpError } from '../http/http-error.js';

/** The token that a form of this page must carry, bound to the browser that is shown it. */
export function csrfToken(reply: FastifyReply, browser: Pick<OpenBrowser, 'id'>): string {
  return reply.generateCsrf({ userInfo: browser.id.reveal() });
}

/** The form that was posted. One that says a thing twice is refused: which of the two was meant is anybody's guess. */
export function pageForm(request: FastifyRequest): Form {
  return withoutDuplicates(formOf(request));
}

/** The handle in the address of a page, where it belongs to a stored request. */
export function handleOf(request: FastifyRequest): string | undefined {
  return withoutDuplicates(queryOf(request)).get('request');
}

function withoutDuplicates(form: Form): Form {
  if (form.duplicates.length > 0) throw new HttpError(400, 'a parameter was sent more than once');
  return form;
}
