import type { Session } from '#authentication/contracts.js';
import type { Client } from '#client-registry/contracts.js';
import type { OAuthErrorCode } from '#kernel/errors.js';
import { isWithinScope } from '#kernel/scope.js';
import type { AuthorizationRequest } from './read-request.js';

/** All that the decision rests on. */
export interface Facts {
  readonly request: AuthorizationRequest;
  readonly client: Client;
  readonly session: Session | undefined;
  /**
   * The `sid` with which the browser came. A login changes it: another `sid` now means that the user has logged in for this
   * request, unless it is from long before: a browser can hide its session while a request begins.
   */
  readonly initialSid?: string | undefined;
  /** When the request was stored; undefined while it has not been. */
  readonly begunAt: Date | undefined;
  /** The scopes that the user granted to the client before; undefined where it has never been asked. */
  readonly consented: readonly string[] | undefined;
  readonly now: Date;
}

export type Decision =
  | { readonly next: 'login' | 'sign-up' | 'consent' }
  | { readonly next: 'issue'; readonly session: Session }
  | { readonly next: 'refuse'; readonly error: OAuthErrorCode; readonly description: string };

/** In seconds; how far the clocks of two servers may be apart. */
const CLOCK_TOLERANCE = 60;

/** Decides alone, from stored facts, what comes next. Pages know of no other page; the answer to the last question ends the request. */
export function nextStep(facts: Facts): Decision {
  const { request, session } = facts;
  const silent = request.prompts.includes('none');
  if (session === undefined || needsLogin(facts, session)) {
    if (silent) return refuse('login_required', 'The user has to log in.');
    return { next: request.prompts.includes('create') ? 'sign-up' : 'login' };
  }
  if (request.hintedSub !== undefined && request.hintedSub !== session.sub) {
    return refuse('login_required', 'Another user is logged in than the one of id_token_hint.');
  }
  if (needsConsent(facts)) {
    return silent ? refuse('consent_required', 'The user has to give consent.') : { next: 'consent' };
  }
  return { next: 'issue', session };
}

/** The authenticators that a user of this client may log in with, the preferred one first. */
export function acceptableAuthenticators({ authenticators }: Client): readonly string[] {
  return authenticators;
}

/** The reasons to ask for a login although there is a session (OIDC Core §3.1.2.1, §3.1.2.3). */
function needsLogin(facts: Facts, session: Session): boolean {
  const { request, client, now } = facts;
  if (!session.methods.some(({ authenticator }) => acceptableAuthenticators(client).includes(authenticator))) return true;
  if (isLoginForThis(facts, session)) return false;
  const age = (now.getTime() - session.authTime.getTime()) / 1000;
  // Zero means prompt=login, whatever the clocks of two servers make of the age.
  const tooOld = request.maxAge !== undefined && (request.maxAge === 0 || age > request.maxAge);
  const asked = request.prompts.some((prompt) => prompt === 'login' || prompt === 'create' || prompt === 'select_account');
  const someoneElse = request.hintedSub !== undefined && request.hintedSub !== session.sub;
  return tooOld || asked || someoneElse;
}

function isLoginForThis({ initialSid, begunAt }: Facts, { sid, authTime }: Session): boolean {
  return sid !== initialSid && (begunAt === undefined || authTime.getTime() > begunAt.getTime() - CLOCK_TOLERANCE * 1000);
}

/** Whether it matters what the user has granted before (OIDC Core §3.1.2.4, and §11 for `offline_access`). */
export function asksForConsent(request: AuthorizationRequest, client: Client): boolean {
  return client.require_consent || request.scope.includes('offline_access');
}

function needsConsent({ request, client, consented }: Facts): boolean {
  if (request.prompts.includes('consent')) return true;
  return asksForConsent(request, client) && (consented === undefined || !isWithinScope(request.scope, consented));
}

function refuse(error: OAuthErrorCode, description: string): Decision {
  return { next: 'refuse', error, description };
}
