/** All productions, one of which is drawn for each request. */
import type { Draft } from './draft.js';
import { admin } from './grammar/admin.js';
import { authorize } from './grammar/authorize.js';
import { documents } from './grammar/documents.js';
import { pages } from './grammar/pages.js';
import { token } from './grammar/token.js';
import type { Pool } from './pool.js';
import type { Random } from './random.js';

const ALL = [...authorize, ...token, ...pages, ...admin, ...documents];
const TOTAL = ALL.reduce((sum, { weight }) => sum + weight, 0);

export function drawRequest(random: Random, pool: Pool): Draft {
  let left = random.next() * TOTAL;
  for (const { weight, make } of ALL) {
    left -= weight;
    if (left < 0) return make(random, pool);
  }
  throw new Error('the weights are empty');
}
