import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

/** As curl is in front of a person, silent about its progress; and unlike it, it fails where the server refuses. */
const CURL = { strict: 'silent\nshow-error\nfail-with-body\n', lenient: 'silent\nshow-error\n' };

/** Ends at the first command that fails or uses what was never set. */
const LOOP = `set -euo pipefail
while read -r place; do
  . "$place/commands" <"$place/typed" >"$place/printed" 2>"$place/complaints"
  echo done
done`;

export interface Typed {
  /** What the commands can read, line by line. */
  readonly lines?: readonly string[];
  /** Whether the page shows that the server refuses. */
  readonly refused?: boolean;
}

export interface Printed {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** One bash that block after block is typed into, as into a terminal: what a block sets, those after it find. */
export class Shell {
  readonly #places = mkdtempSync(join(tmpdir(), 'gatehouse-shell-'));
  readonly #bash: ChildProcess;
  readonly #answers: Interface;
  readonly #ended: Promise<boolean>;

  constructor(cwd: string) {
    // A home of its own, so that no setting of the tester's for npm or curl leaks in.
    const env = { PATH: process.env['PATH'], HOME: this.#places, npm_config_update_notifier: 'false' };
    const bash = spawn('bash', ['--noprofile', '--norc', '-c', LOOP], { cwd, env, stdio: ['pipe', 'pipe', 'ignore'] });
    this.#answers = createInterface({ input: bash.stdout });
    this.#ended = once(bash, 'exit').then(() => false);
    this.#bash = bash;
  }

  async run(commands: string, { lines = [], refused = false }: Typed = {}): Promise<Printed> {
    if (this.#bash.exitCode !== null) throw new Error('a command before this one failed, and the shell ended with it');
    const place = mkdtempSync(join(this.#places, 'step-'));
    const write = (name: string, content: string): void => writeFileSync(join(place, name), content);
    const read = (name: string): string => readFileSync(join(place, name), 'utf8');
    write('commands', commands);
    writeFileSync(join(this.#places, '.curlrc'), refused ? CURL.lenient : CURL.strict);
    write('typed', lines.map((line) => `${line}\n`).join(''));
    for (const name of ['printed', 'complaints']) write(name, '');
    const done = once(this.#answers, 'line').then(() => true);
    this.#bash.stdin?.write(`${place}\n`);
    return { ok: await Promise.race([done, this.#ended]), stdout: read('printed'), stderr: read('complaints') };
  }

  async close(): Promise<void> {
    this.#bash.stdin?.end();
    await this.#ended;
    rmSync(this.#places, { recursive: true, force: true });
  }
}
