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
 * SQL for the account of the user whose `sub` is the value of this expression: as JSON, or NULL if it was removed. It reads
 * `living_accounts`: by this view, another module looks a user up in the round trip in which it reads its own tables.
 */
export function accountOf(sub: string): string {
  return `(SELECT to_jsonb(living_accounts) FROM living_accounts WHERE living_accounts.sub = ${sub} COLLATE "C")`;
}

/** What {@link accountOf} has found, an `Account`. */
export function readAccount(json: AccountJson | null) {
  return json === null ? undefined : { ...json, created_at: new Date(json.created_at), updated_at: new Date(json.updated_at) };
}
