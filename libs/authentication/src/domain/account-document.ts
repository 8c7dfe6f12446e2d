/** An account as an administrator sends it and sees it: neither its password nor the hash of it is ever shown. */
import { Describe, IsBoolean, IsDefined, ReadOnly, SetOnce, WriteOnly } from '#document/decorators.js';
import { newSchema, patchSchema, shownSchema } from '#document/document-schema.js';
import type { JsonObject } from '#document/json.js';
import { complete, type Members, represent } from '#document/members.js';
import type { Invalid } from '#document/outcomes.js';
import { IsTimestamp } from '#document/own-checks.js';
import { readNew, readPatch as readPatchOf } from '#document/read-document.js';
import { Secret } from '#kernel/secrets.js';
import { IsPassword, IsPasswordHash, IsSubject, IsUsername } from './account-checks.js';
import { Claims, type Profile } from './profile.js';

class AccountDocument extends Claims {
  static readonly noun = 'an account';

  @Describe('Never changes and is never given again; the username where it can be.')
  @IsSubject() @SetOnce()
  readonly sub?: string;

  @Describe('Unique, whatever the case of its letters.')
  @IsDefined() @IsUsername() @SetOnce()
  readonly username!: string;

  @Describe('Nobody logs in to a locked account; a lock ends its sessions.')
  @IsDefined() @IsBoolean()
  readonly locked: boolean = false;

  @IsDefined({ validateIf: ({ password_hash }) => password_hash === undefined })
  @IsPassword() @WriteOnly()
  readonly password?: string;

  @Describe('An argon2id hash in PHC string format, instead of `password`.')
  @IsPasswordHash() @SetOnce() @WriteOnly()
  readonly password_hash?: string;

  @IsTimestamp() @ReadOnly()
  readonly created_at?: string;

  @IsTimestamp() @ReadOnly()
  readonly updated_at?: string;
}

/** By their names in the OpenAPI document. */
export const ACCOUNT_SCHEMAS = {
  Account: { ...shownSchema(AccountDocument), additionalProperties: false },
  AccountDocument: { ...newSchema(AccountDocument), oneOf: [{ required: ['password'] }, { required: ['password_hash'] }] },
  AccountPatch: patchSchema(AccountDocument),
};

/** Where the account's password comes from: typed by a person, or brought along as a hash. */
export type Credential = { readonly password: Secret } | { readonly passwordHash: Secret };

export interface NewAccount {
  readonly sub: string | undefined;
  readonly username: string;
  readonly credential: Credential;
  readonly locked: boolean;
  readonly profile: Profile;
}

/** What a patch leaves: the whole profile, and a password if a new one was sent. */
export interface ChangedAccount {
  readonly password: Secret | undefined;
  readonly locked: boolean;
  readonly profile: Profile;
}

interface Shown {
  readonly sub: string;
  readonly username: string;
  readonly profile: Profile;
  readonly locked: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export function accountRepresentation(account: Shown): JsonObject {
  const { sub, username, profile, locked, created_at, updated_at } = account;
  return represent(AccountDocument, { ...profile, sub, username, locked, created_at, updated_at });
}

/** Reads the document of a new account, or names each error in it. */
export function readNewAccount(document: JsonObject): NewAccount | Invalid {
  const read = readNew(AccountDocument, document);
  if (read.outcome === 'invalid') return read;
  const { sub, username, locked } = read.document;
  return { sub, username, credential: credentialOf(read.document), locked, profile: complete(Claims, read.document) };
}

/** Reads a JSON Merge Patch (RFC 7396) of an account, or names each error in it. */
export function readPatch(before: Shown, patch: JsonObject): ChangedAccount | Invalid {
  const read = readPatchOf(AccountDocument, patch, { current: accountRepresentation(before) });
  if (read.outcome === 'invalid') return read;
  const { password, locked } = read.document;
  return {
    password: password === undefined ? undefined : new Secret(password),
    locked,
    profile: complete(Claims, read.document),
  };
}

function credentialOf({ password, password_hash }: Members<AccountDocument>): Credential {
  if (password_hash !== undefined) return { passwordHash: new Secret(password_hash) };
  if (password !== undefined) return { password: new Secret(password) };
  throw new Error('a document without a password has passed its checks');
}
