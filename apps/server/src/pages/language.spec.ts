import { chooseLanguage, LANGUAGES } from './language.js';

describe('the language of a page', () => {
  it.each([
    [[], undefined, 'en'],
    [[], '', 'en'],
    [[], 'de', 'de'],
    [[], 'de-AT,de;q=0.9,en;q=0.8', 'de'],
    [[], 'FR-ca', 'fr'],
    [[], 'en;q=0.5, fr;q=0.9', 'fr'],
    [[], 'de;q=0, fr;q=0.1', 'fr'],
    [[], 'nl, ja;q=0.9, de;q=0.1', 'de'],
    [[], 'nl, *;q=0.5', 'en'],
    [[], 'de;q=nonsense, fr', 'fr'],
    [[], 'constructor, __proto__, toString', 'en'],
    [[], `${'nl,'.repeat(5000)}de`, 'en'],
    [['fr'], 'de', 'fr'],
    [['nl', 'de-CH'], 'fr', 'de'],
    [['nl'], 'fr', 'fr'],
  ])('for ui_locales %j and Accept-Language %j is %s', (uiLocales, acceptLanguage, language) => {
    expect(chooseLanguage(uiLocales, acceptLanguage?.slice(0, 20_000))).toBe(language);
  });
});

interface Tree {
  readonly [name: string]: string | Tree;
}

/** Each text with its path, for example `login.problems.wrong`. */
function flat(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'string' ? [[path + name, value] as [string, string]] : flat(value, `${path}${name}.`),
  );
}

const placeholders = (text: string): string[] => [...text.matchAll(/\{\w*\}/g)].map(([placeholder]) => placeholder).sort();

describe('the texts', () => {
  const english = new Map(flat(LANGUAGES.en));

  it.each(Object.entries(LANGUAGES))('%s has exactly the texts of English, with the same placeholders', (_name, texts) => {
    const own = flat(texts);
    expect(own.map(([path]) => path)).toEqual([...english.keys()]);
    for (const [path, text] of own) {
      expect([path, placeholders(text)]).toEqual([path, placeholders(english.get(path) ?? '')]);
      expect([path, text.trim()]).toEqual([path, text]);
      expect(text).not.toBe('');
    }
  });

  it('are translated, except for a few words that are the same', () => {
    for (const texts of [LANGUAGES.de, LANGUAGES.fr]) {
      const same = flat(texts).filter(([path, text]) => english.get(path) === text);
      expect(same.length).toBeLessThan(8);
    }
  });
});
