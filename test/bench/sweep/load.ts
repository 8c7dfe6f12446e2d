/** A steady load: so many requests a second, whether or not the server keeps up; redemptions, refreshes and userinfo in turn. */
import { setTimeout as pause } from 'node:timers/promises';
import { redeem, refresh } from '../operations.js';
import type { Subject } from '../subject.js';
import { send } from '../visitor.js';
import type { Living } from './living.js';

const RATE = 100;
const TICK_MS = 1000 / RATE;

/** Milliseconds of each request, from the moment at which it was due. */
export async function keepBusy(subject: Subject, living: Living, until: Promise<unknown>): Promise<number[]> {
  const took: number[] = [];
  const underWay = new Set<Promise<void>>();
  const work = requests(subject, living);
  const over = new AbortController();
  const end = until.finally(() => over.abort());
  const began = performance.now();
  for (let index = 0; !over.signal.aborted; index++) {
    const due = began + index * TICK_MS;
    await pause(Math.max(0, due - performance.now()));
    const request = work(index).then(() => void took.push(performance.now() - due)).finally(() => underWay.delete(request));
    underWay.add(request);
  }
  await Promise.all(underWay);
  await end;
  return took;
}

function requests(subject: Subject, { codes, refreshTokens, accessTokens }: Living): (index: number) => Promise<unknown> {
  const kinds = [
    () => redeem(subject, taken(codes)),
    () => refresh(subject, taken(refreshTokens)),
    async (index: number) => {
      const authorization = `Bearer ${accessTokens[index % accessTokens.length] ?? ''}`;
      const { body } = await send(subject.origin + subject.kind.paths.userinfo, { headers: { authorization } });
      if (!body.includes('"given_name":"User"')) throw new Error(`no claims: ${body}`);
    },
  ];
  return async (index) => kinds[index % kinds.length]?.(index);
}

function taken(from: string[]): string {
  const one = from.pop();
  if (one === undefined) throw new Error('nothing is left of what was prepared');
  return one;
}
