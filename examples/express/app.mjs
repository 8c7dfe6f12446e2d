/**
 * An Express app that people sign in to at Gatehouse, by Passport: ISSUER, CLIENT_ID, CLIENT_SECRET and PORT come from the
 * environment. The client needs the redirect URI http://127.0.0.1/callback; on the loopback interface any port will do.
 */
import { randomBytes } from 'node:crypto';
import express from 'express';
import session from 'express-session';
import * as oidc from 'openid-client';
import { Strategy } from 'openid-client/passport';
import passport from 'passport';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PORT = '3000' } = process.env;
const app = express();
const server = app.listen(Number(PORT), '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

// Gatehouse is asked over http on this machine only; elsewhere leave `execute` out.
const config = await oidc.discovery(new URL(ISSUER), CLIENT_ID, undefined, oidc.ClientSecretBasic(CLIENT_SECRET), {
  execute: [oidc.allowInsecureRequests],
});
const callbackURL = `${origin}/callback`;
const name = 'gatehouse';
passport.use(name, new Strategy({ name, config, callbackURL, scope: 'openid profile email' }, (tokens, done) => {
  oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub).then((user) => done(null, user), done);
}));
passport.serializeUser((user, done) => done(null, user));
passport.deserializeUser((user, done) => done(null, user));

app.use(session({ secret: randomBytes(32).toString('hex'), resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } }));
app.use(passport.session());
app.get('/', (request, response) => (request.user ? response.json(request.user) : response.redirect('/login')));
app.get('/login', passport.authenticate(name));
app.get('/callback', passport.authenticate(name, { successRedirect: '/', failureMessage: true }));
process.stdout.write(`Open ${origin}\n`);
