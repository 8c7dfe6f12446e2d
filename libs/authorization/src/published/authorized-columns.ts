import { json, optional, type RowOf, scope, text, textArray, timestamp, uuid } from '#database/table.js';
import type { ClaimsRequest } from '../domain/claims-request.js';

/**
 * What a user authorized, as it is carried from the code to the last token of its grant. `authorization_codes` and `grants` both
 * have these columns: a value that is added here, under the name that it has in the authorization request or in the session,
 * reaches the tokens without a further line.
 */
export const AUTHORIZED_COLUMNS = {
  clientId: text(),
  sub: text(),
  scope: scope(),
  claims: optional(json<ClaimsRequest>()),
  sid: uuid(),
  acr: text(),
  amr: textArray(),
  authTime: timestamp(),
} as const;

export type Authorized = RowOf<typeof AUTHORIZED_COLUMNS>;
