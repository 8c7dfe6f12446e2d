/**
 * Who may ask: the clients, their metadata, their secrets, and the proof that a request comes from one of them.
 * This file is the module's door; nothing else of it is imported from outside.
 */
import type { JsonObject } from '#document/json.js';
import type { Invalid, Removed, Written } from '#document/outcomes.js';
import type { PageRequest } from '#document/page-request.js';
import { Command, DomainEvent, Query } from '#kernel/bus.js';
import type { OAuthError } from '#kernel/errors.js';
import type { Secret } from '#kernel/secrets.js';
import type { ClientMetadata } from './domain/client-metadata.js';

export { ADMINISTRATION_SCOPES, type AdministrationScope } from './domain/administration-scopes.js';
export { CLIENT_SCHEMAS, clientRepresentation } from './domain/client-document.js';
export type { ClientMetadata } from './domain/client-metadata.js';
export { CLIENT_SECRET_SCHEMAS, clientSecretRepresentation } from './domain/client-secret-document.js';
export { matchesRedirectUri } from './domain/redirect-uri.js';

/** A registered client: its metadata under the names of RFC 7591 and our own, with what the registry adds. */
export interface Client extends ClientMetadata {
  readonly client_id: string;
  readonly created_at: Date;
  readonly updated_at: Date;
  /** Counts the changes; the strong ETag of the representation follows from it. */
  readonly version: number;
}

/**
 * One client, enabled or not; from memory, if it has not changed since it was read. A writer asks for the `stored` one, since the
 * notification of a change on another server takes some milliseconds.
 */
export class GetClient extends Query<Client | undefined> {
  constructor(
    readonly clientId: string,
    readonly from: 'memory' | 'stored' = 'memory',
  ) {
    super();
  }
}

/** The parts of a request by which its client authenticates (RFC 6749 §2.3.1). */
export interface ClientRequest {
  /** The `Authorization` header. */
  readonly authorization: string | undefined;
  /** The parameters of the form, each once and none of them empty. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Finds out which client sent the request, and proves it. Refused with `invalid_client`, or with `invalid_request` for two proofs if
 * only one is allowed.
 */
export class AuthenticateClient extends Command<Client | OAuthError> {
  constructor(readonly request: ClientRequest) {
    super();
  }
}

export type ClientWritten = Written<Client, { readonly clientSecret: Secret | undefined }>;

/** Creates a client; its ID is `client_id` of the document, or a random one. A confidential one gets a secret, seen once. */
export class RegisterClient extends Command<ClientWritten> {
  constructor(
    readonly document: JsonObject,
    /** Given by the operator instead of made (the first administrator, the demo). */
    readonly clientSecret?: Secret,
  ) {
    super();
  }
}

/** Replaces all metadata; what the document leaves out falls back to its default. `version` is the one the writer has seen. */
export class ReplaceClient extends Command<ClientWritten> {
  constructor(
    readonly clientId: string,
    readonly document: JsonObject,
    readonly version: number,
  ) {
    super();
  }
}

/**
 * JSON Merge Patch (RFC 7396): null takes a field back to its default, unless null is a value of the field (“off”, “none”).
 * `version` is the one the writer has seen.
 */
export class PatchClient extends Command<ClientWritten> {
  constructor(
    readonly clientId: string,
    readonly patch: JsonObject,
    readonly version: number,
  ) {
    super();
  }
}

export class RemoveClient extends Command<Removed> {
  constructor(
    readonly clientId: string,
    readonly version: number,
  ) {
    super();
  }
}

/** A page of clients in the order of `client_id`, those after `after` and matching `q` in ID or name. */
export class ListClients extends Query<readonly Client[]> {
  constructor(readonly page: PageRequest) {
    super();
  }
}

/** A secret without its value. */
export interface ClientSecret {
  readonly id: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly last_used_at: Date | null;
}

export class ListClientSecrets extends Query<readonly ClientSecret[] | undefined> {
  constructor(readonly clientId: string) {
    super();
  }
}

export type ClientSecretWritten =
  | { readonly outcome: 'created'; readonly secret: ClientSecret; readonly value: Secret }
  | Invalid
  | { readonly outcome: 'not-found' | 'public-client' | 'too-many' };

/** Makes a new secret; the document says when the others end. */
export class ResetClientSecret extends Command<ClientSecretWritten> {
  constructor(
    readonly clientId: string,
    readonly document: JsonObject,
  ) {
    super();
  }
}

export type ClientSecretSet = 'set' | 'unchanged' | 'too-short' | 'not-found' | 'public-client';

/**
 * Makes a value that the operator chose the client's one secret, and ends all others. Nothing changes if it is valid already. Two
 * servers that start at the same time and send this come to one result.
 */
export class SetClientSecret extends Command<ClientSecretSet> {
  constructor(
    readonly clientId: string,
    readonly value: Secret,
  ) {
    super();
  }
}

export class RemoveClientSecret extends Command<'removed' | 'not-found'> {
  constructor(
    readonly clientId: string,
    readonly secretId: string,
  ) {
    super();
  }
}

export class ClientRegistered extends DomainEvent<{ client_id: string }> {
  static readonly type = 'gatehouse.client-registry.client-registered.v1';
}

export class ClientChanged extends DomainEvent<{ client_id: string; version: number; changed: readonly string[] }> {
  static readonly type = 'gatehouse.client-registry.client-changed.v1';
}

export class ClientRemoved extends DomainEvent<{ client_id: string }> {
  static readonly type = 'gatehouse.client-registry.client-removed.v1';
}

export class ClientSecretReset extends DomainEvent<{ client_id: string; secret_id: string; change: 'created' | 'removed' }> {
  static readonly type = 'gatehouse.client-registry.client-secret-reset.v1';
}

/** Recorded for clients that exist, at most once a minute for each reason, so that strangers cannot fill the log. */
export class ClientAuthenticationFailed extends DomainEvent<{ client_id: string; reason: string }> {
  static readonly type = 'gatehouse.client-registry.client-authentication-failed.v1';
}
