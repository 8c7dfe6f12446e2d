import { Injectable, type OnModuleInit, type Type } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { type Command, CommandHandler, type Query, QueryHandler } from '@nestjs/cqrs';

export { Command, CommandBus, Query, QueryBus } from '@nestjs/cqrs';

const HANDLES = Symbol('gatehouse:handles');

type Constructor<T> = new (...args: never[]) => T;
type Handler<Message, Result> = Constructor<{ execute(message: Message): Promise<Result> }>;
type ResultOf<Message> = Message extends Command<infer Result> ? Result : Message extends Query<infer Result> ? Result : never;

/** Declares the handler of a command; a class whose `execute` does not fit the command's result type does not compile. */
export function HandlesCommand<C extends Command<unknown>>(command: Constructor<C>): (handler: Handler<C, ResultOf<C>>) => void {
  return (handler) => {
    CommandHandler(command)(handler);
    Reflect.defineMetadata(HANDLES, command, handler);
  };
}

/** Declares the handler of a query; a class whose `execute` does not fit the query's result type does not compile. */
export function HandlesQuery<Q extends Query<unknown>>(query: Constructor<Q>): (handler: Handler<Q, ResultOf<Q>>) => void {
  return (handler) => {
    QueryHandler(query)(handler);
    Reflect.defineMetadata(HANDLES, query, handler);
  };
}

/** Stops the start when two classes handle one command or query: the bus itself would let the last one win with a warning. */
@Injectable()
export class OneHandlerEach implements OnModuleInit {
  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    const handlers = new Map<unknown, string>();
    for (const { metatype } of this.discovery.getProviders()) {
      if (typeof metatype !== 'function') continue;
      const message = handledBy(metatype as Type);
      if (message === undefined) continue;
      const other = handlers.get(message);
      if (other !== undefined) {
        throw new Error(`${message.name} has two handlers: ${other} and ${metatype.name}`);
      }
      handlers.set(message, metatype.name);
    }
  }
}

function handledBy(handler: Type): Type | undefined {
  return Reflect.getMetadata(HANDLES, handler) as Type | undefined;
}
