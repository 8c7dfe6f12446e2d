import { currentText, generatedPages } from './pages.js';

describe('the pages that "npm run docs" writes', () => {
  it.each(generatedPages())('$path is as the code is now', ({ path, text }) => {
    expect(currentText(path)).toBe(text);
  });
});
