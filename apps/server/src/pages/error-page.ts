import type { FastifyReply } from 'fastify';
import { OAuthError } from '#kernel/errors.js';
import type { ErrorReport } from '../http/endpoint-kind.js';
import { SignInExpired } from '../http/http-error.js';
import { render } from './views.js';
import type { Texts } from './texts/en.js';

/** The name of a title in the texts. The text under the name with `Advice` says what to do. */
type Kind = keyof { [K in keyof Texts['errors'] as `${K}Advice` extends keyof Texts['errors'] ? K : never]: true };

const KINDS: Readonly<Record<number, Kind>> = {
  403: 'form',
  404: 'notFound',
  405: 'method',
  429: 'tooMany',
  500: 'failed',
  503: 'unavailable',
};

/** Says what happened and what to do. The technical details are the error code, its description and the trace ID. */
export async function renderErrorPage(reply: FastifyReply, { error, answer, traceId }: ErrorReport): Promise<void> {
  const { status, code, description } = answer;
  await render(reply, { view: 'error', status, data: { kind: kindOf(error, status), code, description: sentence(description), traceId } });
}

function kindOf(error: unknown, status: number): Kind {
  if (error instanceof SignInExpired) return 'expired';
  return error instanceof OAuthError ? 'application' : (KINDS[status] ?? 'request');
}

/** Makes the description a sentence. The name of a parameter at its beginning keeps its small letter. */
function sentence(text: string): string {
  const first = /^\w+_/.test(text) ? text.charAt(0) : text.charAt(0).toUpperCase();
  return `${first}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;
}
