import { DatabaseUnavailable, OAuthError } from '#kernel/errors.js';
import { answerTo, type Challenge } from './error-answer.js';
import { HttpError, NoBearerToken } from './http-error.js';

const CHALLENGES: readonly Challenge[] = ['basic', 'bearer', 'none'];

describe('the answer to an error', () => {
  it('T13: has a 401 and WWW-Authenticate for a client that failed to authenticate', () => {
    expect(answerTo(new OAuthError('invalid_client', 'no such client'), 'basic', 0)).toEqual({
      status: 401,
      code: 'invalid_client',
      description: 'no such client',
      headers: { 'www-authenticate': 'Basic realm="gatehouse"' },
    });
  });

  it('has a 400 for every other error of the token endpoint', () => {
    expect(answerTo(new OAuthError('invalid_grant', 'x'), 'basic', 0)).toMatchObject({ status: 400, headers: {} });
  });

  it.each([['invalid_token', 401], ['insufficient_scope', 403], ['invalid_request', 400]] as const)(
    'has %s in the challenge of a protected resource, with status %i',
    (code, status) => {
      const answer = answerTo(new OAuthError(code, 'it "is" wrong\n'), 'bearer', 0);
      expect(answer.status).toBe(status);
      expect(answer.headers['www-authenticate']).toBe(`Bearer realm="gatehouse", error="${code}", error_description="it 'is' wrong'"`);
    },
  );

  it('has no error in the challenge if the request has no token', () => {
    const answer = answerTo(new NoBearerToken(), 'bearer', 0);
    expect([answer.status, answer.headers]).toEqual([401, { 'www-authenticate': 'Bearer realm="gatehouse"' }]);
  });

  it.each([[0, '1'], [0.999, '5']])('has a 503 with a random Retry-After if the database is unavailable (%d)', (chance, seconds) => {
    const answer = answerTo(new DatabaseUnavailable('gone', { cause: new Error('ECONNREFUSED 10.0.0.1') }), 'none', chance);
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': seconds } });
    expect(JSON.stringify(answer)).not.toContain('10.0.0.1');
  });

  it.each(CHALLENGES)('reveals nothing about an unexpected error (%s)', (challenge) => {
    const answer = answerTo(new Error('SELECT secret FROM table'), challenge, 0);
    expect(answer).toEqual({ status: 500, code: 'server_error', description: 'the server failed', headers: {} });
  });

  it.each(CHALLENGES)('never has the private detail of an error (%s)', (challenge) => {
    expect(JSON.stringify(answerTo(new OAuthError('invalid_request', 'public', 'private'), challenge, 0))).not.toContain('private');
  });

  it('T2: is a 400 invalid_request for a wrong content type at the token endpoint, and a 415 elsewhere', () => {
    const refusal = new HttpError(415, 'forms only');
    expect(answerTo(refusal, 'basic', 0)).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(answerTo(refusal, 'none', 0)).toMatchObject({ status: 415 });
  });

  it('has the text of this server for an error of the framework', () => {
    const fastify = Object.assign(new Error('Request body is too large'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 });
    const nest = Object.assign(new Error('Request body is too large', { cause: fastify }), { status: 413 });
    for (const error of [fastify, nest]) {
      expect(answerTo(error, 'none', 0)).toMatchObject({ status: 413, description: 'the body is larger than 64 KiB' });
    }
  });
});
