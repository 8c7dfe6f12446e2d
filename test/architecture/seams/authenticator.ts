import type { Seam } from './seam.js';

const ACR = 'urn:example:question';

/** A user answers a question: an authenticator without a password, with a challenge and a page. */
export const authenticator: Seam = {
  row: 'an authenticator with its page',
  goal: 2,
  added: {
    'libs/authentication/src/authenticators/question.ts': `
import { Injectable } from '@nestjs/common';
import { Secret } from '#kernel/secrets.js';
import { usernameKey } from '../domain/username.js';
import { Accounts } from '../persistence/accounts.js';
import type { Authenticator, Challenge, Fields, Proof } from './authenticator.js';

const NOTHING = new Secret('');

/** Asks for a sum. */
@Injectable()
export class Question implements Authenticator {
  readonly name = 'question';
  readonly acr = '${ACR}';

  constructor(private readonly accounts: Accounts) {}

  async begin(): Promise<Challenge> {
    return { question: 'What is 20 + 22?' };
  }

  claimant(fields: Fields): string {
    return usernameKey((fields['username'] ?? NOTHING).reveal());
  }

  async authenticate(fields: Fields): Promise<Proof> {
    const account = await this.accounts.findCredentials(this.claimant(fields));
    if (account === undefined || fields['answer']?.reveal() !== '42') return { outcome: 'refused', sub: account?.sub };
    return { outcome: 'proved', sub: account.sub, amr: ['kba'], stillHolds: () => undefined };
  }
}
`,
    'apps/server/src/pages/authenticators/question.page.ts': `
import { Injectable } from '@nestjs/common';
import type { Strategy } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { Secret } from '#kernel/secrets.js';
import type { AuthenticatorPage, Done, LoginForm, Verify } from './authenticator-page.js';

@Injectable()
export class QuestionPage implements AuthenticatorPage {
  readonly authenticator = 'question';
  readonly label = { en: 'A question', de: 'Eine Frage', fr: 'Une question' };
  readonly fields = 'question';
  readonly texts = { en: { answer: 'Answer' }, de: { answer: 'Antwort' }, fr: { answer: 'Réponse' } };

  strategy(verify: Verify): Strategy {
    const check = (form: unknown, username: string, answer: string, done: Done): void =>
      verify(form as LoginForm, { username: new Secret(username), answer: new Secret(answer) }, done);
    return new LocalStrategy({ passwordField: 'answer', passReqToCallback: true, session: false }, check);
  }
}
`,
    'apps/server/src/pages/views/question.eta': `<p><%= it.challenge.question %></p>
<label for="username"><%= it.t.login.username %></label>
<input id="username" name="username" value="<%= it.username %>">
<label for="answer"><%= it.own.answer %></label>
<input id="answer" name="answer">
`,
  },
  edits: [
    {
      file: 'libs/authentication/src/authenticators/registry.ts',
      anchor: 'Type<Authenticator>[] = [UsernamePassword',
      text: ', Question',
    },
    {
      file: 'libs/authentication/src/authenticators/registry.ts',
      anchor: "import { UsernamePassword } from './username-password.js';\n",
      text: "import { Question } from './question.js';\n",
      before: true,
    },
    { file: 'apps/server/src/pages/authenticators/registry.ts', anchor: '[] = [UsernamePasswordPage', text: ', QuestionPage' },
    {
      file: 'apps/server/src/pages/authenticators/registry.ts',
      anchor: "import { UsernamePasswordPage } from './username-password.page.js';\n",
      text: "import { QuestionPage } from './question.page.js';\n",
      before: true,
    },
  ],
};
