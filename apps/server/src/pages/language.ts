/** Chooses the language of a page. Each language is one file of texts and one line here. */
import { de } from './texts/de.js';
import { en, type Texts } from './texts/en.js';
import { fr } from './texts/fr.js';

export const LANGUAGES = { en, de, fr } as const satisfies Record<string, Texts>;

export type Language = keyof typeof LANGUAGES;

const FALLBACK: Language = 'en';
/** A browser lists far fewer, but a header of 16 KiB could list thousands. */
const MAX_RANGES = 50;

/** The first supported language of `ui_locales` (OIDC Core §3.1.2.1), otherwise of `Accept-Language`, otherwise English. */
export function chooseLanguage(uiLocales: readonly string[], acceptLanguage: string | undefined): Language {
  const wanted = [...uiLocales.slice(0, MAX_RANGES), ...rangesOf(acceptLanguage ?? '')];
  return wanted.map(primary).find(isLanguage) ?? FALLBACK;
}

/** The accepted ranges by weight; ranges of equal weight keep their order (RFC 9110 §12.5.4). */
function rangesOf(header: string): string[] {
  const ranges = header.split(',', MAX_RANGES).map((part) => {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    const weight = parameters.find((parameter) => /^q=/i.test(parameter))?.slice(2);
    return { range, weight: weight === undefined ? 1 : Number(weight) };
  });
  return ranges.filter(({ weight }) => weight > 0).sort((one, other) => other.weight - one.weight).map(({ range }) => range);
}

/** The language of a tag, without its script and region (RFC 5646 §2.1). */
function primary(tag: string): string {
  return tag.split('-', 1)[0]?.toLowerCase() ?? '';
}

function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(LANGUAGES, tag);
}
