import { availableParallelism } from 'node:os';
import { hash } from '@node-rs/argon2';
import { Secret } from '#kernel/secrets.js';
import { AuthenticationBusy } from './contracts.js';
import { PasswordHashing } from './password-hashing.js';

jest.mock<typeof import('@node-rs/argon2')>('@node-rs/argon2', () => {
  const actual = jest.requireActual<typeof import('@node-rs/argon2')>('@node-rs/argon2');
  return { ...actual, hash: jest.fn(actual.hash) };
});

const PASSWORD = new Secret('correct horse');

it('makes argon2id hashes that only their own password fits', async () => {
  const hashing = new PasswordHashing();
  const phc = await hashing.hash(PASSWORD);
  expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(hashing.isOutdated(phc)).toBe(false);
  expect(await hashing.verify(phc, PASSWORD)).toBe(true);
  expect(await hashing.verify(phc, new Secret('wrong horse'))).toBe(false);
});

it('takes two spellings of one text for one password', async () => {
  const hashing = new PasswordHashing();
  expect(await hashing.verify(await hashing.hash(new Secret('cre\u0300me brulee')), new Secret('cr\u00e8me brulee'))).toBe(true);
});

it('says no without a hash, and to a text too long to be hashed, even where it would fit', async () => {
  const hashing = new PasswordHashing();
  expect(await hashing.verify(null, PASSWORD)).toBe(false);
  expect(await hashing.verify(await hash(''), new Secret('x'.repeat(1025)))).toBe(false);
});

it('is able again to say no without a hash, once it has failed to', async () => {
  const hashing = new PasswordHashing();
  jest.mocked(hash).mockRejectedValueOnce(new Error('out of memory'));
  await expect(hashing.verify(null, PASSWORD)).rejects.toThrow('out of memory');
  expect(await hashing.verify(null, PASSWORD)).toBe(false);
});

it('finds a hash of another cost outdated', async () => {
  expect(new PasswordHashing().isOutdated(await hash('x', { memoryCost: 8192 }))).toBe(true);
});

it('refuses at once what would wait too long, and serves all that waits', async () => {
  const hashing = new PasswordHashing();
  const room = availableParallelism() * 129;
  const cheap = await hash(PASSWORD.reveal(), { memoryCost: 8, timeCost: 1 });
  const results = await Promise.allSettled(Array.from({ length: room + 5 }, () => hashing.verify(cheap, PASSWORD)));
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(5);
  expect(refused.every(({ reason }) => reason instanceof AuthenticationBusy)).toBe(true);
  expect(await hashing.verify(cheap, PASSWORD)).toBe(true);
});
