import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '#kernel/errors.js';
import { Keyring } from '#kernel/keyring.js';
import { randomSecret, Secret } from '#kernel/secrets.js';
import type { Config } from '../config/config.js';

/** The keyring of the configured secrets; without any, of one that is made once and kept beside the embedded data. */
export function openKeyring(config: Pick<Config, 'secrets' | 'dataDirectory'>): Keyring {
  const [first, ...others] = config.secrets ?? [];
  return new Keyring(first === undefined ? [keptSecret(config.dataDirectory)] : [first, ...others]);
}

function keptSecret(dataDirectory: string): Secret {
  try {
    return generatedSecret(dataDirectory);
  } catch (error) {
    throw new StartError(`The secret in ${dataDirectory} cannot be kept (${error instanceof Error ? error.message : String(error)}): `
      + 'let this user read and write there, or set GATEHOUSE_SECRET.', { cause: error });
  }
}

function generatedSecret(dataDirectory: string): Secret {
  const file = join(dataDirectory, 'secret');
  const kept = readSecret(file);
  if (kept !== undefined) return kept;
  mkdirSync(dataDirectory, { recursive: true });
  writeOnce(file, randomSecret());
  const made = readSecret(file);
  if (made === undefined) throw new Error(`${file} was written and cannot be read`);
  return made;
}

/** Of two servers that write at once, one wins and both read the winner's; nobody ever sees half a secret. */
function writeOnce(file: string, secret: Secret): void {
  const draft = `${file}.${String(process.pid)}`;
  writeFileSync(draft, `${secret.reveal()}\n`, { mode: 0o600, flush: true });
  chmodSync(draft, 0o600);
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readSecret(file: string): Secret | undefined {
  try {
    return new Secret(readFileSync(file, 'utf8').trim());
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
