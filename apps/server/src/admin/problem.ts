import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { FieldError } from '#kernel/errors.js';
import type { ErrorReport } from '../http/endpoint-kind.js';
import { HttpError } from '../http/http-error.js';

/** Each kind of problem with its status and title; the name is the last part of its `type` (RFC 9457 §3.1.1). */
const KINDS = {
  'invalid-fields': [400, 'Some fields are wrong'],
  'invalid-body': [400, 'The body cannot be used'],
  'invalid-parameter': [400, 'A parameter of the query is wrong'],
  'token-required': [401, 'An access token is required'],
  'invalid-token': [401, 'The access token is not valid'],
  'insufficient-scope': [403, 'The access token does not cover this call'],
  'not-found': [404, 'There is nothing at this address'],
  taken: [409, 'The identifier is taken'],
  conflict: [409, 'The request does not fit the state of the resource'],
  'precondition-failed': [412, 'The resource has changed meanwhile'],
  'unsupported-media-type': [415, 'The media type of the body is not supported here'],
  'precondition-required': [428, 'The request must say which version it means'],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string]>>;

export type ProblemKind = keyof typeof KINDS;

interface ProblemExtras {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal of the administration API (RFC 9457). `detail` is public. */
export class Problem extends HttpError {
  readonly #kind: ProblemKind;
  readonly #errors: readonly FieldError[] | undefined;

  constructor(kind: ProblemKind, detail: string, { errors, headers = {} }: ProblemExtras = {}) {
    super(KINDS[kind][0], detail, headers);
    this.#kind = kind;
    this.#errors = errors;
  }

  toBody(traceId: string): Readonly<Record<string, unknown>> {
    return {
      type: `/errors/${this.#kind}`,
      title: KINDS[this.#kind][1],
      status: this.status,
      detail: this.description,
      ...(this.#errors && { errors: this.#errors }),
      trace_id: traceId,
    };
  }
}

export function invalidFields(errors: readonly FieldError[]): Problem {
  const count = errors.length === 1 ? 'one field is' : `${String(errors.length)} fields are`;
  return new Problem('invalid-fields', `${count} wrong; see errors`, { errors });
}

/** Renders every error as a problem document, those of the framework and the database too. */
export async function renderProblem(reply: FastifyReply, { error, answer, traceId }: ErrorReport): Promise<void> {
  const body = error instanceof Problem ? error.toBody(traceId) : plainProblem(answer.status, answer.description, traceId);
  await reply.type('application/problem+json').send(body);
}

function plainProblem(status: number, detail: string, traceId: string): Readonly<Record<string, unknown>> {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, trace_id: traceId };
}
