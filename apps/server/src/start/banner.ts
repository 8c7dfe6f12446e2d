import { relative } from 'node:path';
import type { Secret } from '#kernel/secrets.js';
import { type Demo, DEMO_CLIENT, DEMO_USER, demoAuthorizeQuery, REDIRECT_URIS } from '../demo/demo.js';

export interface FirstStart {
  readonly issuer: string;
  readonly demo: Demo | undefined;
  /** Where the secrets of the demo are kept; undefined where there is no demo. */
  readonly demoFile: string | undefined;
  /** Where this start made it up; an operator's own is never shown. */
  readonly adminSecret: Secret | undefined;
}

/** What is shown once, on the terminal and never in the log: the secrets of a first start. Empty when there are none. */
export function firstStartText({ issuer, demo, demoFile, adminSecret }: FirstStart): string {
  if (demo === undefined && adminSecret === undefined) return '';
  const kept = demoFile === undefined ? '' : ` Those of the demo stay in ${nearby(demoFile)}, readable by you alone.`;
  const lines: Line[] = [
    ...addresses(issuer),
    ...(adminSecret === undefined ? [] : [['Administration', `client admin, secret ${adminSecret.reveal()}`] as const]),
    ...(demo === undefined ? [] : demoLines(issuer, demo)),
  ];
  return `\nGatehouse runs for the first time. These secrets are shown once.${kept}\n\n${table(lines)}\n`;
}

export interface LaterStart extends Pick<FirstStart, 'issuer' | 'demoFile'> {
  /** Whether the operator has set it. */
  readonly hasAdminSecret: boolean;
}

/** Where the secrets are that an earlier start made. */
export function laterStartText({ issuer, demoFile, hasAdminSecret }: LaterStart): string {
  const administrator = hasAdminSecret
    ? 'client admin, by GATEHOUSE_ADMIN_SECRET'
    : 'client admin, as shown at the first start; set GATEHOUSE_ADMIN_SECRET for a new one';
  const demo: Line[] = demoFile === undefined ? [] : [
    ['Demo', `client ${DEMO_CLIENT} and user ${DEMO_USER}, as kept in ${nearby(demoFile)}`],
    ...next(issuer),
  ];
  return `\n${table([...addresses(issuer), ['Administration', administrator], ...demo])}\n`;
}

type Line = readonly [name: string, value: string];

const NAME_WIDTH = 16;

function table(lines: readonly Line[]): string {
  return lines.map(([name, value]) => `  ${name.padEnd(NAME_WIDTH)}${value}\n`).join('');
}

function addresses(issuer: string): Line[] {
  return [['Issuer', issuer], ['Discovery', `${issuer}/.well-known/openid-configuration`]];
}

function demoLines(issuer: string, demo: Demo): Line[] {
  return [
    ['Demo client', `${DEMO_CLIENT}, secret ${demo.clientSecret.reveal()}`],
    ...REDIRECT_URIS.map((uri, index): Line => [index === 0 ? 'Callbacks' : '', uri.replace('127.0.0.1', '127.0.0.1:<any port>')]),
    ['Demo user', `${DEMO_USER}, password ${demo.password.reveal()}`],
    ...next(issuer),
  ];
}

function next(issuer: string): Line[] {
  return [
    ['Try it', 'npm run flow (in another terminal; "npm run flow -- --auto" signs in by itself)'],
    ['Or open', `${issuer}/oauth/v2/oauth-authorize?${demoAuthorizeQuery(REDIRECT_URIS[0])}`],
  ];
}

/** As short as it can be written from here. */
function nearby(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : path;
}
