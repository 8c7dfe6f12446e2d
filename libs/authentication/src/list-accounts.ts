import { HandlesQuery } from '#kernel/bus.js';
import { type Account, ListAccounts } from './contracts.js';
import { isSubject } from './domain/username.js';
import { Accounts } from './persistence/accounts.js';

@HandlesQuery(ListAccounts)
export class ListAccountsHandler {
  constructor(private readonly accounts: Accounts) {}

  async execute({ page }: ListAccounts): Promise<readonly Account[]> {
    // What no account can hold is not asked for: Postgres refuses a NUL or a lone surrogate with an error.
    if (page.after !== undefined && !isSubject(page.after)) return [];
    if (page.q !== undefined && /[\p{Cc}\p{Cs}]/u.test(page.q)) return [];
    return this.accounts.page(page);
  }
}
