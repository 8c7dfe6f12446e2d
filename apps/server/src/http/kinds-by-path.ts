import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { type EndpointKind, kindOf } from './endpoint-kind.js';

const EVERY_PATH = '*';

/** Chooses the kind that renders an error if no route fits the path, so that a client of an API is not sent a page. */
export class KindsByPath {
  readonly #patterns: readonly (readonly [pattern: string, kind: EndpointKind])[];
  readonly #other: EndpointKind;

  /** Throws if two kinds answer for the same pattern, or no kind for `*`. */
  constructor(kinds: Iterable<EndpointKind>) {
    const byPattern = new Map<string, EndpointKind>();
    for (const kind of new Set(kinds)) {
      for (const pattern of kind.answersFor) {
        const first = byPattern.get(pattern);
        if (first !== undefined) throw new Error(`The kinds “${first.name}” and “${kind.name}” both answer for ${pattern}: only one may.`);
        byPattern.set(pattern, kind);
      }
    }
    const other = byPattern.get(EVERY_PATH);
    if (other === undefined) throw new Error(`No endpoint kind answers for all other paths: add ${EVERY_PATH} to answersFor of one.`);
    this.#other = other;
    this.#patterns = [...byPattern].sort(([one], [another]) => another.length - one.length);
  }

  at(path: string): EndpointKind {
    return this.#patterns.find(([pattern]) => fits(pattern, path))?.[1] ?? this.#other;
  }
}

/** The kinds of the controllers that the application has. */
@Injectable()
export class RegisteredKinds implements OnModuleInit {
  #byPath: KindsByPath | undefined;

  constructor(private readonly discovery: DiscoveryService) {}

  /** Kinds that contradict each other stop the start. */
  onModuleInit(): void {
    this.#kinds();
  }

  /** As {@link KindsByPath.at}. */
  at(path: string): EndpointKind {
    return this.#kinds().at(path);
  }

  #kinds(): KindsByPath {
    return (this.#byPath ??= new KindsByPath(
      this.discovery.getControllers().flatMap(({ metatype }) => (metatype && kindOf(metatype)) ?? []),
    ));
  }
}

function fits(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}
