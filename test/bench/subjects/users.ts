import { hash } from '@node-rs/argon2';
import { PASSWORD } from '../subject.js';

/** Enough for every login of a long run: a whole flow is that of a user who has never been here. */
export const USERS = 20_000;

/**
 * The hash that all users of all subjects share: of the smallest cost, under the name of the cost that servers ask for, which is
 * what the servers are made to believe (cheap-passwords.cjs).
 */
export async function passwordHash(): Promise<string> {
  const phc = await hash(PASSWORD, { memoryCost: 8, timeCost: 1, parallelism: 1 });
  return phc.replace('$m=8,t=1,p=1$', '$m=19456,t=2,p=1$');
}

/** SQL of a profile, the same for all subjects. */
export const PROFILE = 'jsonb_build_object(\'name\', \'User \' || i, \'given_name\', \'User\', \'family_name\', i::text)';
