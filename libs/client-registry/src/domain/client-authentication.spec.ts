import { OAuthError } from '#kernel/errors.js';
import { Secret } from '#kernel/secrets.js';
import {
  checkClient,
  CLIENT_CHECKS,
  credentialsToProve,
  PRESENTATION_CHECKS,
  type Presented,
  type PresentedSecret,
  readCredentials,
  refuseClient,
} from './client-authentication.js';
import { type ClientMetadata, withDefaults } from './client-metadata.js';
import { proveSecret } from './secret-proof.js';

const now = new Date('2026-01-02T03:04:05Z');
const secret = new Secret('the right secret');
const basic = (value: string): PresentedSecret => ({ method: 'client_secret_basic', clientId: 'www', secret: new Secret(value) });
const post = (value: string, clientId?: string): PresentedSecret =>
  ({ method: 'client_secret_post', clientId, secret: new Secret(value) });
const none = (clientId: string): Presented => ({ method: 'none', clientId });

function read(presented: readonly (Presented | OAuthError)[], mode: 'lenient' | 'strict' = 'lenient'): unknown {
  const credentials = readCredentials({ presented, mode });
  return credentials instanceof OAuthError ? credentials.code : [credentials.clientId, ...credentials.each.map(({ method }) => method)];
}

describe('what a request presents', () => {
  it('T8, T9: is a header, parameters of the form, or an ID alone', () => {
    expect(read([basic('a')])).toEqual(['www', 'client_secret_basic']);
    expect(read([post('a', 'www'), none('www')])).toEqual(['www', 'client_secret_post']);
    expect(read([none('www')])).toEqual(['www', 'none']);
    expect(read([basic('a'), none('www')])).toEqual(['www', 'client_secret_basic']);
  });

  it('T10: is accepted if header and form contain the same credentials', () => {
    expect(read([basic('a'), post('a', 'www'), none('www')])).toEqual(['www', 'client_secret_basic', 'client_secret_post']);
    expect(read([basic('a'), post('a')])).toEqual(['www', 'client_secret_basic', 'client_secret_post']);
  });

  it('T10: is refused with invalid_client if header and form differ', () => {
    expect(read([basic('a'), post('b', 'www'), none('www')])).toBe('invalid_client');
    expect(read([basic('a'), post('a', 'xxx'), none('xxx')])).toBe('invalid_client');
    expect(read([basic('a'), none('xxx')])).toBe('invalid_client');
  });

  it('T10: strict refuses two secrets with invalid_request, and accepts an ID beside the header', () => {
    expect(read([basic('a'), post('a', 'www'), none('www')], 'strict')).toBe('invalid_request');
    expect(read([refuseClient('malformed'), post('a', 'www')], 'strict')).toBe('invalid_request');
    expect(read([basic('a'), none('www')], 'strict')).toEqual(['www', 'client_secret_basic']);
  });

  it.each([[[]], [[post('a')]], [[refuseClient('malformed')]], [[refuseClient('malformed'), none('www')]]])(
    'T8, T12: is refused with invalid_client if it is malformed or names no client: case %#',
    (presented) => {
      expect(read(presented)).toBe('invalid_client');
    },
  );
});

describe('the client that a request names', () => {
  const stored = (expires_at: Date | null = null, value = secret) => ({ id: value.reveal(), hash: value.hash(), expires_at });

  function verdict(presented: readonly Presented[], metadata: Partial<ClientMetadata> = {}, secrets = [stored()]): string {
    const credentials = readCredentials({ presented, mode: 'lenient' });
    if (credentials instanceof OAuthError) return credentials.code;
    const client = withDefaults(metadata);
    const toProve = credentialsToProve(credentials, client.token_endpoint_auth_method);
    const proof = 'secret' in toProve ? proveSecret((toProve as PresentedSecret).secret, secrets, now) : ({ proven: true } as const);
    const checked = checkClient({ client, credentials, proof });
    if (checked instanceof OAuthError) return `${checked.code}: ${checked.detail ?? ''}`;
    return `proven by ${(proof.proven ? proof.secretId : undefined) ?? 'nothing'}`;
  }

  const right = { basic: basic(secret.reveal()), post: post(secret.reveal(), 'www') };

  it.each([
    [[right.basic], 'client_secret_basic', 'proven by the right secret'],
    [[right.post], 'client_secret_post', 'proven by the right secret'],
    [[right.basic, right.post], 'client_secret_basic', 'proven by the right secret'],
    [[right.basic, right.post], 'client_secret_post', 'proven by the right secret'],
    [[right.basic], 'client_secret_post', 'invalid_client: wrong-method'],
    [[right.post], 'client_secret_basic', 'invalid_client: wrong-method'],
    [[right.basic], 'none', 'invalid_client: wrong-method'],
    [[right.post], 'none', 'invalid_client: wrong-method'],
    [[right.basic, right.post], 'none', 'invalid_client: wrong-method'],
  ] as const)('R6, T10: is checked against the method that it registered, case %#: %s', (presented, registered, expected) => {
    expect(verdict(presented, { token_endpoint_auth_method: registered })).toBe(expected);
  });

  it('R2: is proven by its ID alone only if it is public', () => {
    expect(verdict([none('www')], { token_endpoint_auth_method: 'none' }, [])).toBe('proven by nothing');
    expect(verdict([none('www')])).toBe('invalid_client: wrong-method');
  });

  it('T7: is not proven by a wrong secret, by none at all, or if it is unknown', () => {
    expect(verdict([basic('wrong')])).toBe('invalid_client: wrong-secret');
    expect(verdict([basic('')])).toBe('invalid_client: wrong-secret');
    expect(verdict([right.basic], {}, [])).toBe('invalid_client: wrong-secret');
    const credentials = { clientId: 'www', each: [right.basic] } as const;
    expect(checkClient({ client: undefined, credentials, proof: { proven: true } })).toMatchObject({ detail: 'unknown-client' });
  });

  it('R7: is proven by each of several secrets, until that one expires', () => {
    const secrets = [stored(null, new Secret('the other secret')), stored(new Date(now.getTime() + 1))];
    expect(verdict([right.basic], {}, secrets)).toBe('proven by the right secret');
    expect(verdict([right.basic], {}, [stored(now)])).toBe('invalid_client: expired-secret');
  });

  it('is refused if it is disabled, with the public text of a wrong secret', () => {
    expect(verdict([right.basic], { enabled: false })).toBe('invalid_client: disabled');
    expect(refuseClient('disabled').description).toBe(refuseClient('wrong-secret').description);
  });
});

it.each([PRESENTATION_CHECKS, CLIENT_CHECKS])('has checks with names of their own, each with its section: list %#', (...checks) => {
  expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
  for (const { section } of checks) expect(section).toMatch(/^RFC \d+ §[\d.]+$/);
});
