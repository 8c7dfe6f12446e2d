import { CHECK_LISTS } from './check-lists.js';

const lists = Object.entries(CHECK_LISTS);

describe('the checks of the server', () => {
  it.each(lists)('%s: each check has a name of its own', (_, checks) => {
    const ids = checks.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(3);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it.each(lists)('%s: each check names the section that asks for it', (_, checks) => {
    for (const { section } of checks) expect(section).toMatch(/^(RFC \d+|OIDC Core|Multiple Response Types) §\d+(\.\d+)*$/);
  });
});
