import { inspect, REPOSITORY } from './inspect-tree.js';
import type { Inspection } from './inspect-tree.js';
import { HOUSE, inspectPlanted, PLANTS } from './planted.js';

const rulesBroken = (inspection: Inspection | undefined) => [...new Set(inspection?.violations.map(({ rule }) => rule))].sort();

describe('the house', () => {
  test('keeps its own rules', async () => {
    const [house] = await inspect([REPOSITORY]);
    expect(house?.violations).toEqual([]);
    expect(house?.files).toBeGreaterThan(Object.keys(HOUSE).length);
  });

  test('in small, with nothing planted, keeps them too', async () => {
    const [house] = await inspectPlanted([{}]);
    expect(house?.violations).toEqual([]);
    expect(house?.files).toBeGreaterThanOrEqual(Object.keys(HOUSE).length);
  });

  test('has a planted violation for every rule', async () => {
    const planted = new Set(PLANTS.flatMap(({ rules }) => rules));
    const [house] = await inspectPlanted([{}]);
    expect([...planted].sort()).toEqual([...(house?.rules ?? [])].sort());
  });
});

describe('a planted violation is caught', () => {
  let inspections: Inspection[];

  beforeAll(async () => {
    inspections = await inspectPlanted(PLANTS.map(({ files }) => files));
  }, 60_000);

  test.each(PLANTS.map((plant, index) => ({ ...plant, index })))('$title', ({ rules, index }) => {
    expect(rulesBroken(inspections[index])).toEqual([...rules].sort());
  });
});
