/** How values get into texts and onto pages: escaped, and fenced off from the words around them. */

export type Values = Readonly<Record<string, string | number>>;

const PLACEHOLDER = /\{(\w+)\}/g;
/** Controls, and the characters that turn the direction of what follows: a name of them could rewrite the sentence it stands in. */
const TREACHEROUS = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A name as it can be shown: the way it reads is the way it is stored. */
export function shown(value: string): string {
  return value.replaceAll(TREACHEROUS, '').trim();
}

/** The text with its values, for a place without markup such as the title of a window. */
export function fill(text: string, values: Values = {}): string {
  return text.replaceAll(PLACEHOLDER, (placeholder, name: string) => shown(String(values[name] ?? placeholder)));
}

/** The text as HTML. Each value stands in an element of its own, whose direction of writing ends where it does. */
export function say(text: string, values: Values = {}): string {
  return escapeHtml(text).replaceAll(PLACEHOLDER, (placeholder, name: string) => {
    return `<bdi>${escapeHtml(shown(String(values[name] ?? placeholder)))}</bdi>`;
  });
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** A moment in UTC, in the manner of the language. */
export function moment(time: Date, language: string): string {
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  return `${format.format(time)} UTC`;
}
