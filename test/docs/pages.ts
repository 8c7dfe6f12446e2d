/** The pages of `docs/` that are generated from the code, as a whole or between markers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkLists } from './check-lists.js';
import { configurationPage } from './configuration-page.js';
import { modulePicture } from './module-picture.js';

export interface GeneratedPage {
  /** The path from the root of the repository. */
  readonly path: string;
  readonly text: string;
}

const ROOT = join(import.meta.dirname, '../..');
const BEGIN = '<!-- Written by "npm run docs" from here -->';
const END = '<!-- to here -->';

export function generatedPages(): readonly GeneratedPage[] {
  return [
    { path: 'docs/configuration.md', text: configurationPage() },
    { path: 'docs/architecture.md', text: between('docs/architecture.md', modulePicture(ROOT)) },
    { path: 'docs/protocol.md', text: between('docs/protocol.md', checkLists()) },
  ];
}

export function currentText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function between(path: string, part: string): string {
  const text = currentText(path);
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${path} has no markers for the generated part: ${BEGIN} … ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${part.trim()}\n\n${text.slice(end)}`;
}
