import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

/** Configurations of curl. `strict` makes curl fail if the server answers with an error; neither prints progress. */
const CURL = { strict: 'silent\nshow-error\nfail-with-body\n', lenient: 'silent\nshow-error\n' };

/** Runs block after block, until a command fails or uses an unset variable. */
const LOOP = `set -euo pipefail
while read -r directory; do
  . "$directory/commands" <"$directory/stdin" >"$directory/stdout" 2>"$directory/stderr"
  echo done
done`;

export interface RunOptions {
  /** The lines that the commands can read from standard input. */
  readonly lines?: readonly string[];
  /** Whether the page shows that the server answers with an error. */
  readonly refused?: boolean;
}

export interface RunResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** One bash process that runs block after block, as a terminal does. Variables that a block sets are visible to later blocks. */
export class Shell {
  readonly #directory = mkdtempSync(join(tmpdir(), 'gatehouse-shell-'));
  readonly #bash: ChildProcess;
  readonly #answers: Interface;
  readonly #ended: Promise<boolean>;

  constructor(cwd: string) {
    // With its own home directory, no setting of the developer for npm or curl applies.
    const env = { PATH: process.env['PATH'], HOME: this.#directory, npm_config_update_notifier: 'false' };
    const bash = spawn('bash', ['--noprofile', '--norc', '-c', LOOP], { cwd, env, stdio: ['pipe', 'pipe', 'ignore'] });
    this.#answers = createInterface({ input: bash.stdout });
    this.#ended = once(bash, 'exit').then(() => false);
    this.#bash = bash;
  }

  async run(commands: string, { lines = [], refused = false }: RunOptions = {}): Promise<RunResult> {
    if (this.#bash.exitCode !== null) throw new Error('a command before this one failed, and the shell ended with it');
    const directory = mkdtempSync(join(this.#directory, 'step-'));
    const write = (name: string, content: string): void => writeFileSync(join(directory, name), content);
    const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
    write('commands', commands);
    writeFileSync(join(this.#directory, '.curlrc'), refused ? CURL.lenient : CURL.strict);
    write('stdin', lines.map((line) => `${line}\n`).join(''));
    for (const name of ['stdout', 'stderr']) write(name, '');
    const done = once(this.#answers, 'line').then(() => true);
    this.#bash.stdin?.write(`${directory}\n`);
    return { ok: await Promise.race([done, this.#ended]), stdout: read('stdout'), stderr: read('stderr') };
  }

  async close(): Promise<void> {
    this.#bash.stdin?.end();
    await this.#ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
