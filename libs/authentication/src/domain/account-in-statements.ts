import type { Profile } from './profile.js';

/** An account as JSON has it. */
export interface AccountJson {
  readonly sub: string;
  readonly username: string;
  readonly profile: Profile;
  readonly locked: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  readonly version: number;
}

/**
 * SQL for the account of the user whose `sub` is the value of this expression: as JSON, or NULL where it was removed. It reads
 * `living_accounts`, the view by which this module lets others look a user up in the round trip in which they ask for their own.
 */
export function accountOf(sub: string): string {
  return `(SELECT to_jsonb(living_accounts) FROM living_accounts WHERE living_accounts.sub = ${sub} COLLATE "C")`;
}

/** What {@link accountOf} has found, an `Account`. */
export function readAccount(json: AccountJson | null) {
  return json === null ? undefined : { ...json, created_at: new Date(json.created_at), updated_at: new Date(json.updated_at) };
}
