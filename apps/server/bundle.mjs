/**
 * Makes two files of the thousand that a start would look for, read and compile one by one: `server-….cjs` of our own code, and
 * `packages-….cjs` of what that asks for, which stays as it is until other packages are installed. Their names tell their
 * content, so that what V8 keeps of one beside it (launch.ts) is never taken for that of another. See docs/adr/0016.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const FOLDER = 'dist/bundle';
const SERVER = 'dist/apps/server/src/start/run-server.js';
/** What tells the packages that are installed, and how they are bundled. npm writes the second at each installation. */
const ORIGIN = ['package-lock.json', 'node_modules/.package-lock.json', 'apps/server/bundle.mjs'];
/** A library of the machine cannot be part of a script. */
const NATIVE = ['@node-rs/argon2'];
/**
 * As newer versions of Node have it. Without it pg makes a `Response` to learn where it runs, for which Node 20 loads all of its
 * fetch: 40 ms.
 */
const NAVIGATOR = '{ "userAgent": "Node.js" }';
/** What packages would use if it were installed. */
const NOT_INSTALLED = [
  '@fastify/multipart', '@fastify/static', '@nestjs/microservices', '@nestjs/platform-express', '@nestjs/websockets',
  'class-transformer', 'pg-native',
];

/**
 * The helper by which esbuild keeps the names of classes and functions, and the same for classes alone: an arrow function inside of a
 * hot one would get its name anew with each call. Nest, TypeORM and stored deliveries of events go by names of classes.
 */
const NAMING = 'var __name = (target, value) => __defProp(';
const NAMING_CLASSES = 'var __name = (target, value) => target.prototype === undefined || target.name === value ? target : __defProp(';

const MODULE_URL = "const moduleUrl = require('node:url').pathToFileURL(__filename).href;";

/** The content of a function, like the one that Node makes of each CommonJS file. */
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  keepNames: true,
  supported: { 'dynamic-import': false },
  legalComments: 'none',
  logLevel: 'silent',
  metafile: true,
  write: false,
  outdir: FOLDER,
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': 'moduleUrl' },
  banner: { js: `(function (exports, require, module, __filename, __dirname) { ${MODULE_URL}` },
  footer: { js: '})' },
};

/**
 * Answers what the packages were bundled from. Where that is `before`, the file of them is kept. Rejects with what esbuild says.
 * @param {string} root
 * @param {string | undefined} before
 */
export async function bundle(root, before) {
  const server = await build({
    ...common,
    absWorkingDir: root,
    entryPoints: [SERVER],
    entryNames: 'server-[hash]',
    packages: 'external',
    sourcemap: true,
    sourcesContent: false,
    plugins: [ownPlaces(root)],
  });
  write(root, 'server', server);
  const names = packagesOf(server).filter((name) => !NATIVE.includes(name));
  const from = originOf(root, names);
  if (from === before && readdirSync(join(root, FOLDER)).some((file) => file.startsWith('packages-'))) return from;
  const table = names.map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(name)}),`).join('\n');
  const packages = await build({
    ...common,
    absWorkingDir: root,
    stdin: { contents: `module.exports = {\n${table}\n};\n`, resolveDir: root },
    entryNames: 'packages-[hash]',
    external: NOT_INSTALLED,
    define: { ...common.define, navigator: NAVIGATOR },
    plugins: [oneTypeOrm],
  });
  write(root, 'packages', packages);
  return from;
}

function originOf(root, names) {
  const hash = createHash('sha256').update(names.join());
  for (const file of ORIGIN) if (existsSync(join(root, file))) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function packagesOf({ metafile }) {
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return [...new Set(imports.filter(({ external, path }) => external && !path.startsWith('node:')).map(({ path }) => path))].sort();
}

/** Replaces what was made before of the same. */
function write(root, name, { outputFiles }) {
  mkdirSync(join(root, FOLDER), { recursive: true });
  for (const { path, text } of outputFiles) {
    if (path.endsWith('.cjs') && !text.includes(NAMING)) throw new Error(`esbuild keeps names in another way: look into ${path}`);
    writeFileSync(path, text.replace(NAMING, NAMING_CLASSES));
  }
  const made = outputFiles.map(({ path }) => basename(path));
  const others = readdirSync(join(root, FOLDER)).filter((file) => file.startsWith(`${name}-`) && !made.includes(file));
  // What V8 keeps begins with the name of its file.
  for (const file of others) if (!made.some((one) => file.startsWith(one))) rmSync(join(root, FOLDER, file));
}

/** A source that asks for its directory, to read the file beside it, is told that of its file in dist/. */
function ownPlaces(root) {
  return loader('own-places', /[\\/]dist[\\/](apps|libs)[\\/].*\.js$/, (source, path) => {
    const way = JSON.stringify(relative(join(root, FOLDER), dirname(path)));
    return source.replaceAll('import.meta.dirname', `require('node:path').join(__dirname, ${way})`);
  });
}

/**
 * @nestjs/typeorm looks for names of old versions of TypeORM by a `require` of its own, which would load TypeORM a second time from
 * its many files. In the bundle, that one module gets a `createRequire` that answers the TypeORM of the bundle.
 */
const oneTypeOrm = {
  name: 'one-typeorm',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:module$/ }, ({ importer }) =>
      importer.endsWith('typeorm-compat.js') ? { path: 'createRequire', namespace: 'one-typeorm' } : undefined);
    onLoad({ filter: /.*/, namespace: 'one-typeorm' }, () => ({
      contents: "import * as typeorm from 'typeorm'; export const createRequire = () => () => typeorm;",
      resolveDir: dirname(fileURLToPath(import.meta.url)),
    }));
  },
};

function loader(name, filter, change) {
  const setup = ({ onLoad }) => onLoad({ filter }, ({ path }) => ({ contents: change(readFileSync(path, 'utf8'), path) }));
  return { name, setup };
}
