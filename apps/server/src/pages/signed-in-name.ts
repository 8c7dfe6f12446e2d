import { GetAccount, type Session } from '#authentication/contracts.js';
import type { QueryBus } from '#kernel/bus.js';

/** What the user of a session goes by: the username, which no other account has, unlike a name. */
export async function nameOfUser(queries: QueryBus, { sub }: Pick<Session, 'sub'>): Promise<string> {
  const account = await queries.execute(new GetAccount(sub));
  return account?.username ?? sub;
}
