/**
 * The demo's secrets, kept beside the embedded data for the tool that walks through the flow: published words would be
 * guessable by everybody on the network, and a person would have to carry drawn ones from the screen by hand.
 */
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '#kernel/errors.js';
import type { Config } from '../config/config.js';
import { DEMO_CLIENT, type Demo, REDIRECT_URIS, DEMO_USER } from './demo.js';

type Place = Pick<Config, 'dataDirectory' | 'databaseUrl' | 'issuer'>;

/** Writes the file for a new demo, and the issuer of this start into that of an old one. Its path, where there is a demo. */
export function keepDemo(place: Place, made: Demo | undefined): string | undefined {
  const file = fileOf(place);
  const { issuer } = place;
  if (made !== undefined) {
    const secrets = { client_secret: made.clientSecret.reveal(), username: DEMO_USER, password: made.password.reveal() };
    write(file, { issuer, client_id: DEMO_CLIENT, redirect_uris: REDIRECT_URIS, ...secrets });
    return file;
  }
  if (place.databaseUrl !== undefined || !existsSync(file)) return undefined;
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  if (kept['issuer'] !== issuer) write(file, { ...kept, issuer });
  return file;
}

/** Throws `StartError` where embedded data that began with the demo would be served in production. */
export function refuseDemoInProduction(config: Config): void {
  if (!config.production || config.databaseUrl !== undefined || !existsSync(fileOf(config))) return;
  throw new StartError(`${config.dataDirectory} holds the demo's client and user, which have no place in production: `
    + 'set DATABASE_URL, or GATEHOUSE_DATA to a new directory.');
}

function fileOf({ dataDirectory }: Pick<Config, 'dataDirectory'>): string {
  return join(dataDirectory, 'demo.json');
}

/** Nobody sees half of it, and nobody else any of it. */
function write(file: string, content: object): void {
  const draft = `${file}.${String(process.pid)}`;
  writeFileSync(draft, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
}
