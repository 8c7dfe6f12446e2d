import { randomBytes } from 'node:crypto';
import { Browser, type Page } from '#test/browser.js';
import { aUser, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';

const ATTEMPTS_PER_ACCOUNT = 10;
const ATTEMPTS_PER_ADDRESS = 100;
const DAY = 86_400;

let server: TestServer;
let now: number;

/** Only `pass` advances the clock, so no pause ends early on a slow machine. */
beforeEach(async () => {
  server = await startServer();
  now = server.clock.now().getTime();
  jest.spyOn(server.clock, 'now').mockImplementation(() => new Date(now));
});

afterEach(() => server.close());

function pass(seconds: number): void {
  now += seconds * 1000;
}

class Guesser {
  readonly #browser: Browser;
  #form: Promise<Page> | undefined;

  constructor({ url }: TestServer) {
    this.#browser = new Browser(url);
  }

  async guess(username: string, password = 'wrong password'): Promise<Page> {
    this.#form ??= this.#browser.get('/login');
    return this.#browser.submit(await this.#form, { username, password });
  }

  logIn({ username, password }: TestUser): Promise<Page> {
    return this.guess(username, password);
  }
}

function aName(): string {
  return `nobody-${randomBytes(6).toString('hex')}`;
}

async function statuses(count: number, guess: (turn: number) => Promise<Page>): Promise<readonly number[]> {
  const answers = await Promise.all(Array.from({ length: count }, (_, turn) => guess(turn)));
  return answers.map(({ status }) => status).sort();
}

function times(count: number, status: number): readonly number[] {
  return Array<number>(count).fill(status);
}

it('ten attempts for an account are checked, even if many come at once at two servers; further ones get a 429', async () => {
  const second = await startServer({ besides: server });
  try {
    const user = await aUser(server);
    const guessers = [new Guesser(server), new Guesser(second)] as const;
    const answers = await statuses(24, (turn) => guessers[turn % 2 === 0 ? 0 : 1].guess(user.username));
    expect(answers).toEqual([...times(ATTEMPTS_PER_ACCOUNT, 401), ...times(14, 429)]);
    for (const guesser of guessers) {
      const waiting = await guesser.logIn(user);
      expect(waiting.status).toBe(429);
      expect(Number(waiting.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    pass(1);
    const [first, ...others] = await statuses(24, (turn) => guessers[turn % 2 === 0 ? 0 : 1].guess(user.username));
    expect([first, others]).toEqual([401, times(23, 429)]);
    pass(2);
    expect((await guessers[1].logIn(user)).status).toBe(303);
  } finally {
    await second.close();
  }
});

it('the answers for an unknown name are the same as for a known one', async () => {
  const { username } = await aUser(server);
  const guesser = new Guesser(server);
  const answers: string[] = [];
  for (const name of [username, aName()]) {
    const received: unknown[] = [];
    for (let turn = 0; turn <= ATTEMPTS_PER_ACCOUNT; turn++) {
      const { status, headers, body } = await guesser.guess(name);
      received.push([status, headers.get('retry-after'), body.replaceAll(name, 'NAME').replaceAll(/nonce="[^"]*"|name="csrf_token" value="[^"]*"/g, '')]);
    }
    answers.push(JSON.stringify(received));
  }
  expect(answers[0]).toBe(answers[1]);
});

it('the pause doubles up to a minute, so the owner of the account is delayed but never locked out', async () => {
  const user = await aUser(server);
  const guesser = new Guesser(server);
  await statuses(ATTEMPTS_PER_ACCOUNT, () => guesser.guess(user.username));
  const pauses: number[] = [];
  for (let turn = 0; turn < 8; turn++) {
    const waiting = Number((await guesser.guess(user.username)).headers.get('retry-after'));
    pauses.push(waiting);
    pass(waiting);
    expect((await guesser.guess(user.username)).status).toBe(401);
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  pass(60);
  expect((await guesser.logIn(user)).status).toBe(303);
  // The right password resets the count.
  expect(await statuses(ATTEMPTS_PER_ACCOUNT, () => guesser.guess(user.username))).toEqual(times(ATTEMPTS_PER_ACCOUNT, 401));
});

it('an address that tries many names gets a 429 for every name, until a day has passed', async () => {
  const user = await aUser(server);
  const guesser = new Guesser(server);
  const answers = await statuses(ATTEMPTS_PER_ADDRESS + 5, () => guesser.guess(aName()));
  expect(answers).toEqual([...times(ATTEMPTS_PER_ADDRESS, 401), ...times(5, 429)]);
  expect((await guesser.logIn(user)).status).toBe(429);
  pass(DAY);
  expect((await guesser.logIn(user)).status).toBe(303);
});

it('logins with the right password do not count against an address', async () => {
  const users = await Promise.all(Array.from({ length: 6 }, () => aUser(server)));
  for (let turn = 0; turn < 10; turn++) {
    const answers = await Promise.all(users.map((user) => new Guesser(server).logIn(user)));
    expect(answers.map(({ status }) => status)).toEqual(times(users.length, 303));
  }
});

it('a login takes as long for an unknown name and for a locked account as with a wrong password', async () => {
  const known = await aUser(server);
  const locked = await aUser(server, { locked: true });
  const guesser = new Guesser(server);
  const took: Record<'known' | 'unknown' | 'locked', number[]> = { known: [], unknown: [], locked: [] };
  const time = async (kind: keyof typeof took, username: string, password?: string): Promise<void> => {
    const started = process.hrtime.bigint();
    await guesser.guess(username, password);
    took[kind].push(Number(process.hrtime.bigint() - started));
  };
  for (let turn = 0; turn < 9; turn++) {
    await time('known', known.username);
    await time('unknown', aName());
    await time('locked', locked.username, locked.password);
  }
  const median = (kind: keyof typeof took): number => took[kind].sort((a, b) => a - b)[4] ?? 0;
  for (const kind of ['unknown', 'locked'] as const) {
    expect(median(kind) / median('known')).toBeGreaterThan(0.5);
    expect(median(kind) / median('known')).toBeLessThan(2);
  }
});
