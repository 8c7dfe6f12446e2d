import { Injectable } from '@nestjs/common';
import type { Strategy } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { Secret } from '#kernel/secrets.js';
import type { AuthenticatorPage, Done, LoginForm, Verify } from './authenticator-page.js';

/** Passport's local strategy. Without a username or a password it refuses, and nothing is looked up. */
@Injectable()
export class UsernamePasswordPage implements AuthenticatorPage {
  readonly authenticator = 'username-password';
  readonly label = { en: 'Username and password', de: 'Benutzername und Passwort', fr: 'Nom d’utilisateur et mot de passe' };
  readonly fields = 'username-password';

  strategy(verify: Verify): Strategy {
    const check = (form: unknown, username: string, password: string, done: Done): void =>
      verify(form as LoginForm, { username: new Secret(username), password: new Secret(password) }, done);
    return new LocalStrategy({ passReqToCallback: true, session: false }, check);
  }
}
