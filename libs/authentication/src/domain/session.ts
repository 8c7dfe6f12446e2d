import type { Session, UsedMethod } from '../contracts.js';

/**
 * A session, with what its methods say together (OpenID Connect Core §2): the time and the context class of the last one, and the
 * references of all (RFC 8176).
 */
export function sessionOf(session: { readonly sid: string; readonly sub: string; readonly methods: readonly UsedMethod[] }): Session {
  const { sid, sub, methods } = session;
  const last = methods.at(-1);
  if (last === undefined) throw new Error(`the session ${sid} has no method`);
  return { sid, sub, methods, acr: last.acr, amr: [...new Set(methods.flatMap(({ amr }) => amr))], authTime: last.at };
}
