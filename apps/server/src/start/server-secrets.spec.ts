import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '#kernel/secrets.js';
import { openKeyring } from './server-secrets.js';

describe('the keyring of the server', () => {
  let dataDirectory: string;
  beforeEach(() => {
    dataDirectory = mkdtempSync(join(tmpdir(), 'gatehouse-secret-'));
  });
  afterEach(() => rmSync(dataDirectory, { recursive: true, force: true }));

  it('creates a secret if none is configured, and a later start reads it', () => {
    const sealed = openKeyring({ secrets: undefined, dataDirectory }).seal(Buffer.from('key'), 'test');
    expect(openKeyring({ secrets: undefined, dataDirectory }).open(sealed, 'test')?.toString()).toBe('key');
    expect(statSync(join(dataDirectory, 'secret')).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDirectory)).toEqual(['secret']);
  });

  it('creates the directory if it is missing', () => {
    expect(() => openKeyring({ secrets: undefined, dataDirectory: join(dataDirectory, 'a', 'b') })).not.toThrow();
  });

  it('writes no file if secrets are configured, and opens what any of them has sealed', () => {
    const [current, old] = [new Secret('current'), new Secret('old')];
    const sealed = openKeyring({ secrets: [old], dataDirectory }).seal(Buffer.from('key'), 'test');
    expect(openKeyring({ secrets: [current, old], dataDirectory }).open(sealed, 'test')?.toString()).toBe('key');
    expect(openKeyring({ secrets: [current], dataDirectory }).open(sealed, 'test')).toBeUndefined();
    expect(readdirSync(dataDirectory)).toEqual([]);
  });
});
