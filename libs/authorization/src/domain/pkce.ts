/** Proof Key for Code Exchange (RFC 7636): the forms of its two strings, and how the challenge follows from the verifier. */
import { hash } from 'node:crypto';
import type { CodeChallengeMethod } from '#kernel/protocol-names.js';

export interface CodeChallenge {
  readonly challenge: string;
  readonly method: CodeChallengeMethod;
}

const UNRESERVED_43_TO_128 = /^[A-Za-z0-9\-._~]{43,128}$/;

/** RFC 7636 §4.1 */
export function isCodeVerifier(value: string): boolean {
  return UNRESERVED_43_TO_128.test(value);
}

/** RFC 7636 §4.2. A challenge of S256 always has 43 characters, but the grammar is one for both methods. */
export function isCodeChallenge(value: string): boolean {
  return UNRESERVED_43_TO_128.test(value);
}

/** The challenge of this verifier (RFC 7636 §4.2). The caller has checked the form of the verifier. */
export function challengeOf(verifier: string, method: CodeChallengeMethod): string {
  return method === 'S256' ? hash('sha256', verifier, 'base64url') : verifier;
}
