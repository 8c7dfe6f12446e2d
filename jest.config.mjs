import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names of the installed packages whose `.js` files are ES modules; jest runs CommonJS, so those go through swc. */
function esmPackages(modules = join(import.meta.dirname, 'node_modules')) {
  const folders = readdirSync(modules, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name }) => (name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name]));
  return folders.filter((name) => isEsm(join(modules, name, 'package.json')));
}

function isEsm(manifest) {
  try {
    return JSON.parse(readFileSync(manifest, 'utf8')).type === 'module';
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false;
    throw error;
  }
}

/** CommonJS packages that call `import()` while they run, which jest cannot serve untransformed. */
const dynamicImporters = ['@fastify/cookie'];

const escaped = (name) => name.replaceAll(/[.+]/g, String.raw`\$&`);

/** The compiler settings of the build, with CommonJS in place of the module format. */
function swcOptions() {
  const { jsc } = JSON.parse(readFileSync(join(import.meta.dirname, '.swcrc'), 'utf8'));
  return { swcrc: false, sourceMaps: 'inline', jsc: { ...jsc, baseUrl: import.meta.dirname }, module: { type: 'commonjs' } };
}

const typescript = swcOptions();
const javascript = { ...typescript, sourceMaps: false, jsc: { target: typescript.jsc.target, parser: { syntax: 'ecmascript' } } };

/** What all projects share. A project inherits nothing from the options beside `projects`. */
const shared = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  // `source` is the condition under which the `#…` imports of package.json name the TypeScript files.
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  // Sources name their relative imports with the extension of the emitted file.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1.ts'] },
  transform: {
    '\\.ts$': ['@swc/jest', typescript],
    '\\.m?js$': ['@swc/jest', javascript],
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:${[...esmPackages(), ...dynamicImporters].map(escaped).join('|')})/|.*\\.mjs$)`],
};

/** Tests that read files of the repository and need neither a build nor a database. */
const REPOSITORY = 'test/(?:architecture|deploy|docs)/[^/]+$';

/** @type {import('jest').Config} */
export default {
  testTimeout: 20_000,
  maxWorkers: 2,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{apps,libs,migrations}/**/*.spec.ts'] },
    { ...shared, displayName: 'repository', testMatch: ['<rootDir>/test/{architecture,deploy,docs}/*.test.ts'] },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', `<rootDir>/${REPOSITORY}`],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
    },
  ],
};
