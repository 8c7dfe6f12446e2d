import { HandlesQuery } from '#kernel/bus.js';
import { type Account, GetAccount, ListAccounts } from './contracts.js';
import { isSubject } from './domain/username.js';
import { Accounts } from './persistence/accounts.js';

@HandlesQuery(GetAccount)
export class GetAccountHandler {
  constructor(private readonly accounts: Accounts) {}

  async execute({ sub }: GetAccount): Promise<Account | undefined> {
    return isSubject(sub) ? this.accounts.find(sub) : undefined;
  }
}

@HandlesQuery(ListAccounts)
export class ListAccountsHandler {
  constructor(private readonly accounts: Accounts) {}

  async execute({ page }: ListAccounts): Promise<readonly Account[]> {
    // No account contains them, and Postgres refuses a NUL or a lone surrogate with an error.
    if (page.after !== undefined && !isSubject(page.after)) return [];
    if (page.q !== undefined && /[\p{Cc}\p{Cs}]/u.test(page.q)) return [];
    return this.accounts.page(page);
  }
}
