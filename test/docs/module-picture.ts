/**
 * Generates the diagram of `docs/architecture.md`: which module sends which commands and queries to which other one, and which events it
 * handles. It is read from the sources: `new Message(…)` of a message in a `contracts.ts`, and `@On(Event)`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import ts from 'typescript';

const KINDS = ['Command', 'Query', 'DomainEvent'] as const;
type Kind = (typeof KINDS)[number];

interface Message {
  readonly kind: Kind;
  readonly module: string;
}

interface Source {
  /** The name of a module, or of a folder of apps/server/src. */
  readonly room: string;
  readonly isContract: boolean;
  readonly tree: ts.SourceFile;
}

/** The folders of apps/server/src with their descriptions in the diagram. */
const EDGE: ReadonlyMap<string, string> = new Map([
  ['oauth', 'endpoints for clients'],
  ['pages', 'pages for people'],
  ['admin', 'for administrators'],
  ['http', 'forms, cookies, health'],
  ['telemetry', 'metrics and traces'],
  ['start', 'first start'],
  ['demo', 'the demo of a new database'],
]);

/** The relay gets every event. */
const RELAY = 'events';

/** A Mermaid flowchart in a fenced block. */
export function modulePicture(root: string): string {
  const sources = [...sourcesBelow(root, 'libs'), ...sourcesBelow(root, 'apps/server/src')];
  const contracts = sources.filter(({ isContract }) => isContract);
  const messages = new Map(contracts.flatMap(messagesOf));
  const [sent, handled] = [new Arrows(), new Arrows()];
  for (const { room, tree } of sources) {
    for (const [name, { kind, module }] of mentioned(tree, sentName, messages)) {
      if (kind !== 'DomainEvent' && module !== room) sent.add(room, module, name);
    }
    for (const [name, { module }] of mentioned(tree, handledName, messages)) handled.add(module, room, name);
  }
  const rooms = new Set([...sent.rooms, ...handled.rooms]);
  const unknown = [...rooms].filter((room) => !EDGE.has(room) && !contracts.some((contract) => contract.room === room));
  if (unknown.length > 0) throw new Error(`add a description of ${unknown.join(', ')} to EDGE in test/docs/module-picture.ts`);
  const lines = [
    'subgraph server ["apps/server: the HTTP edge"]',
    ...[...EDGE].filter(([room]) => rooms.has(room)).map(([room, text]) => `  ${box(room, text)}`),
    'end',
    ...contracts.filter(({ room }) => rooms.has(room)).map(({ room, tree }) => box(room, ownedBy(tree))),
    ...sent.drawn((from, to, names) => `${from} -->|"${names}"| ${to}`),
    ...handled.drawn((from, to, names) => `${from} -.->|"${names}"| ${to}`),
    ...contracts.flatMap(({ room, tree }) => {
      const count = declared(tree).filter(([, kind]) => kind === 'DomainEvent').length;
      return count === 0 ? [] : [`${idOf(room)} -.->|"${String(count)} events"| ${RELAY}`];
    }),
  ];
  return ['```mermaid', 'flowchart LR', ...lines.map((line) => `  ${line}`), '```'].join('\n');
}

/** The messages from one module to another. */
class Arrows {
  readonly rooms = new Set<string>();
  readonly #names = new Map<string, Set<string>>();

  add(from: string, to: string, name: string): void {
    this.rooms.add(from).add(to);
    const key = `${from} ${to}`;
    this.#names.set(key, (this.#names.get(key) ?? new Set()).add(name));
  }

  drawn(draw: (from: string, to: string, names: string) => string): string[] {
    return [...this.#names].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, names]) => {
      const [from = '', to = ''] = key.split(' ');
      return draw(idOf(from), idOf(to), [...names].toSorted().join('<br/>'));
    });
  }
}

/** In Mermaid a hyphen begins an arrow, so an identifier must not contain one. */
function idOf(room: string): string {
  return room.replaceAll('-', '_');
}

function box(room: string, text: string): string {
  return `${idOf(room)}["<b>${room}</b><br/>${text}"]`;
}

function sourcesBelow(root: string, folder: string): Source[] {
  const entries = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  const files = entries.filter((file) => file.endsWith('.ts') && !/\.(spec|d)\.ts$/.test(file)).toSorted();
  return files.map((file) => {
    const parts = file.split(sep);
    const first = parts[0] ?? '';
    const text = readFileSync(join(root, folder, file), 'utf8');
    const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
    return { room: folder === 'libs' || parts.length > 1 ? first : 'start', isContract: file.endsWith('contracts.ts'), tree };
  });
}

function messagesOf({ room, tree }: Source): [name: string, message: Message][] {
  return declared(tree).map(([name, kind]) => [name, { kind, module: room }]);
}

function declared(tree: ts.SourceFile): [name: string, kind: Kind][] {
  return tree.statements.filter(ts.isClassDeclaration).flatMap((declaration) => {
    const parent = declaration.heritageClauses?.[0]?.types[0]?.expression.getText();
    const kind = KINDS.find((one) => one === parent);
    return kind === undefined || declaration.name === undefined ? [] : [[declaration.name.text, kind]];
  });
}

type Messages = ReadonlyMap<string, Message>;

function mentioned(tree: ts.SourceFile, nameIn: (node: ts.Node) => string | undefined, messages: Messages): [string, Message][] {
  const found: [string, Message][] = [];
  const visit = (node: ts.Node): void => {
    const name = nameIn(node);
    const message = name === undefined ? undefined : messages.get(name);
    if (name !== undefined && message !== undefined) found.push([name, message]);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function sentName(node: ts.Node): string | undefined {
  return ts.isNewExpression(node) ? node.expression.getText() : undefined;
}

function handledName(node: ts.Node): string | undefined {
  if (!ts.isDecorator(node) || !ts.isCallExpression(node.expression)) return undefined;
  const { expression, arguments: given } = node.expression;
  return expression.getText() === 'On' ? given[0]?.getText() : undefined;
}

/** The first words of the comment at the top of a contract, up to its colon. */
function ownedBy(tree: ts.SourceFile): string {
  return /^\/\*\*\s*\*?\s*([^:*]+):/.exec(tree.text)?.[1]?.trim() ?? '';
}
