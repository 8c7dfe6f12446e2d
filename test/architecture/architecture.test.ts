import { inspect, REPOSITORY } from './inspect-tree.js';
import type { Inspection } from './inspect-tree.js';
import { HOUSE, inspectPlanted, PLANTS } from './planted.js';

const rulesBroken = (inspection: Inspection | undefined) => [...new Set(inspection?.violations.map(({ rule }) => rule))].sort();

describe('the architecture', () => {
  test('the repository has no violation', async () => {
    const [inspection] = await inspect([REPOSITORY]);
    expect(inspection?.violations).toEqual([]);
    expect(inspection?.files).toBeGreaterThan(Object.keys(HOUSE).length);
  });

  test('the sample project without a planted violation has none', async () => {
    const [inspection] = await inspectPlanted([{}]);
    expect(inspection?.violations).toEqual([]);
    expect(inspection?.files).toBeGreaterThanOrEqual(Object.keys(HOUSE).length);
  });

  test('every rule has a planted violation', async () => {
    const planted = new Set(PLANTS.flatMap(({ rules }) => rules));
    const [inspection] = await inspectPlanted([{}]);
    expect([...planted].sort()).toEqual([...(inspection?.rules ?? [])].sort());
  });
});

describe('a planted violation is reported', () => {
  let inspections: Inspection[];

  beforeAll(async () => {
    inspections = await inspectPlanted(PLANTS.map(({ files }) => files));
  }, 60_000);

  test.each(PLANTS.map((plant, index) => ({ ...plant, index })))('$title', ({ rules, index }) => {
    expect(rulesBroken(inspections[index])).toEqual([...rules].sort());
  });
});
