/**
 * The fenced blocks of a page, as the reader meets them: `sh` is to be typed, `json`, `http` and `text` are what the last command
 * before them prints. A command that no test can run says why in the line that opens its block: `sh not-run: <reason>`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './start.js';

interface Fence {
  readonly language: string;
  /** What follows the language; readers of the rendered page do not see it. */
  readonly note: string;
  readonly text: string;
  readonly line: number;
}

export interface Step {
  /** Where the block begins in its page. */
  readonly line: number;
  readonly commands: string;
  /** Why it is not run; undefined where it is. */
  readonly notRun: string | undefined;
  readonly shown: Pick<Fence, 'language' | 'text'> | undefined;
}

const OUTPUTS = ['json', 'http', 'text'];
/** Neither commands nor what they print: pictures in letters, and code that compilers know. */
const OTHERS = ['', 'ts', 'mermaid'];
const COMMAND = /^(?:\$ |(?:curl|npm|npx|node|docker|psql|pg_dump|export|systemctl) |(?:GET|POST|PUT|PATCH|DELETE) \/)/m;
const NOT_RUN = /^not-run: (\S+(?: \S+){3,})$/;

/** The README, and what else is written for readers. */
export function pagesForReaders(): { page: string; text: string }[] {
  const inFolders = ['docs', 'examples'].flatMap((folder) =>
    readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  const pages = ['README.md', ...inFolders.filter((file) => file.endsWith('.md')).sort()];
  return pages.map((page) => ({ page, text: readFileSync(join(REPOSITORY, page), 'utf8') }));
}

/** The commands of a page in their order, with what is shown of their output. */
export function stepsOf(markdown: string): Step[] {
  const fences = fencesOf(markdown);
  return fences.flatMap((fence, index) => {
    if (fence.language !== 'sh') return [];
    const next = fences[index + 1];
    const shown = next !== undefined && OUTPUTS.includes(next.language) ? next : undefined;
    return [{ line: fence.line, commands: fence.text, notRun: NOT_RUN.exec(fence.note)?.[1], shown }];
  });
}

/** What keeps blocks of a page from being tried out, one sentence for each. */
export function problemsOf(markdown: string): string[] {
  const fences = fencesOf(markdown);
  return fences.flatMap((fence, index) => {
    const problem = problemOf(fence, fences[index - 1]);
    return problem === undefined ? [] : [`line ${String(fence.line)}: ${problem}`];
  });
}

function problemOf({ language, note, text }: Fence, before: Fence | undefined): string | undefined {
  if (language === 'sh') return note === '' || NOT_RUN.test(note) ? undefined : `"${note}" is not "not-run: " and a reason of four words`;
  if (OUTPUTS.includes(language)) return before?.language === 'sh' ? undefined : `${language} that no command before it prints`;
  if (!OTHERS.includes(language)) return `the language ${language} is not known here`;
  return language === '' && COMMAND.test(text) ? 'a command outside of a block of sh' : undefined;
}

function fencesOf(markdown: string): Fence[] {
  return [...markdown.matchAll(/^```(\S*) ?(.*)\n([\s\S]*?)^```$/gm)].map(({ index, 1: language = '', 2: note = '', 3: text = '' }) => ({
    language,
    note,
    text,
    line: markdown.slice(0, index).split('\n').length,
  }));
}
