import { GetAccount, type Session } from '#authentication/contracts.js';
import type { QueryBus } from '#kernel/bus.js';

/** The username of the user of a session. Unlike a name, it is unique. */
export async function nameOfUser(queries: QueryBus, { sub }: Pick<Session, 'sub'>): Promise<string> {
  const account = await queries.execute(new GetAccount(sub));
  return account?.username ?? sub;
}
