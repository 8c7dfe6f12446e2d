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

it('a hash is argon2id, and only its own password is accepted', async () => {
  const hashing = new PasswordHashing();
  const phc = await hashing.hash(PASSWORD);
  expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(hashing.isOutdated(phc)).toBe(false);
  expect(await hashing.verify(phc, PASSWORD)).toBe(true);
  expect(await hashing.verify(phc, new Secret('wrong horse'))).toBe(false);
});

it('two Unicode spellings of a password are the same password', async () => {
  const hashing = new PasswordHashing();
  expect(await hashing.verify(await hashing.hash(new Secret('cre\u0300me brulee')), new Secret('cr\u00e8me brulee'))).toBe(true);
});

it('a password is refused if there is no hash, or if it is too long to be hashed', async () => {
  const hashing = new PasswordHashing();
  expect(await hashing.verify(null, PASSWORD)).toBe(false);
  expect(await hashing.verify(await hash(''), new Secret('x'.repeat(1025)))).toBe(false);
});

it('a password is refused without a hash, even after hashing has failed once', async () => {
  const hashing = new PasswordHashing();
  jest.mocked(hash).mockRejectedValueOnce(new Error('out of memory'));
  await expect(hashing.verify(null, PASSWORD)).rejects.toThrow('out of memory');
  expect(await hashing.verify(null, PASSWORD)).toBe(false);
});

it('a hash with another cost is outdated', async () => {
  expect(new PasswordHashing().isOutdated(await hash('x', { memoryCost: 8192 }))).toBe(true);
});

it('a request that would wait too long is refused at once, and all waiting ones are served', async () => {
  const hashing = new PasswordHashing();
  const room = availableParallelism() * 129;
  const cheap = await hash(PASSWORD.reveal(), { memoryCost: 8, timeCost: 1 });
  const results = await Promise.allSettled(Array.from({ length: room + 5 }, () => hashing.verify(cheap, PASSWORD)));
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(5);
  expect(refused.every(({ reason }) => reason instanceof AuthenticationBusy)).toBe(true);
  expect(await hashing.verify(cheap, PASSWORD)).toBe(true);
});
