/**
 * What a route of the administration takes and answers, written beside the route. The checks of requests and the OpenAPI
 * document both follow from it.
 */
import { SetMetadata } from '@nestjs/common';
import type { JsonSchema } from '#document/json.js';

/** A schema under its name in the document. */
export interface NamedSchema {
  readonly name: string;
  readonly schema: JsonSchema;
}

export type QueryParameters = Readonly<Record<string, { readonly schema: JsonSchema; readonly description: string }>>;

export interface DescribedAnswer {
  readonly description: string;
  /** JSON; an answer without one has no body. */
  readonly body?: NamedSchema;
  /** Names of response headers with what they say. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Operation {
  readonly summary: string;
  readonly query?: QueryParameters;
  readonly body?: { readonly schema: NamedSchema; readonly types?: readonly string[] };
  /** Request headers with what they do. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<number, DescribedAnswer>>;
  /** Statuses of the problems that are this route's own; those of tokens and bodies come by themselves. */
  readonly problems?: readonly number[];
}

const OPERATION = 'gatehouse:operation';

export const Describes = (operation: Operation) => SetMetadata(OPERATION, operation);

export function operationOf(route: object): Operation | undefined {
  return Reflect.getMetadata(OPERATION, route) as Operation | undefined;
}

/** Media types of a merge patch. */
export const MERGE_PATCH = ['application/merge-patch+json', 'application/json'];

/** The header of a change. */
export const IF_MATCH = { 'If-Match': 'The ETag that the writer has seen; required for what is there.' };

/** A list of these. */
export function pageSchema({ name, schema }: NamedSchema): NamedSchema {
  return {
    name: `${name}Page`,
    schema: { type: 'object', properties: { items: { type: 'array', items: schema } }, required: ['items'] },
  };
}
