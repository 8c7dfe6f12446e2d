/** Generates `docs/configuration.md` from the settings of the server. */
import { SETTINGS } from '#server/config/settings.js';
import { INTRODUCTION, TOPICS } from '#server/config/settings-explained.js';

export function configurationPage(): string {
  const rows = Object.entries(SETTINGS).map(([name, setting]) => {
    const fallback = 'value' in setting ? `\`${setting.value}\`` : setting.otherwise;
    return `| \`${name}\` | ${fallback} | ${setting.meaning} |`;
  });
  const table = ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
  const topics = TOPICS.map(({ title, text }) => `## ${title}\n\n${text.trim()}`);
  return `${['# Configuration', INTRODUCTION.trim(), table, ...topics].join('\n\n')}\n`;
}
