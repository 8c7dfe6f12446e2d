/**
 * Checks a source tree against the rules of the architecture: those of `.dependency-cruiser.mjs`, and the rule that SQL is written in
 * persistence/ only, which imports do not show.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';

export const REPOSITORY = join(import.meta.dirname, '..', '..');
const CONFIGURATION = join(REPOSITORY, '.dependency-cruiser.mjs');
const ROOMS = ['apps', 'libs', 'migrations'];

export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

interface Summary {
  readonly totalCruised: number;
  readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
  readonly violations: readonly { readonly rule: { readonly name: string }; readonly from: string; readonly to: string }[];
}

// dependency-cruiser consists of ES modules, which jest cannot load, so it runs in a process of its own.
const CRUISE = `
  import { cruise } from 'dependency-cruiser';
  import { houseOptions, houseRules } from ${JSON.stringify(CONFIGURATION)};
  const rooms = ${JSON.stringify(ROOMS)};
  const options = { ...houseOptions(), preserveSymlinks: true, validate: true, ruleSet: { forbidden: houseRules() } };
  const summaries = [];
  for (const baseDir of process.argv.slice(1)) summaries.push((await cruise(rooms, { ...options, baseDir })).output.summary);
  process.stdout.write(JSON.stringify(summaries));
`;

export interface Inspection {
  readonly violations: readonly Violation[];
  /** The number of checked files. */
  readonly files: number;
  /** The names of all checked rules. */
  readonly rules: readonly string[];
}

/** Inspects the trees below these roots, which have the layout of this repository. The results are in the same order. */
export async function inspect(roots: readonly string[]): Promise<Inspection[]> {
  const script = ['--input-type=module', '--eval', CRUISE, '--', ...roots];
  const { stdout } = await promisify(execFile)(process.execPath, script, { cwd: REPOSITORY, maxBuffer: 64 * 1024 * 1024 });
  const summaries = JSON.parse(stdout) as Summary[];
  return summaries.map((summary, index) => {
    const imports = summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
    const rules = summary.ruleSetUsed.forbidden.map(({ name }) => name);
    return { violations: [...imports, ...strayStatements(roots[index]!)], files: summary.totalCruised, rules };
  });
}

const STATEMENT = /^[\s(]*(select\b[^;]*\bfrom|insert\s+into|update\s+\S+\s+set|delete\s+from|with\s+\w+\s+as\s*\(|(create|alter|drop)\s+table)\b/i;
const SQL_ROOMS = /^(libs\/(database|embedded-postgres)|libs\/[^/]+\/src\/(persistence|published)|migrations)\/|\.spec\.ts$/;

function strayStatements(root: string): Violation[] {
  return ROOMS.flatMap((room) => typescriptFiles(join(root, room)))
    .map((path) => ({ path, from: relative(root, path) }))
    .filter(({ from }) => !SQL_ROOMS.test(from))
    .flatMap(({ path, from }) => literals(path).filter((text) => STATEMENT.test(text)).map((text) => ({ from, text })))
    .map(({ from, text }) => ({ rule: 'sql-in-persistence', from, to: text.trim().slice(0, 40) }));
}

function typescriptFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

/** The texts of all strings and templates of a file, without comments, which may mention SQL. */
function literals(path: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest));
  return found;
}
