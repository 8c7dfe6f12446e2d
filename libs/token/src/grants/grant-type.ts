import type { Account } from '#authentication/contracts.js';
import type { Client } from '#client-registry/contracts.js';
import type { DomainEvent } from '#kernel/bus.js';
import type { Transaction } from '#database/transaction.js';
import type { OAuthError } from '#kernel/errors.js';
import type { GrantTypeName } from '#kernel/protocol-names.js';
import type { ExpiringSecret } from '#kernel/secrets.js';
import type { Grant } from '../persistence/grants.js';

/** A token request whose client is authenticated and may use the grant type. */
export interface TokenRequest {
  readonly client: Client;
  /** Each parameter once, none of them empty. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly now: Date;
}

/** What the presented grant entitles its client to. */
export interface Entitlement {
  /** The user's grant; undefined if the client acts for itself. */
  readonly grant: Grant | undefined;
  /** The account of the grant, as it was when the grant was read; undefined if it was removed, or if there is no user. */
  readonly user: Account | undefined;
  /** Of the new access token: the grant's, or narrower. */
  readonly scope: readonly string[];
  /** Sent beside the access token. The grant type has stored it, since it knows what the token replaces. */
  readonly refreshToken: ExpiringSecret | undefined;
  readonly nonce?: string | undefined;
  /** The event to record, once it is known what was issued. */
  readonly event: (issued: { readonly idToken: boolean }) => DomainEvent;
}

/**
 * A grant type is one file with these hooks and one line in the registry. The phases around them (client, right to the grant
 * type, tokens, answer) are those of `exchange-grant.ts` for all.
 */
export interface GrantType {
  /** The value of `grant_type`. */
  readonly name: GrantTypeName;
  /**
   * Checks what was presented, uses it up by one conditional write of the transaction, and says what the client is entitled to. A
   * refusal is returned, so that what it wrote is committed. If another request was faster, the transaction ends with
   * `NoRowAffected`, and this is called once more.
   */
  entitle(request: TokenRequest, transaction: Transaction): Promise<Entitlement | OAuthError>;
}
