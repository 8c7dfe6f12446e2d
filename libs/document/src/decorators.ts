/**
 * The decorators of a document class. The checks are those of class-validator under types of our own: the compiler refuses a
 * decorator on a property that cannot hold what it lets through, such as `@IsInt()` on a string.
 */
import * as validator from './class-validator.js';
import type { JsonObject } from './json.js';
import type { OwnMeaning } from './meanings.js';

/** As class-validator has it: the check is one of each item of a list. */
export interface Each {
  readonly each: true;
}
export const EACH: Each = { each: true };

type Misfit<Name extends string> = `${Name} has a type that does not fit this decorator`;

/** Decorates a property that can hold every `T`. */
export type Admits<T> = <D extends object, N extends keyof D & string>(
  document: D,
  name: [T] extends [D[N]] ? N : Misfit<N>,
) => void;

/** Decorates a property that holds nothing but `T`, if it holds something. */
export type Narrows<T> = <D extends object, N extends keyof D & string>(
  document: D,
  name: [NonNullable<D[N]>] extends [T] ? N : Misfit<N>,
) => void;

/** A decorator that lets through values of the type `T`, and each of them. */
export interface AdmitsBy<T, Given extends readonly unknown[] = []> {
  (...given: Given): Admits<T>;
  (...given: [...Given, Each]): Admits<readonly T[]>;
}

/** A decorator that lets through some values of the type `T`. Another one must have refused values of other types. */
export interface NarrowsBy<T, Given extends readonly unknown[] = []> {
  (...given: Given): Narrows<T>;
  (...given: [...Given, Each]): Narrows<readonly T[]>;
}

interface AdmitsListed {
  <const T extends string>(values: readonly T[]): Admits<T>;
  <const T extends string>(values: readonly T[], each: Each): Admits<readonly T[]>;
}

export const IsString: AdmitsBy<string> = validator.IsString;
export const IsInt: AdmitsBy<number> = validator.IsInt;
export const IsBoolean: AdmitsBy<boolean> = validator.IsBoolean;
export const IsUUID: () => Admits<string> = validator.IsUUID;
export const IsIn: AdmitsListed = validator.IsIn;
export const MaxLength: NarrowsBy<string, [max: number]> = validator.MaxLength;
export const Matches: NarrowsBy<string, [pattern: RegExp]> = validator.Matches;
export const Min: NarrowsBy<number, [min: number]> = validator.Min;
export const Max: NarrowsBy<number, [max: number]> = validator.Max;
export const ArrayMinSize: (min: number) => Narrows<readonly unknown[]> = validator.ArrayMinSize;
export const ArrayMaxSize: (max: number) => Narrows<readonly unknown[]> = validator.ArrayMaxSize;
export const ArrayUnique: () => Narrows<readonly unknown[]> = validator.ArrayUnique;

interface If {
  /** As class-validator has it: for which documents. */
  readonly validateIf: (document: JsonObject) => boolean;
}

/** The member is required, if it has no default. A patch cannot take it away. */
export const IsDefined: (options?: If) => Narrows<unknown> = validator.IsDefined;

/** What a decorator says beside its check. class-validator keeps it as the `context` of the decorator. */
export interface Context {
  readonly own?: OwnMeaning;
  readonly isNullable?: true;
  readonly nested?: new () => object;
  readonly description?: string;
  readonly access?: 'set-once' | 'read-only';
  readonly isWriteOnly?: true;
}

const withContext = (context: Context) => ({ context });

/** `null` is a value of its own: “none”, “off”. */
export const IsNullable = (): Admits<null> =>
  validator.ValidateIf((_document, value: unknown) => value !== null, withContext({ isNullable: true }));

/** An object that is declared by a class of its own. */
export const Nested = <T extends object>(nested: new () => T): Admits<T> => validator.ValidateNested(withContext({ nested }));

/** What the member means, for readers of the OpenAPI document. */
export const Describe = (description: string): Narrows<unknown> => validator.Allow(withContext({ description }));

/** Given with a new document, and never changed. */
export const SetOnce = (): Narrows<unknown> => validator.Allow(withContext({ access: 'set-once' }));

/** Set by the server. It may come back as it was read. */
export const ReadOnly = (): Narrows<unknown> => validator.Allow(withContext({ access: 'read-only' }));

/** Taken and never shown. */
export const WriteOnly = (): Narrows<unknown> => validator.Allow(withContext({ isWriteOnly: true }));
