/** Puts values into texts and pages, escaped and isolated from the words around them. */

export type Values = Readonly<Record<string, string | number>>;

const PLACEHOLDER = /\{(\w+)\}/g;
/** Control characters, and characters that change the direction of writing. A name with them could rewrite the sentence around it. */
const TREACHEROUS = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A name without characters that change how it reads. */
export function shown(value: string): string {
  return value.replaceAll(TREACHEROUS, '').trim();
}

/** The text with its values, for a place without markup such as the title of a window. */
export function fill(text: string, values: Values = {}): string {
  return text.replaceAll(PLACEHOLDER, (placeholder, name: string) => shown(String(values[name] ?? placeholder)));
}

/** The text as HTML. Each value has its own `bdi` element, so its direction of writing affects nothing else. */
export function say(text: string, values: Values = {}): string {
  return escapeHtml(text).replaceAll(PLACEHOLDER, (placeholder, name: string) => {
    return `<bdi>${escapeHtml(shown(String(values[name] ?? placeholder)))}</bdi>`;
  });
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** A moment in UTC, in the format of the language. */
export function moment(time: Date, language: string): string {
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  return `${format.format(time)} UTC`;
}
