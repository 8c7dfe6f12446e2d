import { randomBytes } from 'node:crypto';
import { Browser } from '#test/browser.js';
import { startServer } from '#test/server.js';

const ATTEMPTS_PER_ADDRESS = 100;
/** A hundred passwords are hashed. */
const TIMEOUT_MS = 60_000;

interface Guesses {
  /** Makes all attempts that an address has without a pause; the address is the one that the proxies report. */
  useAllAttempts(forwardedFor: string): Promise<void>;
  /** The status of one more attempt. */
  guess(forwardedFor: string): Promise<number>;
}

/** The clock does not advance, so no pause ends. */
async function withServer(trusted: string | undefined, work: (guesses: Guesses) => Promise<void>): Promise<void> {
  const server = await startServer(trusted === undefined ? {} : { env: { GATEHOUSE_TRUSTED_PROXIES: trusted } });
  const now = server.clock.now();
  jest.spyOn(server.clock, 'now').mockImplementation(() => now);
  try {
    const browser = new Browser(server.url);
    const { action, fields } = (await browser.get('/login')).form();
    const guess = async (forwardedFor: string): Promise<number> => {
      const filled = { ...fields, username: `nobody-${randomBytes(6).toString('hex')}`, password: 'wrong password' };
      return (await browser.post(action, filled, { 'x-forwarded-for': forwardedFor })).status;
    };
    const useAllAttempts = async (forwardedFor: string): Promise<void> => {
      const statuses = await Promise.all(Array.from({ length: ATTEMPTS_PER_ADDRESS }, () => guess(forwardedFor)));
      expect(new Set(statuses)).toEqual(new Set([401]));
    };
    await work({ guess, useAllAttempts });
  } finally {
    await server.close();
  }
}

describe('login attempts count against', () => {
  it('the address that a trusted proxy on another host reports, whatever the client has added before it', () =>
    withServer('loopback, 10.1.0.0/16', async ({ useAllAttempts, guess }) => {
      await useAllAttempts('203.0.113.1, 10.1.2.3');
      expect(await guess('203.0.113.1, 10.1.9.9')).toBe(429);
      expect(await guess('198.51.100.7, 203.0.113.1, 10.1.2.3')).toBe(429);
      expect(await guess('203.0.113.2, 10.1.2.3')).toBe(401);
    }), TIMEOUT_MS);

  it('the address of a proxy on another host that is not trusted', () =>
    withServer(undefined, async ({ useAllAttempts, guess }) => {
      await useAllAttempts('203.0.113.1, 10.1.2.3');
      expect(await guess('203.0.113.2, 10.1.2.3')).toBe(429);
      expect(await guess('203.0.113.2')).toBe(401);
    }), TIMEOUT_MS);

  it('the address of the caller on the same host if loopback is not trusted', () =>
    withServer('uniquelocal', async ({ useAllAttempts, guess }) => {
      await useAllAttempts('203.0.113.1');
      expect(await guess('203.0.113.2')).toBe(429);
    }), TIMEOUT_MS);
});
