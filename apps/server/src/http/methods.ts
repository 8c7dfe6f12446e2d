import type { FastifyInstance } from 'fastify';
import { HttpError } from './http-error.js';

/** The error if no route fits: 405 with `Allow` if the path has routes of other methods, otherwise 404. */
export class Methods {
  readonly #routes: { readonly pattern: RegExp; readonly method: string }[] = [];

  /** Must be called before routes are added. */
  constructor(fastify: FastifyInstance) {
    fastify.addHook('onRoute', ({ method, url }) => {
      const pattern = patternOf(url);
      for (const one of Array.isArray(method) ? method : [method]) this.#routes.push({ pattern, method: one });
    });
  }

  refusal(target: string): HttpError {
    const [path = ''] = target.split('?', 1);
    const allowed = this.#routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    if (allowed.length === 0) return new HttpError(404, 'there is nothing at this address');
    const allow = [...new Set(allowed)].sort().join(', ');
    return new HttpError(405, `this address answers ${allow}`, { allow });
  }
}

/** The regular expression of a path such as `/clients/:id`. */
function patternOf(url: string): RegExp {
  const literal = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${literal.join('/')}$`);
}
