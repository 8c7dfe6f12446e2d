import { Buffer } from 'node:buffer';
import pg, { type Connection, type QueryResultRow, type Submittable } from 'pg';
import type { Statement, Step } from './statement.js';

type Parameter = string | Buffer | null;

/** The connection as its messages are (PostgreSQL §54.2.3); the published types know it in part only. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  parse(message: { readonly name: string; readonly text: string }): void;
  bind(message: { readonly statement: string; readonly values: readonly Parameter[] }): void;
  describe(message: { readonly type: 'P' }): void;
  execute(message: object): void;
  close(message: { readonly type: 'S'; readonly name: string }): void;
  sync(): void;
}

type Field = Parameters<typeof pg.types.getTypeParser>[0];
interface RowReader {
  addFields(fields: readonly Field[]): void;
  parseRow(values: readonly (string | null)[]): QueryResultRow;
}

/** What a connection knows of a statement: how its rows are read, or that it may or may not have been parsed. */
type Known = RowReader | 'no-rows' | 'doubtful';
const known = new WeakMap<object, Map<string, Known>>();

const FEATURE_NOT_SUPPORTED = '0A000';

export interface Outcome {
  readonly rows: readonly object[];
  /** As Postgres tells what was done: `INSERT 0 1`, `COMMIT`. */
  readonly command: string;
}

/**
 * Prepared statements that go to Postgres in one write and come back in one answer, where the driver's own queries take one
 * each. They are one transaction of their own, unless one is open; after a failure none of them has happened. A statement is
 * parsed and described once per connection.
 */
export class Pipeline implements Submittable {
  readonly outcomes: Promise<readonly Outcome[]>;
  /** The driver calls it when the answer takes too long. */
  callback: (error: Error | null) => void;
  readonly #parameters: readonly (readonly Parameter[])[];
  readonly #finished: Outcome[] = [];
  readonly #introduced = new Map<string, Known>();
  #statements = new Map<string, Known>();
  #rows: object[] = [];
  #resolve!: (outcomes: readonly Outcome[]) => void;

  constructor(private readonly steps: readonly Step[]) {
    // Before anything is sent: half a batch on the wire would be taken for the beginning of the next.
    this.#parameters = steps.map(({ values }) => values.map(toParameter));
    let reject!: (error: Error) => void;
    this.outcomes = new Promise((onDone, onFailure) => {
      this.#resolve = onDone;
      reject = onFailure;
    });
    this.callback = (error) => {
      if (error !== null) reject(error);
    };
  }

  submit(connection: Connection): void {
    const wire = connection as unknown as Wire;
    this.#statements = known.get(wire) ?? new Map<string, Known>();
    known.set(wire, this.#statements);
    wire.stream.cork();
    this.steps.forEach(({ statement }, index) => this.#send(statement, this.#parameters[index] ?? [], wire));
    wire.sync();
    wire.stream.uncork();
  }

  #send({ name, text }: Statement, values: readonly Parameter[], wire: Wire): void {
    const reader = this.#introduced.get(name) ?? this.#statements.get(name);
    const isNew = reader === undefined || reader === 'doubtful';
    if (reader === 'doubtful') wire.close({ type: 'S', name });
    if (isNew) {
      wire.parse({ name, text });
      this.#introduced.set(name, 'no-rows');
    }
    wire.bind({ statement: name, values });
    if (isNew) wire.describe({ type: 'P' });
    wire.execute({});
  }

  handleRowDescription({ fields }: { readonly fields: readonly Field[] }): void {
    const reader = new pg.Result('', pg.types) as unknown as RowReader;
    reader.addFields(fields);
    this.#introduced.set(this.#current(), reader);
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const name = this.#current();
    const reader = this.#introduced.get(name) ?? this.#statements.get(name);
    if (typeof reader === 'object') this.#rows.push(reader.parseRow(fields));
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#finished.push({ rows: this.#rows, command: text });
    this.#rows = [];
  }

  handleError(error: Error & { readonly code?: string }): void {
    // Nothing behind the failure was looked at; the parsing of the statement that failed may itself have been the failure.
    const finished = new Set(this.steps.slice(0, this.#finished.length).map(({ statement }) => statement.name));
    for (const [name, reader] of this.#introduced) this.#statements.set(name, finished.has(name) ? reader : 'doubtful');
    // A newer server has changed the table: what the statement was parsed to no longer answers what was described.
    if (error.code === FEATURE_NOT_SUPPORTED) this.#statements.set(this.#current(), 'doubtful');
    this.callback(error);
  }

  handleReadyForQuery(): void {
    for (const [name, reader] of this.#introduced) this.#statements.set(name, reader);
    this.#resolve(this.#finished);
    this.callback(null);
  }

  #current(): string {
    return this.steps[this.#finished.length]?.statement.name ?? '';
  }
}

/** A value in the text format of its type (a Buffer is sent as its bytes). */
function toParameter(value: unknown): Parameter {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `{${value.map(toElement).join(',')}}`;
  return typeof value === 'object' ? JSON.stringify(value) : `${value as boolean | number | bigint}`;
}

/** PostgreSQL §8.15.2 */
function toElement(value: unknown): string {
  const text = toParameter(value);
  if (text === null) return 'NULL';
  if (Buffer.isBuffer(text)) throw new TypeError('an array of bytes has no text format here');
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
