import { createHash } from 'node:crypto';
import {
  cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, unlinkSync, utimesSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { REPOSITORY, run } from '#test/run-program.js';

const COPIED = ['.swcrc', 'apps', 'dist', 'libs', 'migrations', 'nest-cli.json', 'package-lock.json', 'package.json', 'tsconfig.json'];

/** Builds a copy of the repository, because other tests use the build of the repository at the same time. */
describe('the build', () => {
  let copy: string;
  const at = (path: string): string => join(copy, path);
  const build = () => run(['apps/server/build.mjs'], { cwd: copy });
  const bundled = () => readdirSync(at('dist/bundle')).filter((file) => !file.endsWith('.cache'));
  const builtAt = (): number => statSync(at('dist/build.json')).mtimeMs;

  beforeAll(async () => {
    copy = mkdtempSync(join(tmpdir(), 'gatehouse-build-'));
    for (const name of COPIED) cpSync(join(REPOSITORY, name), at(name), { recursive: true });
    symlinkSync(join(REPOSITORY, 'node_modules'), at('node_modules'));
    await build();
  }, 60_000);
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it('is skipped if nothing has changed', async () => {
    const before = builtAt();
    const { code, stdout, stderr } = await build();
    expect({ code, stdout, stderr, built: builtAt() }).toEqual({ code: 0, stdout: '', stderr: '', built: before });
  });

  it('is skipped if only a test has changed', async () => {
    const before = builtAt();
    writeFileSync(at('apps/server/src/new.spec.ts'), 'export {};\n');
    await build();
    expect(builtAt()).toBe(before);
  });

  it('is skipped if a source was saved without a change', async () => {
    const output = at('dist/apps/server/src/main.js');
    const before = statSync(output).mtimeMs;
    writeFileSync(at('apps/server/src/main.ts'), readFileSync(at('apps/server/src/main.ts')));
    await build();
    expect(statSync(output).mtimeMs).toBe(before);
  });

  it('writes one file for the server and one for its packages, which is written again only if a package changes', async () => {
    const before = bundled();
    expect(before.map((file) => file.replace(/-\w+/, ''))).toEqual(['packages.cjs', 'server.cjs', 'server.cjs.map']);
    writeFileSync(at('apps/server/src/start/banner.ts'), '\nexport const added = 1;\n', { flag: 'a' });
    const packages = statSync(at(`dist/bundle/${before[0] ?? ''}`)).mtimeMs;
    await build();
    const [first, ...others] = bundled();
    expect(first).toBe(before[0]);
    expect(statSync(at(`dist/bundle/${first ?? ''}`)).mtimeMs).toBe(packages);
    expect(others).toHaveLength(2);
    expect(others).not.toContain(before[1]);
  }, 60_000);

  it('contains all packages: a start loads no other file except native libraries', async () => {
    writeFileSync(at('loaded.cjs'), 'process.on("exit", () => console.log("LOADED", JSON.stringify(Object.keys(require.cache))));\n');
    const env = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing', GATEHOUSE_SECRET: 'x'.repeat(32) };
    const { code, stdout } = await run(['--require', './loaded.cjs', 'apps/server/start.mjs'], { cwd: copy, env });
    const loaded = JSON.parse(/LOADED (.*)/.exec(stdout)?.[1] ?? '') as string[];
    expect(code).toBe(1);
    expect(loaded.filter((file) => !/@node-rs|loaded\.cjs$/.test(file))).toEqual([]);
  }, 60_000);

  it('a damaged code cache is not used', async () => {
    const server = at(`dist/bundle/${bundled()[1] ?? ''}`);
    const cache = new Script(readFileSync(server, 'latin1'), { filename: server }).createCachedData();
    const digest = createHash('sha256').update(cache).digest();
    writeFileSync(`${server}.cache`, Buffer.concat([digest, cache.fill(0, cache.length / 2)]));
    expect((await run(['dist/apps/server/src/main.js'], { cwd: copy, env: { PORT: 'none' } })).code).toBe(78);
  }, 60_000);

  it('a start uses the bundle, or the single files if the bundle is missing or older', async () => {
    const start = () => run(['dist/apps/server/src/main.js'], { cwd: copy, env: { PORT: 'none' } });
    const server = at(`dist/bundle/${bundled()[1] ?? ''}`);
    const whole = readFileSync(server);
    expect((await start()).code).toBe(78);
    writeFileSync(server, 'throw new Error("out of the one file");\n');
    expect((await start()).stderr).toContain('out of the one file');
    utimesSync(server, 0, 0);
    expect((await start()).code).toBe(78);
    writeFileSync(server, whole);
    rmSync(at('dist/bundle'), { recursive: true });
    expect((await start()).code).toBe(78);
  }, 60_000);

  it('compiles a new source, and removes the output of a deleted one', async () => {
    writeFileSync(at('apps/flow/src/temporary.ts'), 'export const temporary = 1;\n');
    await build();
    expect(existsSync(at('dist/apps/flow/src/temporary.js'))).toBe(true);
    unlinkSync(at('apps/flow/src/temporary.ts'));
    await build();
    expect(existsSync(at('dist/apps/flow/src/temporary.js'))).toBe(false);
    expect(existsSync(at('dist/apps/flow/src/main.js'))).toBe(true);
  }, 60_000);

  const inputs = ['apps/server/src/pages/views/layout.eta', 'package-lock.json', 'tsconfig.json', '.swcrc'];
  it.each(inputs)('is repeated if %s has changed', async (file) => {
    const before = builtAt();
    cpSync(join(REPOSITORY, file), at(file));
    writeFileSync(at(file), '\n', { flag: 'a' });
    await build();
    expect(builtAt()).not.toBe(before);
  }, 60_000);

  it('reports a source that does not compile, again at the next build', async () => {
    writeFileSync(at('apps/flow/src/broken.ts'), 'export const = ;\n');
    for (const attempt of [1, 2]) {
      const { code, stderr } = await build();
      expect({ attempt, code }).toEqual({ attempt, code: 1 });
      expect(stderr).toMatch(/broken\.ts[\s\S]*do not compile/);
    }
    unlinkSync(at('apps/flow/src/broken.ts'));
  }, 60_000);

  it('says what to do if the packages are not installed', async () => {
    unlinkSync(at('node_modules'));
    const { code, stderr } = await build();
    expect(code).toBe(1);
    expect(stderr).toBe('The packages are not installed: run "npm ci" first.\n');
  });
});
