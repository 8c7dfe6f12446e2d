/**
 * What the routes of every administered resource have in common: pages, preconditions, the outcomes of a write as answers, and what
 * the OpenAPI document tells of them. A resource says once what it is called, and how one of it is shown.
 */
import type { FastifyRequest } from 'fastify';
import type { JsonObject } from '#document/json.js';
import type { Removed, Written } from '#document/outcomes.js';
import type { PageRequest } from '#document/page-request.js';
import { queryOf } from '../http/bodies.js';
import type { Issuer } from '../http/issuer.js';
import { Answer } from './answer.js';
import { ADMINISTRATION_PATH } from './bearer.guard.js';
import { etagOf, requireIfMatch, stale, type Versioned } from './etag.js';
import { type DescribedAnswer, type NamedSchema, pageSchema, type QueryParameters } from './operation.js';
import { pageAnswer, pageParameters, readPage } from './page.js';
import { invalidFields, Problem } from './problem.js';

interface Resource<T> {
  /** Below the path of the administration. */
  readonly path: string;
  readonly noun: string;
  /** The member by which one is addressed, and in whose order a list stands. */
  readonly key: string;
  readonly keyOf: (stored: T) => string;
  readonly represent: (stored: T) => JsonObject;
  /** Of what is shown. */
  readonly schema: NamedSchema;
  /** Of the answer to a creation, if it shows more than any other. */
  readonly newSchema?: NamedSchema;
  /** Why nothing was created. */
  readonly taken: string;
}

export class Administered<T extends Versioned> {
  /** For the description of the routes. */
  readonly parameters: QueryParameters;
  readonly page: DescribedAnswer;
  readonly shown: DescribedAnswer;
  readonly created: DescribedAnswer;
  readonly gone: DescribedAnswer;
  readonly #resource: Resource<T>;

  constructor(resource: Resource<T>) {
    const { noun, key, schema, newSchema = schema } = resource;
    const etag = { ETag: `The version of the ${noun}.` };
    const location = { Location: `The URL of the ${noun}.` };
    this.#resource = resource;
    this.parameters = pageParameters(key);
    this.page = { description: `A page of ${noun}s.`, body: pageSchema(schema), headers: { Link: 'The next page.' } };
    this.shown = { description: `The ${noun}.`, body: schema, headers: etag };
    this.created = { description: `The ${noun} was created.`, body: newSchema, headers: { ...etag, ...location } };
    this.gone = { description: `The ${noun} is gone.` };
  }

  /** The page that the query of the request asks for. */
  async list(request: FastifyRequest, issuer: Issuer, find: (page: PageRequest) => Promise<readonly T[]>): Promise<Answer> {
    const { key, keyOf, represent } = this.#resource;
    const query = queryOf(request);
    const page = readPage(query, key);
    const found = await find({ ...page, limit: page.limit + 1 });
    return pageAnswer(query, page, { found, keyOf, represent, url: issuer.absolute(this.#path()) });
  }

  /** Throws the 404 if nothing was found. */
  existing(found: T | undefined): T {
    if (found === undefined) throw this.#missing();
    return found;
  }

  /** What the writer has seen and wants to change; throws if nothing was found, or `If-Match` means another version. */
  seen(request: FastifyRequest, found: T | undefined): T {
    const current = this.existing(found);
    requireIfMatch(request, current);
    return current;
  }

  one(stored: T): Answer {
    return new Answer(200, this.#resource.represent(stored), { etag: etagOf(stored) });
  }

  /** `once`: what the answer to a creation shows and no other. */
  written(written: Written<T>, issuer: Issuer, once: JsonObject = {}): Answer {
    const { represent, keyOf, taken } = this.#resource;
    switch (written.outcome) {
      case 'created': {
        const { stored } = written;
        const location = issuer.absolute(`${this.#path()}/${encodeURIComponent(keyOf(stored))}`);
        return new Answer(201, { ...represent(stored), ...once }, { etag: etagOf(stored), location });
      }
      case 'changed':
        return this.one(written.stored);
      case 'invalid':
        throw invalidFields(written.errors);
      case 'taken':
        throw new Problem('taken', taken);
      case 'stale':
        throw stale();
      case 'not-found':
        throw this.#missing();
    }
  }

  removed(outcome: Removed): Answer {
    if (outcome === 'not-found') throw this.#missing();
    if (outcome === 'stale') throw stale();
    return new Answer(204);
  }

  #path(): string {
    return `${ADMINISTRATION_PATH}/${this.#resource.path}`;
  }

  #missing(): Problem {
    return new Problem('not-found', `there is no ${this.#resource.noun} with this ${this.#resource.key}`);
  }
}
