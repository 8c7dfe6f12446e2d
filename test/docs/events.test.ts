import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = process.cwd();
const contracts = readdirSync(join(root, 'libs'))
  .map((room) => ({ room, file: join(root, 'libs', room, 'src/contracts.ts') }))
  .filter(({ file }) => existsSync(file));

interface Entry {
  readonly name: string;
  readonly type: string;
  readonly data: readonly string[];
}

/** The event classes: those with a static `type`. */
async function eventClasses(): Promise<{ name: string; type: string }[]> {
  const modules = await Promise.all(contracts.map(async ({ file }) => (await import(file)) as Record<string, unknown>));
  return modules.flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) =>
      typeof value === 'function' && 'type' in value && typeof value.type === 'string' ? [{ name, type: value.type }] : [],
    ),
  );
}

/** The fields of the data of each event. They are types, so they are read from the sources. */
function declaredData(): Map<string, string[]> {
  const files = contracts.map(({ file }) => ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true));
  const classes = files.flatMap(({ statements }) => statements.filter((statement) => ts.isClassDeclaration(statement)));
  return new Map(classes.map((declaration) => [declaration.name?.text ?? '', fieldsOf(declaration)]));
}

function fieldsOf(declaration: ts.ClassDeclaration): string[] {
  const data = declaration.heritageClauses?.[0]?.types[0]?.typeArguments?.[0];
  if (data === undefined || !ts.isTypeLiteralNode(data)) return [];
  return data.members.map((member) => member.name?.getText() ?? '');
}

function documented(): Entry[] {
  const rows = readFileSync(join(root, 'docs/events.md'), 'utf8').matchAll(/^\| `(\w+)` \| `(gatehouse\.[^`]+)` \| ([^|]+) \|/gm);
  return [...rows].map(([, name = '', type = '', data = '']) => ({
    name,
    type,
    data: [...data.matchAll(/`(\w+)`/g)].map(([, field = '']) => field),
  }));
}

const byName = (one: { name: string }, other: { name: string }): number => one.name.localeCompare(other.name);

describe('the catalogue in docs/events.md', () => {
  it('has a row for every event of the contracts, with its type and the fields of its data, and for no other', async () => {
    const fields = declaredData();
    const declared = (await eventClasses()).map(({ name, type }) => ({ name, type, data: fields.get(name) }));
    expect(declared.length).toBeGreaterThan(20);
    expect(documented().sort(byName)).toEqual(declared.sort(byName));
  });

  it('has each type once, in the form gatehouse.<module>.<event>.v<version>', async () => {
    const classes = await eventClasses();
    expect(new Set(classes.map(({ type }) => type)).size).toBe(classes.length);
    for (const { name, type } of classes) {
      const event = name.replaceAll(/(?<=.)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
      expect(type).toMatch(new RegExp(String.raw`^gatehouse\.[a-z-]+\.${event}\.v[1-9]\d*$`));
    }
  });
});
