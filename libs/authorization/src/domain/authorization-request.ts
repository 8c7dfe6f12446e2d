import type { CodeChallengeMethod, Prompt, ResponseMode } from '#kernel/protocol-names.js';
import type { ClaimsRequest } from './claims-request.js';

export interface CodeChallenge {
  readonly challenge: string;
  readonly method: CodeChallengeMethod;
}

/** Where the answer goes: settled before anything else is looked at. */
export interface RedirectTarget {
  readonly redirectUri: string;
  /** Whether the request named it: then the redemption has to as well (RFC 6749 §4.1.3). */
  readonly redirectUriSent: boolean;
}

/** An authorization request that passed every check, in the words of RFC 6749 §4.1.1 and OIDC Core §3.1.2.1. */
export interface AuthorizationRequest extends RedirectTarget {
  readonly clientId: string;
  readonly responseMode: ResponseMode;
  readonly state: string | undefined;
  readonly scope: readonly string[];
  readonly nonce: string | undefined;
  readonly codeChallenge: CodeChallenge | undefined;
  readonly prompts: readonly Prompt[];
  /** Seconds. */
  readonly maxAge: number | undefined;
  readonly claims: ClaimsRequest | undefined;
  readonly loginHint: string | undefined;
  readonly uiLocales: readonly string[];
  /** The user that the client expects, by its `id_token_hint`. */
  readonly hintedSub: string | undefined;
}
