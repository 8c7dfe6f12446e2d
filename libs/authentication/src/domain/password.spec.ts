import { argon2Cost, normalisePassword, passwordHashProblem, passwordProblem } from './password.js';

const SALT = 'c29tZXNhbHRzb21lc2FsdA';
const HASH = 'A'.repeat(43);

function phc(cost: string): string {
  return `$argon2id$v=19$${cost}$${SALT}$${HASH}`;
}

describe('passwordProblem', () => {
  it.each(['correct horse', '12345678', '密碼密碼密碼密碼', '        ', 'x'.repeat(1024)])('lets %s pass', (password) => {
    expect(passwordProblem(password, 'johndoe')).toBeUndefined();
  });

  it.each([
    ['seven characters', 'johndoe', '1234567', 'min-length'],
    ['seven characters of two code units each', 'johndoe', '😀'.repeat(7), 'min-length'],
    ['more than 1024 bytes', 'johndoe', 'é'.repeat(513), 'max-length'],
    ['the username', 'johnny-doe', 'johnny-doe', 'not-username'],
    ['the username in another case', 'johnny-doe', 'Johnny-DOE', 'not-username'],
    ['half a surrogate pair', 'johndoe', `${'x'.repeat(8)}\ud800`, 'unicode'],
  ])('refuses %s', (_what, username, password, rule) => {
    expect(passwordProblem(password, username)?.rule).toBe(rule);
  });
});

it('makes one password of two spellings of a letter', () => {
  expect(normalisePassword('e\u0301')).toBe(normalisePassword('é'));
});

describe('a password hash brought along', () => {
  it('may have any cost within the bounds', () => {
    expect(passwordHashProblem(phc('m=262144,t=10,p=4'))).toBeUndefined();
    expect(passwordHashProblem(phc('m=8,t=1,p=1'))).toBeUndefined();
    expect(argon2Cost(phc('m=19456,t=2,p=1'))).toEqual({ m: 19456, t: 2, p: 1 });
  });

  it.each([
    ['m=262145,t=2,p=1', 'cost'], ['m=19456,t=11,p=1', 'cost'], ['m=19456,t=2,p=5', 'cost'], ['m=7,t=1,p=1', 'cost'],
    ['m=19456,t=0,p=1', 'cost'], ['m=19456,t=2,p=0', 'cost'], ['m=99999999,t=2,p=1', 'phc'], ['t=2,m=19456,p=1', 'phc'],
  ])('is refused with %s', (cost, rule) => {
    expect(passwordHashProblem(phc(cost))?.rule).toBe(rule);
  });

  it.each(['', 'password', phc('m=8,t=1,p=1').replace('argon2id', 'argon2i'), phc('m=8,t=1,p=1').replace('v=19', 'v=16'), '$2b$10$abc'])(
    'is refused as %s', (text) => {
      expect(passwordHashProblem(text)?.rule).toBe('phc');
    },
  );
});
