/**
 * A table, declared once. TypeORM's entity, the insert statement, its values, the columns of a SELECT and the type of a row all
 * follow from it. A store adds the statements that decide something.
 */
import { EntitySchema, type EntitySchemaColumnOptions, type EntitySchemaOptions, type ValueTransformer } from 'typeorm';
import { formatScope, scopeTokens } from '#kernel/scope.js';
import { insertion, type Statement } from './statement.js';

type ColumnType = 'bigint' | 'boolean' | 'bytea' | 'integer' | 'jsonb' | 'text' | 'timestamptz' | 'uuid';

interface ColumnOptions {
  /** Part of the primary key; the text is the name of the constraint, if the migration gave it one. */
  readonly primary?: boolean | string;
  readonly collation?: 'C';
  readonly foreignKey?: EntitySchemaColumnOptions['foreignKey'];
}

/** `T` is the value in TypeScript. */
export interface Column<T> {
  readonly type: ColumnType;
  readonly options: ColumnOptions;
  readonly isArray: boolean;
  readonly isOptional: boolean;
  readonly transformer: ValueTransformer | undefined;
  /** Never set: carries the type of the values. */
  readonly values?: T;
}

function column<T>(type: ColumnType, options: ColumnOptions = {}, transformer?: ValueTransformer): Column<T> {
  return { type, options, transformer, isArray: false, isOptional: false };
}

export const text = <T extends string = string>(options?: ColumnOptions): Column<T> => column('text', options);
export const uuid = (options?: ColumnOptions): Column<string> => column('uuid', options);
export const timestamp = (options?: ColumnOptions): Column<Date> => column('timestamptz', options);
export const bytes = (options?: ColumnOptions): Column<Buffer> => column('bytea', options);
export const integer = (options?: ColumnOptions): Column<number> => column('integer', options);
/** In decimal: a JavaScript number does not hold all of them. */
export const bigint = (options?: ColumnOptions): Column<string> => column('bigint', options);
export const flag = (options?: ColumnOptions): Column<boolean> => column('boolean', options);
export const json = <T extends object>(options?: ColumnOptions): Column<T> => column('jsonb', options);
export const textArray = (options?: ColumnOptions): Column<readonly string[]> => ({ ...column('text', options), isArray: true });
/** Scope tokens, stored as RFC 6749 §3.3 writes them. */
export const scope = (): Column<readonly string[]> =>
  column('text', {}, { to: (tokens: readonly string[]) => formatScope(tokens), from: (stored: string) => scopeTokens(stored) });

/** A column that may be NULL, which is `undefined` in TypeScript. */
export function optional<T>(required: Column<T>): Column<T | undefined> {
  return { ...required, isOptional: true };
}

type Columns = Readonly<Record<string, Column<unknown>>>;
type ValueOf<C> = C extends Column<infer T> ? T : never;
type OptionalName<C extends Columns> = { [N in keyof C]: undefined extends ValueOf<C[N]> ? N : never }[keyof C];

/** A row of a table that has these columns. */
export type RowOf<C extends Columns> = { readonly [N in Exclude<keyof C, OptionalName<C>>]: ValueOf<C[N]> } & {
  readonly [N in OptionalName<C>]?: ValueOf<C[N]>;
};

/** When rows may be deleted: each table says so, and `Cleanup` does it. */
export type Retention =
  | {
      readonly kind: 'until-expiry';
      readonly expiry: string;
      /** Seconds for which a row is still looked up after its expiry. */
      readonly keptAfterExpiry: number;
      /** SQL: what else must hold; `$1` is the moment up to which rows are deleted. */
      readonly condition: string;
    }
  /** `reason`: what deletes rows instead, or why they stay. */
  | { readonly kind: 'permanent'; readonly reason: string };

/** For a table with an index that begins with the column of this property. */
export function untilExpiry(property: string, { keptAfterExpiry = 0, condition = 'true' } = {}): Retention {
  return { kind: 'until-expiry', expiry: columnName(property), keptAfterExpiry, condition };
}

export function permanent(reason: string): Retention {
  return { kind: 'permanent', reason };
}

interface Declaration<C extends Columns> {
  readonly name: string;
  /** The room whose code alone writes it. */
  readonly owner: string;
  readonly retention: Retention;
  /** By their names in TypeScript; `expiresAt` is the column `expires_at`. */
  readonly columns: C;
  readonly indices?: EntitySchemaOptions<unknown>['indices'];
  readonly uniques?: EntitySchemaOptions<unknown>['uniques'];
}

/** A table, whatever its columns are. */
export interface AnyTable {
  readonly name: string;
  readonly owner: string;
  readonly retention: Retention;
  readonly entity: EntitySchema<object>;
}

export interface Table<Row extends object> extends AnyTable {
  readonly entity: EntitySchema<Row>;
  /** Inserts one row under a new key. */
  readonly insert: Statement;
  /** The parameters of `insert`. */
  values(row: Row): unknown[];
  /** The columns of a SELECT or RETURNING list that `read` takes; all of them if no names are given. */
  columns(names?: readonly (keyof Row & string)[], alias?: string): string;
  /** Turns a row of the driver, in place, into the values of TypeScript. Columns of other tables stay as they are. */
  read<Found extends Partial<Row>>(found: Found): Found;
}

/** The type of a table's rows. */
export type Row<T> = T extends Table<infer R> ? R : never;

const tables = new WeakMap<object, AnyTable>();

/** The declaration behind an entity of TypeORM; undefined if it was not made by {@link table}. */
export function tableOf(entity: object): AnyTable | undefined {
  return tables.get(entity);
}

export function table<C extends Columns>(declaration: Declaration<C>): Table<RowOf<C>> {
  const { name, owner, retention, columns } = declaration;
  const all = Object.entries(columns);
  const named = all.map(([property]) => columnName(property));
  const parameters = named.map((_, index) => `$${String(index + 1)}`).join(', ');
  const decoded = all.filter(([, { isOptional, transformer }]) => isOptional || transformer !== undefined);
  const encoders = all.map(([property, { type, transformer }]) => ({ property, encode: encoderOf(type, transformer) }));
  const made: Table<RowOf<C>> = {
    name,
    owner,
    retention,
    entity: entityOf(declaration),
    insert: insertion({ name: `${name}_insert`, text: `INSERT INTO ${name} (${named.join(', ')}) VALUES (${parameters})` }),
    values: (row) => encoders.map(({ property, encode }) => encode((row as Readonly<Record<string, unknown>>)[property] ?? null)),
    columns: (names: readonly string[] = Object.keys(columns), alias) => names.map((property) => selected(property, alias)).join(', '),
    read: (found) => {
      const row = found as Record<string, unknown>;
      for (const [property, { transformer }] of decoded) {
        const value = row[property];
        if (value === null) row[property] = undefined;
        else if (value !== undefined && transformer !== undefined) row[property] = transformer.from(value);
      }
      return found;
    },
  };
  tables.set(made.entity, made);
  return made;
}

/** `expiresAt` is `expires_at`. */
function columnName(property: string): string {
  return property.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function selected(property: string, alias: string | undefined): string {
  const column = columnName(property);
  const qualified = alias === undefined ? column : `${alias}.${column}`;
  return column === property ? qualified : `${qualified} AS "${property}"`;
}

/** A JSON array would be taken for an array of Postgres, so JSON is sent as its text. */
function encoderOf(type: ColumnType, transformer: ValueTransformer | undefined): (value: unknown) => unknown {
  if (type === 'jsonb') return (value) => (value === null ? null : JSON.stringify(value));
  if (transformer === undefined) return (value) => value;
  return (value): unknown => (value === null ? null : transformer.to(value));
}

function entityOf<C extends Columns>({ name, columns, indices = [], uniques = [] }: Declaration<C>): EntitySchema<RowOf<C>> {
  const described: Record<string, EntitySchemaColumnOptions> = {};
  for (const [property, { type, options, isArray, isOptional, transformer }] of Object.entries(columns)) {
    const { primary, collation, foreignKey } = options;
    described[property] = {
      name: columnName(property),
      type,
      ...(primary !== undefined && { primary: true }),
      ...(typeof primary === 'string' && { primaryKeyConstraintName: primary }),
      ...(collation !== undefined && { collation }),
      ...(foreignKey !== undefined && { foreignKey }),
      ...(isArray && { array: true }),
      ...(transformer !== undefined && { transformer }),
      ...(isOptional && { nullable: true, transformer: nullIsUndefined(transformer) }),
    };
  }
  return new EntitySchema<RowOf<C>>({ name, columns: described, indices, uniques });
}

/** For TypeORM, which gives a transformer each value that it reads, NULL as well. */
function nullIsUndefined(inner: ValueTransformer | undefined): ValueTransformer {
  return {
    to: (value: unknown): unknown => (value === undefined || value === null ? null : inner ? inner.to(value) : value),
    from: (stored: unknown): unknown => (stored === null ? undefined : inner ? inner.from(stored) : stored),
  };
}
