import { randomBytes } from 'node:crypto';
import { Browser } from '#test/browser.js';
import { startServer } from '#test/server.js';

const FREE_FOR_ADDRESS = 100;
/** A hundred passwords are looked at. */
const PATIENCE = 60_000;

interface Guesses {
  /** Spends all guesses that an address is free to make, as the proxies in front of the server tell of it. */
  spendAll(forwardedFor: string): Promise<void>;
  /** The status of one more. */
  guess(forwardedFor: string): Promise<number>;
}

/** Time stands still, so that no pause ends by itself. */
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
    const spendAll = async (forwardedFor: string): Promise<void> => {
      const statuses = await Promise.all(Array.from({ length: FREE_FOR_ADDRESS }, () => guess(forwardedFor)));
      expect(new Set(statuses)).toEqual(new Set([401]));
    };
    await work({ guess, spendAll });
  } finally {
    await server.close();
  }
}

describe('behind proxies, guesses count against', () => {
  it('the address that a trusted proxy on another host tells, whatever is written in front of it', () =>
    withServer('loopback, 10.1.0.0/16', async ({ spendAll, guess }) => {
      await spendAll('203.0.113.1, 10.1.2.3');
      expect(await guess('203.0.113.1, 10.1.9.9')).toBe(429);
      expect(await guess('198.51.100.7, 203.0.113.1, 10.1.2.3')).toBe(429);
      expect(await guess('203.0.113.2, 10.1.2.3')).toBe(401);
    }), PATIENCE);

  it('the proxy itself, where it is on another host and nobody said to believe it', () =>
    withServer(undefined, async ({ spendAll, guess }) => {
      await spendAll('203.0.113.1, 10.1.2.3');
      expect(await guess('203.0.113.2, 10.1.2.3')).toBe(429);
      expect(await guess('203.0.113.2')).toBe(401);
    }), PATIENCE);

  it('the caller on the same host, where loopback is not among those to believe', () =>
    withServer('uniquelocal', async ({ spendAll, guess }) => {
      await spendAll('203.0.113.1');
      expect(await guess('203.0.113.2')).toBe(429);
    }), PATIENCE);
});
