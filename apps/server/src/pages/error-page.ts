import type { FastifyReply } from 'fastify';
import { OAuthError } from '#kernel/errors.js';
import type { ErrorAnswer } from '../http/error-answer.js';
import { SignInExpired } from '../http/http-error.js';
import { render } from './views.js';
import type { Texts } from './texts/en.js';

/** Names a title in the texts, and with `Advice` behind it what there is to do. */
type Kind = keyof { [K in keyof Texts['errors'] as `${K}Advice` extends keyof Texts['errors'] ? K : never]: true };

const KINDS: Readonly<Record<number, Kind>> = {
  403: 'form',
  404: 'notFound',
  405: 'method',
  429: 'tooMany',
  500: 'failed',
  503: 'unavailable',
};

export interface ToldError {
  readonly error: unknown;
  readonly answer: ErrorAnswer;
  readonly traceId: string;
}

/** A page for people: what happened, what to do, and for whoever looks into it the error as it is and the trace ID. */
export async function renderErrorPage(reply: FastifyReply, { error, answer, traceId }: ToldError): Promise<void> {
  const { status, code, description } = answer;
  await render(reply, { view: 'error', status, data: { kind: kindOf(error, status), code, description: sentence(description), traceId } });
}

function kindOf(error: unknown, status: number): Kind {
  if (error instanceof SignInExpired) return 'expired';
  return error instanceof OAuthError ? 'application' : (KINDS[status] ?? 'request');
}

/** The name of a parameter, which a sentence may begin with, stays as it is. */
function sentence(text: string): string {
  const first = /^\w+_/.test(text) ? text.charAt(0) : text.charAt(0).toUpperCase();
  return `${first}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;
}
