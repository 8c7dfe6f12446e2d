/** Which server the flow is walked on and as which client: from the environment, or else from what a first start left behind. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A sentence for the person in front of the terminal that says what to do. */
export class FlowError extends Error {
  override readonly name = 'FlowError';
}

export interface Settings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Undefined where nobody is known who could be signed in by the tool. */
  readonly user: User | undefined;
}

export interface User {
  readonly username: string;
  readonly password: string;
}

type Named = Readonly<Record<string, string | undefined>>;

/** Throws {@link FlowError} where neither says enough. */
export function readSettings(env: Named): Settings {
  const demo = readDemo(env['GATEHOUSE_DATA'] ?? '.gatehouse');
  const issuer = env['ISSUER'] ?? demo['issuer'];
  const clientId = env['CLIENT_ID'] ?? demo['client_id'];
  const clientSecret = env['CLIENT_SECRET'] ?? (clientId === demo['client_id'] ? demo['client_secret'] : undefined);
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) {
    throw new FlowError('There is no demo of Gatehouse here: run "npm start" first, or set ISSUER, CLIENT_ID and CLIENT_SECRET.');
  }
  return { issuer, clientId, clientSecret, user: userOf(env, demo) };
}

function userOf(env: Named, demo: Named): User | undefined {
  const username = env['DEMO_USERNAME'] ?? demo['username'];
  const password = env['DEMO_PASSWORD'] ?? demo['password'];
  return username === undefined || password === undefined ? undefined : { username, password };
}

function readDemo(directory: string): Named {
  const file = join(directory, 'demo.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Named;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    const reason = error instanceof Error ? error.message : String(error);
    throw new FlowError(`${file} cannot be read (${reason}): be the user who started Gatehouse.`);
  }
}
