import { OAuthError } from '#kernel/errors.js';
import { Secret } from '#kernel/secrets.js';
import { respondWithCode, respondWithError } from './respond.js';

const ISSUER = 'https://id.example';
const TO = { redirectUri: 'https://client.example/callback', responseMode: 'fragment', state: ' é"&=%' } as const;

describe('the answer to the client', () => {
  it('A15, A8: has the code, the unchanged state, and iss', () => {
    expect(respondWithCode(TO, new Secret('c'), ISSUER)).toEqual({
      redirectUri: TO.redirectUri,
      responseMode: 'fragment',
      parameters: [['code', 'c'], ['state', ' é"&=%'], ['iss', ISSUER]],
    });
  });

  it('A18, A8: has the error, the unchanged state, and iss, but not the private detail', () => {
    const error = new OAuthError('access_denied', 'The user declined.', 'private');
    expect(respondWithError({ ...TO, responseMode: 'query' }, error, ISSUER)).toEqual({
      redirectUri: TO.redirectUri,
      responseMode: 'query',
      parameters: [['error', 'access_denied'], ['error_description', 'The user declined.'], ['state', ' é"&=%'], ['iss', ISSUER]],
    });
  });

  it('A8: has no state if none was sent', () => {
    const to = { ...TO, state: undefined };
    const error = new OAuthError('access_denied', 'The user declined.');
    expect(respondWithCode(to, new Secret('c'), ISSUER).parameters).toEqual([['code', 'c'], ['iss', ISSUER]]);
    expect(respondWithError(to, error, ISSUER).parameters.map(([name]) => name)).toEqual(['error', 'error_description', 'iss']);
  });
});
