/** Turns the checks that class-validator keeps of a property into functions from a value to its problem. */
import { getMetadataStorage, type MetadataStorage } from './class-validator.js';
import type { Context } from './decorators.js';
import type { JsonObject, JsonSchema } from './json.js';
import { meaningOf, type Problem, type Stage, STAGES } from './meanings.js';

/** What class-validator keeps of one decorator. */
export type Metadata = ReturnType<MetadataStorage['getTargetValidationMetadatas']>[number];

export type Check = (value: unknown, document: JsonObject) => Problem | undefined;

/** The checks of one value, and the schema that follows from them. */
export interface Checks {
  readonly schema: JsonSchema;
  /** The first problem is the one that counts. */
  readonly inOrder: readonly Check[];
}

interface Found {
  readonly stage: Stage;
  readonly schema: JsonSchema;
  /** `whole`: the schema that all checks of the value make together. */
  readonly check: (whole: JsonSchema) => Check;
}

/** class-validator types the context as `any`; decorators.ts and own-checks.ts alone set it. */
export function contextOf({ context }: Metadata): Context {
  return (context ?? {}) as Context;
}

/** `metadata` stands in the order in which its decorators are read. */
export function checksOf(metadata: readonly Metadata[]): Checks {
  const found = metadata.map(find);
  const schema = Object.assign({}, ...found.map((one) => one.schema)) as JsonSchema;
  const staged = STAGES.flatMap((stage) => found.filter((one) => one.stage === stage));
  return { schema, inOrder: staged.map(({ check }) => check(schema)) };
}

function find(metadata: Metadata): Found {
  const { own } = contextOf(metadata);
  if (own !== undefined) return { stage: own.stage, schema: own.schema, check: () => own.problem };
  const { name = metadata.type, propertyName } = metadata;
  const meaning = meaningOf(name);
  if (meaning === undefined) throw new Error(`${propertyName}: give ${name} a meaning in libs/document/src/meanings.ts first`);
  const [given] = (metadata.constraints as readonly unknown[] | undefined) ?? [];
  const { stage, rule, detail } = meaning;
  return { stage, schema: meaning.schema(given), check: (whole) => checkOf(metadata, { rule, detail: detail(whole) }) };
}

/** Asks class-validator. What is not true at once, such as a promise, is a no. */
function checkOf({ constraintCls, constraints, propertyName }: Metadata, problem: Problem): Check {
  const validators = getMetadataStorage().getTargetValidatorConstraints(constraintCls).map(({ instance }) => instance);
  return (value, document) => {
    const args = { value, constraints, property: propertyName, object: document, targetName: '' };
    return validators.every((validator) => validator.validate(value, args) === true) ? undefined : problem;
  };
}
