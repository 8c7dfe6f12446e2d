import { HandlesQuery } from '#kernel/bus.js';
import { type Account, GetAccount } from './contracts.js';
import { isSubject } from './domain/username.js';
import { Accounts } from './persistence/accounts.js';

@HandlesQuery(GetAccount)
export class GetAccountHandler {
  constructor(private readonly accounts: Accounts) {}

  async execute({ sub }: GetAccount): Promise<Account | undefined> {
    return isSubject(sub) ? this.accounts.find(sub) : undefined;
  }
}
