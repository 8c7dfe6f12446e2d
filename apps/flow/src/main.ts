/** `npm run flow`: a client in the terminal that walks through the code flow and shows each message of it. */
import { parseArgs } from 'node:util';
import * as oidc from 'openid-client';
import { Script } from './print.js';
import { FlowError, readSettings } from './settings.js';
import { walk } from './walk.js';

const USAGE = `npm run flow             prints an address to open, and waits until you have signed in there
npm run flow -- --auto   signs the demo user in by itself

The server and its demo are found by .gatehouse/demo.json, which the first "npm start" writes. For others set ISSUER,
CLIENT_ID, CLIENT_SECRET, and for --auto DEMO_USERNAME and DEMO_PASSWORD. The client needs the redirect URI
http://127.0.0.1/callback and the scope "openid profile email".
`;

/** A sentence for what a person can do something about; undefined for a defect. */
function sentenceOf(error: unknown, issuer: string): string | undefined {
  if (error instanceof FlowError) return error.message;
  if (error instanceof oidc.AuthorizationResponseError) return `The server sent the browser back without a code: ${refusal(error)}.`;
  if (error instanceof oidc.ResponseBodyError) return `The server refused: ${refusal(error)}.`;
  if (error instanceof oidc.WWWAuthenticateChallengeError) {
    return `The server takes neither that client's secret nor its token (status ${error.status}): check CLIENT_SECRET.`;
  }
  const cause = error instanceof Error ? error.cause : undefined;
  if (error instanceof TypeError && cause !== undefined && error.message === 'fetch failed') {
    return `Nobody answers at ${issuer}: start the server with "npm start" in another terminal, or set ISSUER.`;
  }
  if (error instanceof oidc.ClientError) return `The answer of ${issuer} is not what it must be (${error.message}).`;
  return undefined;
}

function refusal({ error, error_description: description }: { error: string; error_description?: string }): string {
  return description === undefined ? error : `${error} (${description})`;
}

async function main(): Promise<void> {
  const { auto, help } = parseArgs({ options: { auto: { type: 'boolean' }, help: { type: 'boolean' } } }).values;
  if (help === true) {
    process.stdout.write(USAGE);
    return;
  }
  const settings = readSettings(process.env);
  const automatic = auto === true ? settings.user : undefined;
  if (auto === true && automatic === undefined) throw new FlowError('Nobody is known to sign in: set DEMO_USERNAME and DEMO_PASSWORD.');
  const script = new Script((text) => process.stdout.write(text));
  try {
    await walk(settings, script, automatic);
    process.stdout.write('\nThat was the whole flow.\n');
  } catch (error) {
    const sentence = sentenceOf(error, settings.issuer);
    throw sentence === undefined ? error : new FlowError(sentence);
  }
}

try {
  await main();
} catch (error) {
  const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (!(error instanceof FlowError || isUsage)) throw error;
  process.stderr.write(`\n${isUsage ? USAGE : error.message}\n`.replace(/\n+$/, '\n'));
  process.exitCode = 1;
}
