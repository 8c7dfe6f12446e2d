import type { FastifyInstance } from 'fastify';
import { HttpError } from './http-error.js';

/** What is answered where no route fits: 405 with `Allow` where the path is known under other methods, else 404. */
export class Methods {
  readonly #routes: { readonly pattern: RegExp; readonly method: string }[] = [];

  /** Must run before the routes are added. */
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

/** `/clients/:id` as an expression; what stands between the parameters is taken literally. */
function patternOf(url: string): RegExp {
  const literal = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${literal.join('/')}$`);
}
