import { hash } from '@node-rs/argon2';
import { PASSWORD } from '../subject.js';

/** Every whole flow needs a new user, so a long run needs many. */
export const USERS = 20_000;

/**
 * The password hash of all users of all subjects. It was made with the smallest cost, but states the cost that servers request, as
 * cheap-passwords.cjs expects.
 */
export async function passwordHash(): Promise<string> {
  const phc = await hash(PASSWORD, { memoryCost: 8, timeCost: 1, parallelism: 1 });
  return phc.replace('$m=8,t=1,p=1$', '$m=19456,t=2,p=1$');
}

/** The SQL expression of a profile, the same for all subjects. */
export const PROFILE = 'jsonb_build_object(\'name\', \'User \' || i, \'given_name\', \'User\', \'family_name\', i::text)';
