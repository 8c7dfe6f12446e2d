import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Clock } from '#kernel/clock.js';
import { type Delivered, type DomainEvent, ON_EVENT } from '#kernel/bus.js';
import { EventHandlers } from './persistence/event-handlers.js';

export interface Handler {
  /** `<ProviderClass>.<method>`: deliveries are stored under it, so renaming one leaves its open deliveries behind. */
  readonly name: string;
  readonly type: string;
  readonly handle: (delivered: Delivered<DomainEvent>) => Promise<void>;
}

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];
type Methods = Record<string, Handler['handle']>;

const ANNOUNCED_EVERY_MS = 60_000;

/** The methods of this server that are marked with `@On`, found once when all providers stand. */
@Injectable()
export class Handlers implements OnModuleInit {
  readonly #byName = new Map<string, Handler>();
  #announcedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly seen: EventHandlers,
    private readonly clock: Clock,
  ) {}

  get byName(): ReadonlyMap<string, Handler> {
    return this.#byName;
  }

  onModuleInit(): void {
    const instances = new Set<unknown>();
    for (const wrapper of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      if (instances.has(wrapper.instance)) continue; // An alias of a provider that was seen already.
      instances.add(wrapper.instance);
      for (const handler of this.handlersOf(wrapper)) this.add(handler);
    }
  }

  /** Tells all servers, once a minute, what this one listens to; no event is moved past handlers that were not announced. */
  async announce(): Promise<void> {
    const now = this.clock.now();
    if (this.#byName.size === 0 || Math.abs(now.getTime() - this.#announcedAt) < ANNOUNCED_EVERY_MS) return;
    await this.seen.see([...this.#byName.values()], now);
    this.#announcedAt = now.getTime();
  }

  private add(handler: Handler): void {
    if (this.#byName.has(handler.name)) {
      throw new Error(`two providers have the event handler ${handler.name}: the name must be unique, the class provided once`);
    }
    this.#byName.set(handler.name, handler);
  }

  private handlersOf(wrapper: Wrapper): Handler[] {
    const provider: unknown = wrapper.instance;
    if (typeof provider !== 'object' || provider === null) return [];
    const methods = provider as Methods;
    return this.scanner.getAllMethodNames(Object.getPrototypeOf(provider) as object).flatMap((method) => {
      const marked = methods[method];
      const type = marked === undefined ? undefined : (Reflect.getMetadata(ON_EVENT, marked) as string | undefined);
      if (marked === undefined || type === undefined) return [];
      const name = `${provider.constructor.name}.${method}`;
      if (wrapper.isTransient || !wrapper.isDependencyTreeStatic()) {
        throw new Error(`${name} cannot handle events: its provider lives for one request, not for the server`);
      }
      return { name, type, handle: marked.bind(provider) };
    });
  }
}
