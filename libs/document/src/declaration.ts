/** Reads a document class: what its decorators and its initialisers say of each member, once for each class. */
import { getMetadataStorage, ValidationTypes } from './class-validator.js';
import { type Check, checksOf, contextOf, type Metadata } from './checks.js';
import type { Context } from './decorators.js';
import type { JsonObject, JsonSchema } from './json.js';

/** A class of documents. It has no constructor of its own, and its initialisers are the defaults. */
export interface DocumentClass<T extends object> {
  new (): T;
  /** What such a document is about, as it stands in a sentence: “a client”. */
  readonly noun: string;
}

export interface Member {
  readonly name: string;
  readonly access: 'open' | 'set-once' | 'read-only';
  readonly isWriteOnly: boolean;
  /** Whether there must be a value, in every document or in this one. */
  readonly isRequired: 'always' | 'never' | ((document: JsonObject) => boolean);
  readonly isNullable: boolean;
  readonly isList: boolean;
  /** Undefined if the member is absent by default. */
  readonly initial: unknown;
  readonly nested: Declaration | undefined;
  /** Of the value; of a list, as a whole. */
  readonly checks: readonly Check[];
  readonly itemChecks: readonly Check[];
  /** Of the value alone: what the member is in a document comes to it. */
  readonly schema: JsonSchema;
  readonly description: string | undefined;
}

/** By name, in a map: what every object inherits, such as `constructor`, is none of its keys. */
export type Declaration = ReadonlyMap<string, Member>;

const declarations = new WeakMap<object, Declaration>();

/** Throws if the class declares a member that nothing checks, or nothing bounds. */
export function declarationOf(type: new () => object): Declaration {
  const known = declarations.get(type);
  if (known !== undefined) return known;
  const declaration = declare(type);
  declarations.set(type, declaration);
  return declaration;
}

const ORDER = { 'set-once': 0, open: 1, 'read-only': 2 };

/** In their order: what a document is known by, the members of the class that this one extends, those of its own. */
function declare(type: new () => object): Declaration {
  const found = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  const [inherited, own] = [found.filter(({ target }) => target !== type), found.filter(({ target }) => target === type)];
  const names = new Set([...inherited, ...own].map(({ propertyName }) => propertyName));
  const initial = new type() as JsonObject;
  refuseUndecorated(type.name, Object.keys(initial).find((name) => !names.has(name)));
  const members = [...names].map((name) => {
    // The decorators of a property are called from the last to the first.
    const metadata = found.filter(({ propertyName }) => propertyName === name).reverse();
    const member = memberOf(name, metadata, initial[name]);
    refuseUnbounded(metadata, member);
    return member;
  });
  members.sort((one, other) => ORDER[one.access] - ORDER[other.access]);
  return new Map(members.map((member) => [member.name, member]));
}

function memberOf(name: string, metadata: readonly Metadata[], initial: unknown): Member {
  const context = Object.assign({}, ...metadata.map(contextOf)) as Context;
  const decorated = metadata.filter(({ type }) => type === ValidationTypes.CUSTOM_VALIDATION);
  const required = metadata.find(({ type }) => type === ValidationTypes.IS_DEFINED);
  const ofValue = checksOf(decorated.filter(({ each }) => !each));
  const ofItems = checksOf(decorated.filter(({ each }) => each));
  const isList = ofItems.inOrder.length > 0;
  const nested = context.nested && declarationOf(context.nested);
  return {
    name,
    access: context.access ?? 'open',
    isWriteOnly: context.isWriteOnly ?? false,
    isRequired: required === undefined ? 'never' : (required.validateIf as ((document: JsonObject) => boolean) | undefined) ?? 'always',
    isNullable: context.isNullable ?? false,
    isList,
    initial: Array.isArray(initial) ? Object.freeze(initial) : initial,
    nested,
    checks: ofValue.inOrder,
    itemChecks: ofItems.inOrder,
    schema: {
      ...(nested && { type: 'object' }),
      ...(isList && { type: 'array', items: ofItems.schema }),
      ...ofValue.schema,
    },
    description: context.description,
  };
}

/** A property without a decorator would be promised by the type, and be neither taken nor stored. */
function refuseUndecorated(className: string, property: string | undefined): void {
  if (property !== undefined) throw new Error(`${className}.${property}: a member needs decorators`);
}

/** A member that takes anything, or as much as one likes to send, is a mistake of its declaration. */
function refuseUnbounded(metadata: readonly Metadata[], { schema, isList }: Member): void {
  const sized = isList ? (schema['items'] as JsonSchema) : schema;
  const isText = metadata.some(({ name }) => name === 'isString');
  if (sized['type'] === undefined) throw new Error(problem(metadata, 'no decorator says of what type it is'));
  if (isText && sized['maxLength'] === undefined) throw new Error(problem(metadata, 'a text needs MaxLength'));
  if (isList && schema['maxItems'] === undefined) throw new Error(problem(metadata, 'a list needs ArrayMaxSize'));
}

function problem([one]: readonly Metadata[], sentence: string): string {
  const { target = '', propertyName = '' } = one ?? {};
  return `${typeof target === 'string' ? target : target.name}.${propertyName}: ${sentence}`;
}
