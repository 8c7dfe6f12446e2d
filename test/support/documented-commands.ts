/**
 * The fenced blocks of a page. A reader types blocks of `sh`; blocks of `json`, `http` and `text` show the output of the command before
 * them. If no test can run a command, the opening line of its block says why: `sh not-run: <reason>`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './run-program.js';

interface Fence {
  readonly language: string;
  /** The text after the language, which a rendered page does not show. */
  readonly note: string;
  readonly text: string;
  readonly line: number;
}

export interface Step {
  /** The line of the page at which the block begins. */
  readonly line: number;
  readonly commands: string;
  /** Why the block is not run; undefined if it is run. */
  readonly notRun: string | undefined;
  readonly shown: Pick<Fence, 'language' | 'text'> | undefined;
}

const OUTPUTS = ['json', 'http', 'text'];
/** Languages of blocks that are neither commands nor output, for example diagrams and code. */
const OTHERS = ['', 'ts', 'mermaid'];
const COMMAND = /^(?:\$ |(?:curl|npm|npx|node|docker|psql|pg_dump|export|systemctl) |(?:GET|POST|PUT|PATCH|DELETE) \/)/m;
const NOT_RUN = /^not-run: (\S+(?: \S+){3,})$/;

/** The README and all pages of `docs/` and `examples/`. */
export function pagesForReaders(): { page: string; text: string }[] {
  const inFolders = ['docs', 'examples'].flatMap((folder) =>
    readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  const pages = ['README.md', ...inFolders.filter((file) => file.endsWith('.md')).sort()];
  return pages.map((page) => ({ page, text: readFileSync(join(REPOSITORY, page), 'utf8') }));
}

/** The commands of a page in their order, each with the output that the page shows for it. */
export function stepsOf(markdown: string): Step[] {
  const fences = fencesOf(markdown);
  return fences.flatMap((fence, index) => {
    if (fence.language !== 'sh') return [];
    const next = fences[index + 1];
    const shown = next !== undefined && OUTPUTS.includes(next.language) ? next : undefined;
    return [{ line: fence.line, commands: fence.text, notRun: NOT_RUN.exec(fence.note)?.[1], shown }];
  });
}

/** One sentence for each block that cannot be tested. */
export function problemsOf(markdown: string): string[] {
  const fences = fencesOf(markdown);
  return fences.flatMap((fence, index) => {
    const problem = problemOf(fence, fences[index - 1]);
    return problem === undefined ? [] : [`line ${String(fence.line)}: ${problem}`];
  });
}

function problemOf({ language, note, text }: Fence, before: Fence | undefined): string | undefined {
  if (language === 'sh') return note === '' || NOT_RUN.test(note) ? undefined : `"${note}" must be "not-run: " with a reason of four words`;
  if (OUTPUTS.includes(language)) return before?.language === 'sh' ? undefined : `the block of ${language} does not follow a block of sh`;
  if (!OTHERS.includes(language)) return `the language ${language} is not supported`;
  return language === '' && COMMAND.test(text) ? 'a command must be in a block of sh' : undefined;
}

function fencesOf(markdown: string): Fence[] {
  return [...markdown.matchAll(/^```(\S*) ?(.*)\n([\s\S]*?)^```$/gm)].map(({ index, 1: language = '', 2: note = '', 3: text = '' }) => ({
    language,
    note,
    text,
    line: markdown.slice(0, index).split('\n').length,
  }));
}
