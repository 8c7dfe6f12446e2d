/** Reads what an administrator sent about a client: a whole document, or a merge patch (RFC 7396) of one. */
import type { FieldError } from '#kernel/errors.js';
import { clientIdProblem } from './client-id.js';
import { CLIENT_METADATA, type ClientMetadata, isFieldName, withDefaults } from './client-metadata.js';
import { registryFields } from './client-representation.js';
import { clientRuleErrors } from './client-rules.js';

type Document = Readonly<Record<string, unknown>>;

export type ReadDocument =
  | { readonly outcome: 'valid'; readonly metadata: ClientMetadata }
  | { readonly outcome: 'invalid'; readonly errors: readonly FieldError[] };

type ReadNewDocument = ReadDocument & { readonly clientId?: string };

/** A client that is there already, with what the registry itself adds to the metadata. */
type Registered = ClientMetadata & { readonly client_id: string; readonly created_at: Date; readonly updated_at: Date };

/** A document of a client that is not there yet; its `client_id`, where it has one, is checked by the rules of IDs. */
export function readNew(document: Document): ReadNewDocument {
  const { client_id: clientId, ...metadata } = document;
  if (clientId === undefined) return check(metadata, []);
  const detail = clientIdProblem(clientId) ?? '';
  if (typeof clientId !== 'string' || detail !== '') return check(metadata, [{ pointer: '/client_id', rule: 'client-id', detail }]);
  return { ...check(metadata, []), clientId };
}

/** A document that takes the place of `current`. What it leaves out falls back to its default. */
export function readReplacement(document: Document, current: Registered): ReadDocument {
  const { changed, rest } = splitRegistryFields(document, current);
  return check(rest, changed);
}

/**
 * A merge patch of `current`. A member that is null takes its field back to the default, except where null is a value of
 * that field: there it is that value, or nobody could switch off what is on by default.
 */
export function readPatch(patch: Document, current: Registered): ReadDocument {
  const { changed, rest } = splitRegistryFields(patch, current);
  const merged = Object.entries({ ...withDefaults(current), ...rest });
  return check(Object.fromEntries(merged.filter(([name, value]) => value !== null || !hasOtherDefault(name))), changed);
}

function check(document: Document, found: readonly FieldError[]): ReadDocument {
  const fieldErrors = Object.entries(document).flatMap(([name, value]) => checkField(name, value));
  const errors = [...found, ...fieldErrors];
  if (errors.length > 0) return { outcome: 'invalid', errors };
  const metadata = withDefaults(document);
  const ruleErrors = clientRuleErrors(metadata);
  return ruleErrors.length > 0 ? { outcome: 'invalid', errors: ruleErrors } : { outcome: 'valid', metadata };
}

function checkField(name: string, value: unknown): readonly FieldError[] {
  const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  if (!isFieldName(name)) return [{ pointer, rule: 'unknown-field', detail: 'is no field of a client' }];
  return CLIENT_METADATA[name].kind.problems(value).map(({ path, rule, detail }) => ({ pointer: pointer + path, rule, detail }));
}

/** A representation may come back as it was read; what the registry alone sets must then stand in it unchanged. */
function splitRegistryFields(document: Document, current: Registered): { changed: readonly FieldError[]; rest: Document } {
  const ours = registryFields(current);
  const rest = Object.fromEntries(Object.entries(document).filter(([name]) => !Object.hasOwn(ours, name)));
  const changed = Object.keys(ours)
    .filter((name) => Object.hasOwn(document, name) && document[name] !== ours[name])
    .map((name) => ({ pointer: `/${name}`, rule: 'read-only', detail: 'cannot be changed' }));
  return { changed, rest };
}

function hasOtherDefault(name: string): boolean {
  return isFieldName(name) && CLIENT_METADATA[name].kind.problems(null).length > 0;
}
