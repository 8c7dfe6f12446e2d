/** The secrets of a client as an administrator sees them, and what may be sent to make a new one. None has its value in it. */
import { Describe, IsDefined, IsInt, IsNullable, IsUUID, Max, Min } from '#document/decorators.js';
import { newSchema, shownSchema } from '#document/document-schema.js';
import type { JsonObject } from '#document/json.js';
import { represent } from '#document/members.js';
import { IsTimestamp } from '#document/own-checks.js';

const YEAR = 365 * 86_400;

class ClientSecretDocument {
  @IsUUID() @IsDefined()
  readonly id!: string;

  @IsTimestamp() @IsDefined()
  readonly created_at!: string;

  @IsTimestamp() @IsNullable() @IsDefined()
  readonly expires_at!: string | null;

  @Describe('To the minute.')
  @IsTimestamp() @IsNullable() @IsDefined()
  readonly last_used_at!: string | null;
}

export class SecretReset {
  static readonly noun = 'a new secret';

  @Describe('Seconds after which the other secrets end; without it they stay.')
  @IsInt() @Min(0) @Max(YEAR)
  readonly retire_others_in?: number;
}

/** By their names in the OpenAPI document. */
export const CLIENT_SECRET_SCHEMAS = {
  ClientSecret: shownSchema(ClientSecretDocument),
  ClientSecretReset: newSchema(SecretReset),
};

export function clientSecretRepresentation(secret: { readonly [Name in keyof ClientSecretDocument]: unknown }): JsonObject {
  return represent(ClientSecretDocument, secret);
}
