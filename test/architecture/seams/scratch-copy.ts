/** A copy of the repository's sources, without tests, in a temporary folder, to change, type-check, build and start. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { REPOSITORY } from '#test/run-program.js';
import { applyEdits, type Seam } from './seam.js';

const COPIED = ['apps', 'libs', 'migrations', '.swcrc', 'nest-cli.json', 'package.json', 'tsconfig.json'];

export class ScratchCopy {
  readonly #root = mkdtempSync(join(tmpdir(), 'gatehouse-scratch-'));

  constructor() {
    const filter = (path: string): boolean => !path.endsWith('.spec.ts');
    for (const name of COPIED) cpSync(join(REPOSITORY, name), join(this.#root, name), { recursive: true, filter });
    symlinkSync(join(REPOSITORY, 'node_modules'), join(this.#root, 'node_modules'));
  }

  /** The built server. */
  get main(): string {
    return join(this.#root, 'dist/apps/server/src/main.js');
  }

  add({ added, edits }: Seam): void {
    for (const [file, text] of Object.entries(added)) {
      mkdirSync(dirname(join(this.#root, file)), { recursive: true });
      writeFileSync(join(this.#root, file), text.trimStart(), { flag: 'wx' });
    }
    for (const edit of edits) {
      const path = join(this.#root, edit.file);
      writeFileSync(path, applyEdits(readFileSync(path, 'utf8'), [edit]));
    }
  }

  /** The errors of the compiler; empty if there are none. */
  typeErrors(): Promise<string> {
    return this.#node(join(REPOSITORY, 'node_modules/typescript/bin/tsc'), '--noEmit');
  }

  /** What the build printed; empty if it succeeded. */
  build(): Promise<string> {
    return this.#node('apps/server/build.mjs');
  }

  delete(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  #node(...args: readonly string[]): Promise<string> {
    return new Promise((resolve) => {
      execFile(process.execPath, args, { cwd: this.#root }, (_error, stdout, stderr) => resolve(stdout + stderr));
    });
  }
}
