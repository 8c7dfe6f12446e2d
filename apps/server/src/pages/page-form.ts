import type { FastifyReply, FastifyRequest } from 'fastify';
import { formOf, queryOf } from '../http/bodies.js';
import type { OpenBrowser } from '../http/browser-session.js';
import type { Form } from '../http/form.js';
import { HttpError } from '../http/http-error.js';

/** The CSRF token for a form of this page, bound to the browser that gets the page. */
export function csrfToken(reply: FastifyReply, browser: Pick<OpenBrowser, 'id'>): string {
  return reply.generateCsrf({ userInfo: browser.id.reveal() });
}

/** The form that was posted. A form with a repeated parameter is refused. */
export function pageForm(request: FastifyRequest): Form {
  return withoutDuplicates(formOf(request));
}

/** The handle of a stored request in the address of a page. Undefined if there is none. */
export function handleOf(request: FastifyRequest): string | undefined {
  return withoutDuplicates(queryOf(request)).get('request');
}

function withoutDuplicates(form: Form): Form {
  if (form.duplicates.length > 0) throw new HttpError(400, 'a parameter was sent more than once');
  return form;
}
