/** A person in front of a browser without JavaScript, for those who want to watch: signs in, allows, goes where they are sent. */
import { type Form, formsOf } from './forms.js';
import { FlowError, type User } from './settings.js';

const MAX_STEPS = 12;

/** Goes from the authorization request to the client's redirect URI, and fetches that too, as the browser would. */
export async function signIn(start: URL, redirectUri: string, user: User): Promise<void> {
  const browser = new Browser();
  let response = await browser.send(start);
  let hasTried = false;
  for (let step = 0; step < MAX_STEPS; step++) {
    const location = response.headers.get('location');
    if (location !== null) {
      const target = new URL(location, response.url);
      response = await browser.send(target);
      if (target.href.startsWith(redirectUri)) return;
      continue;
    }
    const form = nextForm(formsOf(await response.text()));
    if (form === undefined) {
      throw new FlowError(`The server shows a page without a form (status ${response.status}): open the address above in a browser.`);
    }
    if (form.hasPassword && hasTried) {
      throw new FlowError(`The login of ${user.username} was refused: check the password, which DEMO_PASSWORD can set.`);
    }
    hasTried ||= form.hasPassword;
    response = await browser.send(new URL(form.action, response.url), filledIn(form, user));
  }
  throw new FlowError('The server sends the browser around in circles: open the address above in a browser.');
}

/** Pages may have other forms, such as that of the language. */
function nextForm(forms: readonly Form[]): Form | undefined {
  return forms.find(({ hasPassword }) => hasPassword) ?? forms.find((form) => decisionOf(form) !== undefined);
}

function decisionOf({ buttons }: Form) {
  return buttons.find(([, value]) => value === 'allow');
}

function filledIn(form: Form, user: User): URLSearchParams {
  const fields = new URLSearchParams([...form.fields]);
  if (form.hasPassword) {
    fields.set('username', user.username);
    fields.set('password', user.password);
  }
  const decision = decisionOf(form);
  if (decision !== undefined) fields.set(...decision);
  return fields;
}

class Browser {
  readonly #cookies = new Map<string, string>();

  async send(url: URL, body?: URLSearchParams): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = cookie === '' ? {} : { cookie };
    const method = body === undefined ? {} : { method: 'POST', body };
    const response = await fetch(url, { ...method, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return response;
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === '' || /;\s*max-age=0/i.test(line)) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}
