import type { FastifyReply } from 'fastify';
import type { ErrorAnswer } from '../http/error-answer.js';
import { render } from './views.js';

const TITLES: Readonly<Record<number, string>> = {
  403: 'This form cannot be accepted',
  404: 'Page not found',
  405: 'This cannot be done here',
  429: 'Too many attempts',
  500: 'Something went wrong',
  503: 'Please try again in a moment',
};

/** A page for people: what happened, what to do, and the trace ID that the administrator can look up. */
export async function renderErrorPage(reply: FastifyReply, { answer, traceId }: { answer: ErrorAnswer; traceId: string }): Promise<void> {
  const title = TITLES[answer.status] ?? 'This request cannot be answered';
  const data = { title, code: answer.code, description: sentence(answer.description), traceId };
  await render(reply, { view: 'error', status: answer.status, data });
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;
}
