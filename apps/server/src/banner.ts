import type { Secret } from '#kernel/secrets.js';
import type { Demo } from './demo.js';

export interface FirstStart {
  readonly issuer: string;
  readonly demo: Demo | undefined;
  /** Where this start made it up; an operator's own is never shown. */
  readonly adminSecret: Secret | undefined;
}

/** What is shown once, on the terminal and never in the log: the secrets of a first start. Empty when there are none. */
export function banner({ issuer, demo, adminSecret }: FirstStart): string {
  if (demo === undefined && adminSecret === undefined) return '';
  const lines = [
    ['Issuer', issuer],
    ['Discovery', `${issuer}/.well-known/openid-configuration`],
    ...(adminSecret === undefined ? [] : [['Administration', `client admin, secret ${adminSecret.reveal()}`]]),
    ...(demo === undefined ? [] : demoLines(issuer, demo)),
  ];
  const text = lines.map(([name = '', value = '']) => `  ${name.padEnd(16)}${value}`).join('\n');
  return `\nGatehouse runs for the first time. These secrets are shown once:\n\n${text}\n\n`;
}

function demoLines(issuer: string, demo: Demo): string[][] {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: demo.clientId,
    redirect_uri: demo.redirectUri,
    scope: 'openid profile email',
    state: 'demo',
  });
  return [
    ['Demo client', `${demo.clientId}, secret ${demo.clientSecret.reveal()}`],
    ['Demo user', `${demo.username}, password ${demo.password.reveal()}`],
    ['Try it', `${issuer}/oauth/v2/oauth-authorize?${query.toString()}`],
  ];
}
