import type { Account } from '../contracts.js';

/** An account as JSON has it. */
export type AccountJson = Omit<Account, 'created_at' | 'updated_at'> & { readonly created_at: string; readonly updated_at: string };

/**
 * SQL for the account whose `sub` is the value of the expression `sub`: the account as JSON, or NULL if it was removed. It reads the
 * view `living_accounts`, so that another module gets the user in the round trip of its own statement.
 */
export function accountOf(sub: string): string {
  return `(SELECT to_jsonb(living_accounts) FROM living_accounts WHERE living_accounts.sub = ${sub} COLLATE "C")`;
}

/** The account that {@link accountOf} selected. */
export function readAccount(json: AccountJson | null): Account | undefined {
  return json === null ? undefined : { ...json, created_at: new Date(json.created_at), updated_at: new Date(json.updated_at) };
}
