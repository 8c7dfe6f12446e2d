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

/**
 * An event: something that has happened, named in the past tense. `subject` is what it is about (a client ID, a `sub`, a grant
 * ID). `data` is JSON and never contains a code, a token, a secret or a password, nor the hash of one.
 */
export abstract class DomainEvent<Data extends object = object> {
  constructor(
    readonly subject: string,
    readonly data: Data,
  ) {}
}

/** The class of an event: its `type` is the CloudEvents type, `gatehouse.<module>.<event>.v<version>`. */
export interface EventClass<E extends DomainEvent = DomainEvent> {
  readonly type: string;
  new (subject: string, data: E['data']): E;
}

/** An event as a handler receives it: its data with the attributes of its envelope. */
export interface Delivered<E extends DomainEvent> {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly time: Date;
  readonly sequence: string;
  readonly traceId: string | null;
  readonly data: E['data'];
}

export const ON_EVENT = Symbol('gatehouse:on-event');

/**
 * Marks a method of a provider as the handler of an event. The method is called after the commit, at least once, and again with
 * growing pauses while it throws. It must accept a second call for the same `id`.
 */
export function On<E extends DomainEvent>(event: EventClass<E>) {
  return <K extends string>(target: Record<K, (delivered: Delivered<E>) => Promise<void>>, method: K): void => {
    if (Reflect.hasMetadata(ON_EVENT, target[method])) throw new Error(`${method} handles an event already: one method, one event`);
    Reflect.defineMetadata(ON_EVENT, event.type, target[method]);
  };
}
