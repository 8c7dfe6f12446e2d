/** `npm run docs`: writes the generated pages. */
import { writeFileSync } from 'node:fs';
import { currentText, generatedPages } from './pages.js';

for (const { path, text } of generatedPages()) {
  const isNew = currentText(path) !== text;
  if (isNew) writeFileSync(path, text);
  process.stdout.write(`${path}: ${isNew ? 'written' : 'up to date'}\n`);
}
