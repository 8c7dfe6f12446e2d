/**
 * The rules of the house, as dependencies between files. `houseRules` and `houseOptions` are exported so that the
 * architecture test holds planted violations against the very same rules. Every rule here has one in test/architecture.
 */

const spec = String.raw`\.spec\.ts$`;
const contracts = String.raw`^libs/[^/]+/src/contracts\.ts$`;
/** SQL and columns that a module publishes for the statements of others. */
const published = '^libs/[^/]+/src/published/';
const pureKernel = String.raw`^libs/kernel/src/(check|errors|secrets|clock|scope|protocol-names)\.ts$`;
const moduleFile = String.raw`^libs/([^/]+)/src/\1\.module\.ts$`;
const transactions = String.raw`^libs/database/src/transaction\.ts$`;
/** What every module stands on. */
const foundation = '^libs/(?:kernel|database)/';
/** The kit of administered documents: as pure as a domain, and used by domains and by the apps. */
const documents = '^libs/document/';
const library = '(^|/)node_modules/|^(@nestjs|@fastify|fastify|typeorm|pg|passport|rxjs|reflect-metadata)(/|$)';
const outsideWorld = '^(node:)?(fs|http|https|http2|net|tls|dns|child_process|worker_threads|process|timers|perf_hooks)(/|$)';
const validator = '(^|/)node_modules/class-validator/';
const database = String.raw`(^|node_modules/)(typeorm|pg)(/|$)`;
const edge = String.raw`(^|node_modules/)(fastify|@fastify|@nestjs/platform-fastify)(/|$)`;
const vagueName = String.raw`^(apps|libs|migrations)/(?:.*/|)(shared|common|util|utils|helper|helpers|misc)(/|\.ts$)`;
const barrel = String.raw`^(apps|libs|migrations)/(?:.*/|)index\.ts$`;

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** A module is entered by its door. */
const doors = [
  forbid(
    'module-through-contracts',
    'A module imports another module only through its contracts.ts; its stores may use what that module publishes for statements',
    { path: '^libs/([^/]+)/', pathNot: [foundation, documents] },
    { path: '^libs/', pathNot: ['^libs/$1/', foundation, documents, contracts, published] },
  ),
  forbid(
    'published-for-stores',
    'What a module publishes for statements is used where statements stand, in persistence/ and published/, and by its own contract',
    { path: '^(?:apps|libs)/', pathNot: ['^libs/[^/]+/src/(?:persistence|published)/', contracts] },
    { path: published },
  ),
  forbid(
    'app-through-contracts',
    'An app knows a module by its contracts.ts and its <module>.module.ts',
    { path: '^apps/' },
    { path: '^libs/', pathNot: [foundation, documents, '^libs/embedded-postgres/', contracts, moduleFile] },
  ),
  forbid(
    'kernel-imports-nothing',
    'The kernel is used by every module and imports none of them',
    { path: '^libs/kernel/' },
    { path: '^(apps|libs|migrations)/', pathNot: '^libs/kernel/' },
  ),
  forbid(
    'database-imports-no-module',
    'The database is used by every module and imports the kernel alone',
    { path: '^libs/database/' },
    { path: '^(apps|libs|migrations)/', pathNot: foundation },
  ),
  forbid(
    'documents-stand-on-the-kernel',
    'The kit of documents is used by every domain: it imports the pure files of the kernel, and class-validator',
    { path: documents, pathNot: spec },
    { path: ['^(apps|libs|migrations)/', library, outsideWorld], pathNot: [documents, pureKernel, validator] },
  ),
  forbid(
    'class-validator-in-documents',
    'A document class is made of the decorators of #document, whose fit the compiler checks',
    { path: '^(apps|libs)/', pathNot: [documents, spec] },
    { path: validator },
  ),
  forbid(
    'embedded-postgres-stands-alone',
    'The embedded Postgres can be started by any program',
    { path: '^libs/embedded-postgres/' },
    { path: '^(apps|libs|migrations)/', pathNot: '^libs/embedded-postgres/' },
  ),
  forbid(
    'http-knows-no-room',
    'http/ has the mechanism of endpoint kinds; a kind brings the renderer of its errors with it',
    { path: '^apps/server/src/http/', pathNot: spec },
    { path: '^apps/server/src/(admin|oauth|pages)/' },
  ),
  forbid('libs-import-no-app', 'Apps know modules, not the reverse', { path: '^libs/' }, { path: '^apps/' }),
  forbid(
    'contracts-are-types',
    'A contract names commands, queries, events and their types: it needs the kernel, documents, other contracts and its own domain',
    { path: String.raw`^libs/([^/]+)/src/contracts\.ts$` },
    { pathNot: ['^libs/kernel/', documents, transactions, contracts, '^libs/$1/src/(?:domain|published)/'] },
  ),
  forbid(
    'rooms-by-alias',
    'From room to room by the #alias of package.json; relative paths stay inside a room',
    { path: '^((?:libs|apps)/[^/]+)/', pathNot: spec },
    { path: '^(libs|apps|migrations)/', pathNot: '^$1/', dependencyTypesNot: ['aliased-subpath-import'] },
  ),
];

/** Inside a module. */
const layers = [
  forbid(
    'domain-without-framework',
    'The domain is rules and states: no framework, no database, no process, no file',
    { path: '^libs/[^/]+/src/domain/', pathNot: spec },
    { path: [library, outsideWorld], pathNot: validator },
  ),
  forbid(
    'domain-stays-inside',
    'The domain knows itself, the kit of documents, the types of contracts, and the pure files of the kernel',
    { path: '^libs/([^/]+)/src/domain/', pathNot: spec },
    {
      path: '^(apps|libs|migrations)/',
      pathNot: ['^libs/$1/src/domain/', documents, contracts, pureKernel],
    },
  ),
  forbid(
    'pure-kernel',
    'The files of the kernel that a domain may use are as pure as the domain',
    { path: pureKernel },
    { path: [library, outsideWorld, '^libs/'], pathNot: pureKernel },
  ),
  forbid(
    'persistence-is-the-bottom',
    'A store serves use cases and does not know them',
    { path: '^libs/([^/]+)/src/persistence/', pathNot: spec },
    { path: '^libs/$1/', pathNot: ['^libs/$1/src/(domain|persistence|published)/', String.raw`^libs/$1/src/contracts\.ts$`] },
  ),
  forbid(
    'sql-in-persistence',
    'typeorm and pg belong to persistence/, libs/database, the embedded Postgres and the migrations',
    { path: '^(apps|libs)/', pathNot: ['^libs/(?:database|embedded-postgres)/', '^libs/[^/]+/src/(?:persistence|published)/', spec] },
    { path: database },
  ),
  forbid('http-at-the-edge', 'Only apps speak HTTP', { path: '^libs/', pathNot: spec }, { path: edge }),
  forbid('migrations-alone', 'A migration outlives the code of its day', { path: '^migrations/', pathNot: spec }, {
    pathNot: ['^migrations/', '(^|node_modules/)typeorm(/|$)'],
  }),
];

/** The shape of the tree. */
const shape = [
  forbid('no-cycle', 'A cycle, of types too, is a wrong boundary', {}, { circular: true }),
  forbid('no-orphan', 'A file that nothing uses and that uses nothing', {
    orphan: true,
    pathNot: [spec, String.raw`^apps/[^/]+/src/main\.ts$`, '^migrations/', String.raw`\.d\.ts$`],
  }, {}),
  forbid('no-vague-room', 'A name that says nothing collects everything', { path: vagueName }, {}),
  forbid('no-vague-room-used', 'A name that says nothing collects everything', {}, { path: vagueName }),
  forbid('no-barrel', 'One door per module, and it is called contracts.ts', {}, { path: barrel }),
  forbid('kebab-case', 'File names are kebab-case', { path: '^(apps|libs)/.*[A-Z_][^/]*$' }, {}),
  // What start.mjs loads is built by it first.
  forbid('resolvable', 'An import that leads nowhere', {}, { couldNotResolve: true, pathNot: '(^|/)dist/' }),
  forbid(
    'no-development-dependency',
    'What runs in production is in dependencies',
    { path: '^(apps/server|libs|migrations)/', pathNot: spec },
    { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
  ),
];

export function houseRules() {
  return [...doors, ...layers, ...shape];
}

/** @returns {import('dependency-cruiser').ICruiseOptions} */
export function houseOptions() {
  return {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test)/' },
    // Types count: a contract that names the type of another module's inside is a deep import all the same.
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: { conditionNames: ['source', 'import', 'node', 'default', 'types'], exportsFields: ['exports'] },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default { forbidden: houseRules(), options: houseOptions() };
