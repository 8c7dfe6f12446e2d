import { SetMetadata } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import type { DiscoveryService } from '@nestjs/core';

/**
 * A set of names that endpoints stand for, such as steps of an authorization. Each name must have exactly one endpoint, which
 * names it in its decorator.
 */
export class EndpointNames<const Name extends string> {
  readonly #key: string;

  /** `noun` says in sentences what the names are. */
  constructor(
    private readonly noun: string,
    private readonly names: readonly Name[],
  ) {
    this.#key = `gatehouse:${noun}`;
  }

  /** The class decorator that gives the name to a controller. */
  give(name: Name | undefined): ClassDecorator {
    return SetMetadata(this.#key, name);
  }

  /** The path under each name. Throws if a name has no endpoint, or several. */
  pathsOf(discovery: Pick<DiscoveryService, 'getControllers'>): Readonly<Record<Name, string>> {
    const controllers = discovery.getControllers().flatMap(({ metatype }) => metatype ?? []);
    const paths = this.names.map((name) => [name, this.#pathOf(name, controllers)] as const);
    // The type of Object.fromEntries does not keep the keys.
    return Object.fromEntries(paths) as Record<Name, string>;
  }

  #pathOf(name: Name, controllers: readonly { readonly name: string }[]): string {
    const [first, ...others] = controllers.filter((controller) => Reflect.getMetadata(this.#key, controller) === name);
    if (first === undefined) throw new Error(`The ${this.noun} “${name}” has no endpoint: name it in the decorator of one controller.`);
    if (others.length > 0) {
      const names = [first, ...others].map((controller) => controller.name).sort();
      throw new Error(`The ${this.noun} “${name}” has several endpoints (${names.join(', ')}): only one may name it.`);
    }
    const path = String(Reflect.getMetadata(PATH_METADATA, first));
    return path.startsWith('/') ? path : `/${path}`;
  }
}
