/** A small house that keeps every rule, and what to plant in it so that exactly one rule breaks. */
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect, REPOSITORY } from './inspect-tree.js';
import type { Inspection } from './inspect-tree.js';

type Tree = Readonly<Record<string, string>>;

export const HOUSE: Tree = {
  'apps/server/src/main.ts': "import { Server } from './server.module.js';\nvoid Server;",
  'apps/server/src/server.module.ts':
    "import { TokenModule } from '#token/token.module.js';\nimport { RedeemCode } from '#token/contracts.js';\n" +
    'export const Server = [TokenModule, RedeemCode];',
  'libs/kernel/src/clock.ts': 'export interface Clock { now(): Date }',
  'libs/database/src/database.ts': "import type { DataSource } from 'typeorm';\nexport type Database = DataSource;",
  'libs/kernel/src/bus.ts': "import { Injectable } from '@nestjs/common';\nexport const bus = Injectable;",
  'libs/kernel/src/errors.ts': 'export interface FieldError { rule: string }',
  'libs/document/src/decorators.ts':
    "import type { FieldError } from '#kernel/errors.js';\nimport { IsString } from 'class-validator';\n" +
    'export const Text = (error?: FieldError) => [IsString, error];',
  'libs/embedded-postgres/src/start.ts': "import { spawn } from 'node:child_process';\nexport const start = spawn;",
  'libs/authorization/src/contracts.ts':
    "import type { Code } from './domain/code.js';\nimport { bus } from '#kernel/bus.js';\n" +
    'export class TakeCode { code?: Code; bus = bus; }',
  'libs/authorization/src/domain/code.ts':
    "import type { Clock } from '#kernel/clock.js';\nimport type { Text } from '#document/decorators.js';\n" +
    "import { createHash } from 'node:crypto';\nexport interface Code { clock: Clock; hash: typeof createHash; text: typeof Text }",
  'libs/token/src/contracts.ts': "import { bus } from '#kernel/bus.js';\nexport class RedeemCode { bus = bus; }",
  'libs/token/src/token.module.ts': "import { redeem } from './redeem-code.js';\nexport const TokenModule = [redeem];",
  'libs/token/src/redeem-code.ts':
    "import { TakeCode } from '#authorization/contracts.js';\nimport { tokens } from './persistence/tokens.js';\n" +
    '/** select nothing from here */\nexport const redeem = [TakeCode, tokens];',
  'libs/token/src/persistence/tokens.ts':
    "import type { Database } from '#database/database.js';\nimport { EntitySchema } from 'typeorm';\n" +
    "export const tokens = (database: Database) => [EntitySchema, database, 'select id from tokens'];",
  'migrations/1-tokens.ts': "import type { QueryRunner } from 'typeorm';\nexport const up = (runner: QueryRunner) => runner;",
};

export interface Plant {
  /** What the violation is, as the title of its test. */
  readonly title: string;
  /** The rules that must turn red, and no other. */
  readonly rules: readonly string[];
  /** Files that replace those of the house or come to it. */
  readonly files: Tree;
}

const REDEEM = 'libs/token/src/redeem-code.ts';
const CODE = 'libs/authorization/src/domain/code.ts';
const after = (path: string, line: string): Tree => ({ [path]: `${HOUSE[path] ?? ''}\n${line}` });

export const PLANTS: readonly Plant[] = [
  {
    title: 'a deep import past the contracts of a module',
    rules: ['module-through-contracts'],
    files: after(REDEEM, "export { type Code } from '#authorization/domain/code.js';"),
  },
  {
    title: 'a deep import of a type alone',
    rules: ['module-through-contracts'],
    files: after(REDEEM, "import type { Code } from '#authorization/domain/code.js';\nexport type Deep = Code;"),
  },
  {
    title: 'an import of the module class of another module',
    rules: ['module-through-contracts'],
    files: {
      ...after(REDEEM, "import { A } from '#authorization/authorization.module.js';\nexport const a = A;"),
      'libs/authorization/src/authorization.module.ts': 'export const A = 1;',
    },
  },
  {
    title: 'an import in an app past the contracts of a module',
    rules: ['app-through-contracts'],
    files: after('apps/server/src/main.ts', "import { redeem } from '#token/redeem-code.js';\nvoid redeem;"),
  },
  {
    title: 'an import of a module in the kernel',
    rules: ['kernel-imports-nothing'],
    files: after('libs/kernel/src/bus.ts', "export type { Database } from '#database/database.js';"),
  },
  {
    title: 'an import of a module in the database',
    rules: ['database-imports-no-module'],
    files: after('libs/database/src/database.ts', "export type { RedeemCode } from '#token/contracts.js';"),
  },
  {
    title: 'a kit of documents that knows a module',
    rules: ['documents-stand-on-the-kernel'],
    files: after('libs/document/src/decorators.ts', "export type { RedeemCode } from '#token/contracts.js';"),
  },
  {
    title: 'a framework in the kit of documents',
    rules: ['documents-stand-on-the-kernel'],
    files: after('libs/document/src/decorators.ts', "export { Injectable } from '@nestjs/common';"),
  },
  {
    title: 'a decorator of class-validator in a domain, past the types of the kit',
    rules: ['class-validator-in-documents'],
    files: after(CODE, "export { IsString } from 'class-validator';"),
  },
  {
    title: 'an import of the kernel in the embedded Postgres',
    rules: ['embedded-postgres-stands-alone'],
    files: after('libs/embedded-postgres/src/start.ts', "export { bus } from '#kernel/bus.js';"),
  },
  {
    title: 'an import of an app in a module',
    rules: ['libs-import-no-app'],
    files: {
      ...after(REDEEM, "import { PORT } from '#server/config/config.js';\nexport const port = PORT;"),
      'apps/server/src/config/config.ts': 'export const PORT = 1;',
    },
  },
  {
    title: 'an import of pages/ in http/',
    rules: ['http-knows-no-room'],
    files: {
      'apps/server/src/http/error-filter.ts': "import { render } from '../pages/error-page.js';\nexport const filter = render;",
      'apps/server/src/pages/error-page.ts': 'export const render = 1;',
    },
  },
  {
    title: 'an import of a use case in a contract',
    rules: ['contracts-are-types'],
    files: {
      'libs/token/src/contracts.ts': "import { mint } from './mint.js';\nexport class RedeemCode { mint = mint; }",
      'libs/token/src/mint.ts': 'export const mint = 1;',
    },
  },
  {
    title: 'an import of a framework in a contract',
    rules: ['contracts-are-types'],
    files: after('libs/token/src/contracts.ts', "export { Injectable } from '@nestjs/common';"),
  },
  {
    title: 'a relative path from one module into another',
    rules: ['rooms-by-alias'],
    files: after(REDEEM, "export { TakeCode as Again } from '../../authorization/src/contracts.js';"),
  },
  {
    title: 'a framework in domain/',
    rules: ['domain-without-framework'],
    files: after(CODE, "export { Injectable } from '@nestjs/common';"),
  },
  {
    title: 'a database in domain/',
    rules: ['domain-without-framework', 'sql-in-persistence'],
    files: after(CODE, "export { EntitySchema } from 'typeorm';"),
  },
  {
    title: 'the file system in domain/',
    rules: ['domain-without-framework'],
    files: after(CODE, "export { readFileSync } from 'node:fs';"),
  },
  {
    title: 'an import of the database in domain/',
    rules: ['domain-stays-inside'],
    files: after(CODE, "export type { Database } from '#database/database.js';"),
  },
  {
    title: 'an import of a store in domain/',
    rules: ['domain-stays-inside'],
    files: {
      ...after(CODE, "export { codes } from '../persistence/codes.js';"),
      'libs/authorization/src/persistence/codes.ts': 'export const codes = 1;',
    },
  },
  {
    title: 'a framework in a file of the kernel that a domain may use',
    rules: ['pure-kernel'],
    files: after('libs/kernel/src/clock.ts', "export { Injectable } from '@nestjs/common';"),
  },
  {
    title: 'an import of a use case in a store',
    rules: ['persistence-is-the-bottom'],
    files: {
      ...after('libs/token/src/persistence/tokens.ts', "export { mint } from '../mint.js';"),
      'libs/token/src/mint.ts': 'export const mint = 1;',
    },
  },
  {
    title: 'typeorm in a use case',
    rules: ['sql-in-persistence'],
    files: after(REDEEM, "export { EntitySchema } from 'typeorm';"),
  },
  {
    title: 'a type of pg in a controller',
    rules: ['sql-in-persistence'],
    files: after('apps/server/src/main.ts', "export type { Pool } from 'pg';"),
  },
  {
    title: 'a statement in a use case that imports no database',
    rules: ['sql-in-persistence'],
    files: after(REDEEM, 'export const sql = `\n  UPDATE tokens SET state = 1`;'),
  },
  {
    title: 'a statement in brackets, for others to splice in',
    rules: ['sql-in-persistence'],
    files: after(CODE, 'export const subOf = `(SELECT sub FROM codes)`;'),
  },
  {
    title: 'published columns in a use case',
    rules: ['published-for-stores'],
    files: {
      ...after(REDEEM, "export { columns } from '#authorization/published/columns.js';"),
      'libs/authorization/src/published/columns.ts': "import { bus } from '#kernel/bus.js';\nexport const columns = bus;",
    },
  },
  {
    title: 'HTTP in a module',
    rules: ['http-at-the-edge'],
    files: after(REDEEM, "export type { FastifyRequest } from 'fastify';"),
  },
  {
    title: 'a migration that uses the code of a module',
    rules: ['migrations-alone'],
    files: after('migrations/1-tokens.ts', "export { RedeemCode } from '#token/contracts.js';"),
  },
  {
    title: 'a cycle of two files',
    rules: ['no-cycle'],
    files: {
      ...after(REDEEM, "export { mint } from './mint.js';"),
      'libs/token/src/mint.ts': "import { redeem } from './redeem-code.js';\nexport const mint = redeem;",
    },
  },
  {
    title: 'a cycle of types alone, between two modules',
    rules: ['no-cycle'],
    files: {
      ...after('libs/token/src/contracts.ts', "export type { TakeCode } from '#authorization/contracts.js';"),
      ...after('libs/authorization/src/contracts.ts', "export type { RedeemCode } from '#token/contracts.js';"),
    },
  },
  {
    title: 'a file that nothing uses',
    rules: ['no-orphan'],
    files: { 'libs/token/src/forgotten.ts': 'export const forgotten = 1;' },
  },
  ...['shared', 'common', 'utils', 'helpers'].map((room) => ({
    title: `a ${room} folder`,
    rules: ['no-vague-room', 'no-vague-room-used'],
    files: {
      ...after(REDEEM, `export { text } from './${room}/text.js';`),
      [`libs/token/src/${room}/text.ts`]: "export { bus as text } from '#kernel/bus.js';",
    },
  })),
  {
    title: 'a barrel',
    rules: ['no-barrel'],
    files: {
      ...after(REDEEM, "export { text } from './index.js';"),
      'libs/token/src/index.ts': "export { bus as text } from '#kernel/bus.js';",
    },
  },
  {
    title: 'a file name in capitals',
    rules: ['kebab-case'],
    files: {
      ...after(REDEEM, "export { text } from './mintToken.js';"),
      'libs/token/src/mintToken.ts': "export { bus as text } from '#kernel/bus.js';",
    },
  },
  {
    title: 'an import of a missing file',
    rules: ['resolvable'],
    files: after(REDEEM, "export { gone } from './gone.js';"),
  },
  {
    title: 'a package of the tests in production code',
    rules: ['no-development-dependency'],
    files: after(REDEEM, "export { parse } from 'yaml';"),
  },
];

/** Builds one house per set of files in a temporary folder, inspects them all and takes them away again. */
export async function inspectPlanted(plants: readonly Tree[]): Promise<Inspection[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-planted-'));
  try {
    const roots = plants.map((_, index) => join(folder, String(index)));
    await Promise.all(plants.map((files, index) => build(roots[index]!, { ...HOUSE, ...files })));
    return await inspect(roots);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function build(root: string, files: Tree): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await copyFile(join(REPOSITORY, 'package.json'), join(root, 'package.json'));
  await symlink(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'), 'junction');
}
