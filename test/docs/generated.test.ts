import { currentText, generatedPages } from './pages.js';

describe('the pages that "npm run docs" generates', () => {
  it.each(generatedPages())('$path is up to date', ({ path, text }) => {
    expect(currentText(path)).toBe(text);
  });
});
