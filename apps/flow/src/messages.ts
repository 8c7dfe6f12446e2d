/** The words for each message of the flow, and the place in the specifications that defines it. */
import type { Message } from './print.js';

export const MESSAGES = {
  discovery: {
    title: 'Discovery',
    explanation:
      'The client asks where the endpoints are and what the server can do. One address is all that it was ' +
      'configured with.',
    specification: 'OpenID Connect Discovery 1.0 §4, RFC 8414',
  },
  authorizationRequest: {
    title: 'Authorization request, through the browser',
    explanation:
      'Client and redirect URI, what is asked for (scope), and three values that tie the answer to this ' +
      'very run: state, nonce, and the hash of a secret (PKCE).',
    specification: 'RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core 1.0 §3.1.2.1',
  },
  authorizationResponse: {
    title: 'Authorization response, through the browser',
    explanation:
      'The user has signed in, and the browser brings a code to the client. It is good once, for a minute, ' +
      'and worth nothing without the client.',
    specification: 'RFC 6749 §4.1.2, RFC 9207 (iss)',
  },
  tokenRequest: {
    title: 'Token request, from the client to the server',
    explanation:
      'The client proves who it is by its secret, in the Authorization header, and that it began this flow ' +
      'by the code_verifier.',
    specification: 'RFC 6749 §4.1.3 and §2.3.1, RFC 7636 §4.5',
  },
  tokenResponse: {
    title: 'Token response',
    explanation:
      'The code is spent. In its place there are an access token, a refresh token, and an ID token that ' +
      'says who signed in.',
    specification: 'RFC 6749 §5.1, OpenID Connect Core 1.0 §3.1.3.3',
  },
  idToken: {
    title: 'ID token, verified',
    explanation:
      'The signature fits a key that the server publishes, and issuer, audience, time and nonce are those ' +
      'of this run.',
    specification: 'OpenID Connect Core 1.0 §3.1.3.7 and §2, RFC 7519',
  },
  userinfo: {
    title: 'Userinfo',
    explanation:
      'With the access token the client asks who the user is. The answer holds what the scope allows.',
    specification: 'OpenID Connect Core 1.0 §5.3, RFC 6750 §2.1',
  },
  refresh: {
    title: 'Refresh',
    explanation:
      'Later, without the user: the refresh token buys new tokens. It was the last use of this one, for ' +
      'another has come in its place.',
    specification: 'RFC 6749 §6, RFC 9700 §4.14.2',
  },
} as const satisfies Record<string, Message>;
