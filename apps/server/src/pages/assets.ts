/** The files that pages load: one stylesheet and one icon, both from this server. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const styles = readFileSync(join(import.meta.dirname, 'views/pages.css'), 'utf8');

/** The path has a hash of the content, so browsers may keep the file for good. */
export const STYLESHEET = {
  path: `/styles/${createHash('sha256').update(styles).digest('base64url').slice(0, 12)}.css`,
  text: styles,
} as const;

/** The icon that browsers show beside the title of a page. */
export const ICON = {
  path: '/icon.svg',
  text: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#17573f" d="M0 32V16a16 16 0 0 1 32 0v16z"/>'
    + '<path fill="#fff" d="M7 26V16a9 9 0 0 1 18 0v10h-5.5v-9a3.5 3.5 0 0 0-7 0v9z"/></svg>',
} as const;
