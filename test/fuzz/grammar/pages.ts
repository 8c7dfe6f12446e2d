/** The pages: login, sign-up, consent, logout, account, start page, and the reference of errors. */
import { type Answer, header } from '../read-answers.js';
import { type Draft, get, post } from '../draft.js';
import { hiddenField, type Handle, type Pool } from '../pool.js';
import { aBrowser, cookies, freshName, fromRandomAddress, maybe, MISSING_SECRET, type Production, text } from '../production.js';
import type { Random } from '../random.js';
import { codeIn } from './authorize.js';

/** A handle for the page, mostly in the browser that it belongs to. */
function pickHandle(random: Random, pool: Pool, page: string, wanted: 'new' | 'shown' = 'new'): { handle: Handle; own: boolean } {
  const all = pool.handles.items.filter((handle) => handle.page === page);
  // The form of the consent page contains the session that it was shown to.
  const fitting = all.filter(({ session }) => (session !== '') === (wanted === 'shown'));
  const isFitting = random.chance(0.9) && fitting.length > 0;
  const waiting = random.among(isFitting ? fitting : all);
  const other = random.among(pool.handles.items);
  const browser = aBrowser(random, pool);
  const nothing: Handle = { browser, page, handle: MISSING_SECRET, session: '' };
  const handle = (random.chance(0.95) ? waiting : other) ?? nothing;
  return random.chance(0.95) ? { handle, own: true } : { handle: { ...handle, browser }, own: false };
}

function show(name: string, path: string): Production['make'] {
  return (random, pool) => {
    const { handle } = pickHandle(random, pool, path.slice(1));
    const withHandle = random.chance(path === '/consent' ? 0.97 : 0.7);
    const browser = withHandle ? handle.browser : aBrowser(random, pool);
    const learn = (answer: Answer): void => {
      pool.learnFromPage(browser, answer);
      if (!withHandle) return;
      handle.session = hiddenField(answer.body.toString('latin1'), 'session') ?? handle.session;
      removeIfUsed(pool, handle, answer);
    };
    const query = {
      request: withHandle ? text(random, handle.handle) : undefined,
      return: maybe(random, 0.1, text(random, '/account')),
    };
    return get(name, path, { query, headers: cookies(browser), learn });
  };
}

/** A login is rare, because hashing a password is slow. */
function logIn(random: Random, pool: Pool): Draft {
  const { handle } = pickHandle(random, pool, 'login');
  const withHandle = random.chance(0.5);
  const browser = withHandle ? handle.browser : aBrowser(random, pool);
  const user = random.among(pool.users);
  const right = random.chance(0.85);
  const form = {
    csrf_token: browser.csrf,
    request: withHandle ? handle.handle : undefined,
    return: maybe(random, 0.1, '/account'),
    username: text(random, user?.username ?? ''),
    password: right ? user?.password : text(random, 'wrong password'),
  };
  const learn = learnPageAndCode(pool, handle);
  return post('POST login', '/login', form, { headers: [...cookies(browser), fromRandomAddress(random)], learn });
}

const FORMS = ['/login', '/signup', '/consent', '/logout', '/account/end-session', '/account/change-password'] as const;

/** A form without a valid CSRF token, which the server refuses before it does any work. */
function postForgedForm(random: Random, pool: Pool): Draft {
  const { handle } = pickHandle(random, pool, 'login');
  const form = {
    csrf_token: maybe(random, 0.7, text(random, `${random.word(8)}.${random.word(27)}`)),
    username: 'a',
    password: 'b',
    request: handle.handle,
  };
  return post('POST forged form', random.pick(FORMS), form, {
    headers: random.chance(0.7) ? cookies(handle.browser) : [],
  });
}

function signUp(random: Random, pool: Pool): Draft {
  const { handle } = pickHandle(random, pool, 'signup');
  const withHandle = random.chance(0.5);
  const browser = withHandle ? handle.browser : aBrowser(random, pool);
  const form = {
    csrf_token: browser.csrf,
    request: withHandle ? handle.handle : undefined,
    username: text(random, freshName('fuzz')),
    password: text(random, random.chance(0.4) ? 'a password that nobody has' : 'short'),
    name: maybe(random, 0.7, text(random, 'Jane Fuzz')),
    email: maybe(random, 0.7, text(random, 'jane@example.com')),
  };
  return post(
    'POST signup',
    '/signup',
    form,
    { headers: [...cookies(browser), fromRandomAddress(random)], learn: learnPageAndCode(pool, handle) },
  );
}

function decide(random: Random, pool: Pool): Draft {
  const { handle } = pickHandle(random, pool, 'consent', 'shown');
  const form = {
    csrf_token: handle.browser.csrf,
    request: text(random, handle.handle),
    session: random.chance(0.9) ? handle.session : random.word(22),
    decision: text(random, random.chance(0.8) ? 'allow' : 'deny'),
  };
  return post('POST consent', '/consent', form, { headers: cookies(handle.browser), learn: learnPageAndCode(pool, handle) });
}

/** Stores the code with some client, mostly the wrong one. A redemption by the wrong client must not redeem the code. */
function learnPageAndCode(pool: Pool, used: Handle): (answer: Answer) => void {
  const { browser } = used;
  return (answer) => {
    pool.learnFromPage(browser, answer);
    removeIfUsed(pool, used, answer);
    const code = codeIn(answer);
    const [client] = pool.clients;
    if (code !== undefined && client !== undefined) pool.codes.add({
      code,
      client,
      redirectUri: client.redirectUris[0],
      verifier: undefined,
    });
  };
}

/** A handle cannot be used again after its request is answered or has expired. */
function removeIfUsed({ handles }: Pool, handle: Handle, answer: Answer): void {
  const isAnswered = answer.status === 303 && !/^\/(login|signup|consent)/.test(header(answer, 'location') ?? '');
  if (isAnswered || (answer.status === 400 && answer.body.includes('sign-in has expired'))) handles.remove(handle);
}

function logOut(random: Random, pool: Pool): Draft {
  const browser = aBrowser(random, pool);
  const learn = (answer: Answer): void => pool.learnFromPage(browser, answer);
  if (random.chance(0.75)) return get('GET logout', '/logout', { headers: cookies(browser), learn });
  return post('POST logout', '/logout', { csrf_token: browser.csrf }, { headers: cookies(browser), learn });
}

function account(random: Random, pool: Pool): Draft {
  const browser = aBrowser(random, pool);
  const done = maybe(random, 0.3, text(random, random.pick(['session', 'consent', 'password', 'toString', '__proto__'])));
  return get(
    'GET account',
    '/account',
    { query: { done }, headers: cookies(browser), learn: (answer) => pool.learnFromPage(browser, answer) },
  );
}

function changeAccount(random: Random, pool: Pool): Draft {
  const browser = aBrowser(random, pool);
  const headers = [...cookies(browser), fromRandomAddress(random)];
  const learn = (answer: Answer): void => pool.learnFromPage(browser, answer);
  const csrf = { csrf_token: browser.csrf };
  const [which, sid, clientId] = [random.next(), random.among(pool.sids.items), random.among(pool.clients)?.clientId];
  const [one, next] = [text(random, sid ?? 'x'), text(random, 'short')];
  if (which < 0.4) return post('POST account/end-session', '/account/end-session', { ...csrf, sid: one }, { headers, learn });
  if (which < 0.9) return post(
    'POST account/withdraw-consent',
    '/account/withdraw-consent',
    { ...csrf, client_id: text(random, clientId ?? '') },
    { headers, learn },
  );
  return post(
    'POST account/change-password',
    '/account/change-password',
    { ...csrf, current: 'wrong', next },
    { headers, learn },
  );
}

function home(random: Random, pool: Pool): Draft {
  const browser = aBrowser(random, pool);
  return get(
    'GET /',
    random.chance(0.8) ? '/' : '/icon.svg',
    { headers: cookies(browser), learn: (answer) => pool.learnFromPage(browser, answer) },
  );
}

const CODES = [
  'invalid_request', 'invalid_grant', 'access_denied', 'server_error', 'invalid-fields', 'taken', 'not-found', '__proto__',
  'constructor', 'toString', '..', '%2e%2e', 'a%2fb', '%3Cfuzzx%3E', 'valueOf',
] as const;

function errorReference(random: Random): Draft {
  return get('GET error reference', `/errors/${random.pick(CODES)}`);
}

export const pages: readonly Production[] = [
  { weight: 40, make: show('GET login', '/login') },
  { weight: 15, make: show('GET signup', '/signup') },
  { weight: 50, make: show('GET consent', '/consent') },
  { weight: 11, make: logIn },
  { weight: 12, make: postForgedForm },
  { weight: 3, make: signUp },
  { weight: 45, make: decide },
  { weight: 10, make: logOut },
  { weight: 20, make: account },
  { weight: 14, make: changeAccount },
  { weight: 12, make: home },
  { weight: 12, make: errorReference },
];
