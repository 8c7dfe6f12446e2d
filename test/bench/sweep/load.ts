/** A constant rate of requests, even if the server is slower: redemptions, refreshes and userinfo in turn. */
import { setTimeout as pause } from 'node:timers/promises';
import { redeem, refresh } from '../operations.js';
import type { Subject } from '../subject.js';
import { send } from '../load-browser.js';
import type { ValidSecrets } from './valid-rows.js';

const RATE = 100;
const TICK_MS = 1000 / RATE;

/** The milliseconds of each request, counted from the time at which it was due. */
export async function sendRequests(subject: Subject, valid: ValidSecrets, until: Promise<unknown>): Promise<number[]> {
  const took: number[] = [];
  const inFlight = new Set<Promise<void>>();
  const work = requests(subject, valid);
  const over = new AbortController();
  const end = until.finally(() => over.abort());
  const began = performance.now();
  for (let index = 0; !over.signal.aborted; index++) {
    const due = began + index * TICK_MS;
    await pause(Math.max(0, due - performance.now()));
    const request = work(index).then(() => void took.push(performance.now() - due)).finally(() => inFlight.delete(request));
    inFlight.add(request);
  }
  await Promise.all(inFlight);
  await end;
  return took;
}

function requests(subject: Subject, { codes, refreshTokens, accessTokens }: ValidSecrets): (index: number) => Promise<unknown> {
  const kinds = [
    () => redeem(subject, takeLast(codes)),
    () => refresh(subject, takeLast(refreshTokens)),
    async (index: number) => {
      const authorization = `Bearer ${accessTokens[index % accessTokens.length] ?? ''}`;
      const { body } = await send(subject.origin + subject.kind.paths.userinfo, { headers: { authorization } });
      if (!body.includes('"given_name":"User"')) throw new Error(`expected claims, got ${body}`);
    },
  ];
  return async (index) => kinds[index % kinds.length]?.(index);
}

function takeLast(from: string[]): string {
  const one = from.pop();
  if (one === undefined) throw new Error('all prepared codes or tokens are consumed');
  return one;
}
