/** A client as an administrator sends it and sees it. No secret is in it. */
import { Describe, ReadOnly, SetOnce } from '#document/decorators.js';
import { documentSchema, patchSchema, shownSchema } from '#document/document-schema.js';
import type { JsonObject } from '#document/json.js';
import { type Members, represent } from '#document/members.js';
import type { Invalid } from '#document/outcomes.js';
import { IsTimestamp } from '#document/own-checks.js';
import * as documents from '#document/read-document.js';
import { IsClientId } from './client-checks.js';
import { ClientMetadata, withDefaults } from './client-metadata.js';
import { CLIENT_RULES } from './client-rules.js';

class ClientDocument extends ClientMetadata {
  @Describe('Unique, and never changed. Random where none was chosen.')
  @IsClientId() @SetOnce()
  readonly client_id?: string;

  @IsTimestamp() @ReadOnly()
  readonly created_at?: string;

  @IsTimestamp() @ReadOnly()
  readonly updated_at?: string;
}

/** By their names in the OpenAPI document. */
export const CLIENT_SCHEMAS = {
  Client: shownSchema(ClientDocument),
  ClientDocument: documentSchema(ClientDocument),
  ClientPatch: patchSchema(ClientDocument),
};

/** A client that is there already, with what the registry itself adds to the metadata. */
type Registered = ClientMetadata & { readonly client_id: string; readonly created_at: Date; readonly updated_at: Date };

type Metadata = Members<ClientMetadata>;

export type ReadDocument = { readonly outcome: 'valid'; readonly metadata: Metadata } | Invalid;

type ReadNewDocument = { readonly outcome: 'valid'; readonly metadata: Metadata; readonly clientId: string | undefined } | Invalid;

export function clientRepresentation(client: Registered): JsonObject {
  return represent(ClientDocument, client);
}

export function readNew(document: JsonObject): ReadNewDocument {
  const read = documents.readNew(ClientDocument, document, CLIENT_RULES);
  if (read.outcome === 'invalid') return read;
  return { outcome: 'valid', metadata: withDefaults(read.document), clientId: read.document.client_id };
}

/** A document that takes the place of `current`. */
export function readReplacement(document: JsonObject, current: Registered): ReadDocument {
  return metadataOf(documents.readReplacement(ClientDocument, document, { current: clientRepresentation(current), rules: CLIENT_RULES }));
}

/** A merge patch (RFC 7396) of `current`. */
export function readPatch(patch: JsonObject, current: Registered): ReadDocument {
  return metadataOf(documents.readPatch(ClientDocument, patch, { current: clientRepresentation(current), rules: CLIENT_RULES }));
}

function metadataOf(read: documents.Read<ClientDocument>): ReadDocument {
  return read.outcome === 'invalid' ? read : { outcome: 'valid', metadata: withDefaults(read.document) };
}
