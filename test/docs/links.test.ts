import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const root = process.cwd();
const SOURCES = ['apps', 'libs', 'migrations', 'test', 'docs'] as const;
const PAGES = ['README.md', ...filesIn('docs').filter((file) => file.endsWith('.md'))];

function filesIn(directory: string): string[] {
  return readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

/** The page without its code blocks, whose paths are on the machine of the reader. */
function proseOf(page: string): string {
  return readFileSync(join(root, page), 'utf8').replaceAll(/^```.*?^```/gms, '');
}

function relativeLinks(prose: string): string[] {
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)|\b(?:src|srcset)="([^"]+)"/g)].map(([, link, source]) => link ?? source ?? '');
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors of the headings of a page. */
function anchorsOf(page: string): string[] {
  const headings = [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-'));
}

function isBroken(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#', 2);
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(root, target))) return true;
  return anchor !== undefined && !anchorsOf(target).includes(anchor);
}

function namesOf(prose: string): string[] {
  return [...prose.matchAll(/`([\w.@-]+(?:\/[\w.@-]+)*\/?)`/g)].map(([, name = '']) => name);
}

/** Paths from the root, such as `libs/token/src`, that do not exist. */
function missingPaths(prose: string): string[] {
  const paths = namesOf(prose).filter((name) => SOURCES.some((directory) => name.startsWith(`${directory}/`)));
  return paths.filter((path) => !existsSync(join(root, path)));
}

describe('the pages for readers', () => {
  const names = new Set([...SOURCES.flatMap(filesIn).map((file) => basename(file)), ...readdirSync(root)]);

  it('are found', () => {
    expect(PAGES.length).toBeGreaterThan(8);
    expect(relativeLinks(proseOf('README.md')).length).toBeGreaterThan(5);
  });

  it.each(PAGES)('%s has no broken link', (page) => {
    expect(relativeLinks(proseOf(page)).filter((link) => isBroken(page, link))).toEqual([]);
  });

  it('show small pictures in both themes', () => {
    const pictures = relativeLinks(proseOf('README.md')).filter((link) => link.endsWith('.png'));
    expect(pictures.filter((file) => file.endsWith('-light.png'))).toHaveLength(4);
    expect(pictures.filter((file) => file.endsWith('-dark.png'))).toHaveLength(4);
    expect(pictures.filter((file) => statSync(join(root, file)).size > 80_000)).toEqual([]);
  });

  it.each(PAGES)('%s names existing directories and files only', (page) => {
    expect(missingPaths(proseOf(page))).toEqual([]);
    const files = namesOf(proseOf(page)).filter((name) => /^[\w-]+(\.[\w-]+)*\.(ts|mjs|md|yml)$/.test(name));
    expect(files.filter((file) => !names.has(file))).toEqual([]);
  });
});
