import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '#test/run-program.js';

const ROW = /^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm;
const page = readFileSync(join(REPOSITORY, 'docs/threat-model.md'), 'utf8');
const rows = [...page.matchAll(ROW)].filter(([, threat]) => !['threat', '---'].includes(threat ?? ''));

describe('docs/threat-model.md', () => {
  it('has each threat once', () => {
    const threats = rows.map(([, threat]) => threat);
    expect(threats.length).toBeGreaterThan(50);
    expect(new Set(threats).size).toBe(threats.length);
  });

  it.each(rows.map(([, threat = '', , proof = '']) => [threat, proof] as const))('names only test files for the threat: %s', (_, proof) => {
    for (const file of proof.split(', ')) expect(file).toMatch(/^`\S+\.(?:test|spec)\.ts`$/);
  });
});
