import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import { operationOf } from './operation.js';

/** What a route of the administration answers; JSON, or nothing with 204. */
export class Answer {
  constructor(
    readonly status: number,
    readonly body?: unknown,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
}

/** Sends an `Answer`, and refuses to send one with a status that the route's description does not name. */
@Injectable()
export class SendsAnswer implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<Answer>): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const described = operationOf(context.getHandler())?.answers ?? {};
    return next.handle().pipe(
      map(({ status, body, headers }) => {
        if (!Object.hasOwn(described, status)) throw new Error(`${context.getHandler().name}: ${String(status)} is not described`);
        void reply.status(status).headers({ 'cache-control': 'no-store', ...headers });
        return body;
      }),
    );
  }
}
