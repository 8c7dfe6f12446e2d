import {
  ArrayMaxSize,
  ArrayUnique,
  Describe,
  EACH,
  IsBoolean,
  IsDefined,
  IsInt,
  IsNullable,
  Matches,
  Max,
  Min,
  Nested,
  ReadOnly,
  SetOnce,
  WriteOnly,
} from './decorators.js';
import type { JsonObject } from './json.js';
import { documentSchema, newSchema, patchSchema, shownSchema } from './document-schema.js';
import { complete, represent } from './members.js';
import { admitsBy, IsText, IsTimestamp, narrowsBy } from './own-checks.js';
import { type Read, readNew, readPatch, readReplacement, type Rules } from './read-document.js';

let looks = 0;
const Looks = narrowsBy<string>({
  name: 'looks',
  schema: {},
  problem: (value) => {
    looks += 1;
    return value === 'bad' ? { rule: 'bad', detail: 'must not be bad' } : undefined;
  },
});

const IsKey = admitsBy<string>({
  name: 'isKey',
  schema: { type: 'string', maxLength: 9 },
  problem: (value) => (value === 'key' ? undefined : { rule: 'key', detail: 'must be the key' }),
});

class Room {
  @Describe('Its floor.') @IsInt() @Min(0) @Max(9) readonly floor?: number;
  @IsText(20) readonly door?: string;
  @IsDefined() @IsBoolean() readonly warm!: boolean;
  @IsText(20) readonly colour: string = 'grey';
}

class House {
  static readonly noun = 'a house';

  @IsKey() @IsDefined() @SetOnce() readonly id!: string;
  @Describe('What it is called.') @IsText(10) @Looks() @IsNullable() readonly name: string | null = null;
  @ArrayMaxSize(4) @ArrayUnique() @IsText(10, EACH) @Looks(EACH) readonly colours: readonly string[] = ['white'];
  @IsText(10) @Matches(/^[a-z]*$/) readonly style: string = 'plain';
  @IsDefined() @IsBoolean() readonly locked: boolean = false;
  @Nested(Room) readonly attic?: Room;
  @IsDefined({ validateIf: ({ hash }) => hash === undefined }) @IsText(10) @WriteOnly() readonly word?: string;
  @IsText(10) @SetOnce() @WriteOnly() readonly hash?: string;
  @IsTimestamp() @ReadOnly() readonly built_at?: string;
}

const NEW = { id: 'key', word: 'sesame' };
const ATTIC = { floor: 1, door: 'x', warm: true, colour: 'grey' };
const CURRENT = { id: 'key', name: 'A', colours: ['red'], style: 'plain', locked: true, attic: ATTIC, built_at: '2026' };
const RULES: Rules<House> = {
  'no-red': ({ colours }) => (colours.includes('red') ? { field: 'colours', detail: 'must not be red' } : undefined),
};

function errors(read: Read<House>): readonly string[] {
  return read.outcome === 'valid' ? [] : read.errors.map(({ pointer, rule }) => `${pointer} ${rule}`);
}

describe('a new document', () => {
  it('gets the defaults for what it leaves out', () => {
    const defaults = { name: null, colours: ['white'], style: 'plain', locked: false };
    expect(readNew(House, NEW)).toEqual({ outcome: 'valid', document: { ...NEW, ...defaults } });
  });

  it('is refused with each wrong member named in the order in which it was sent, and what is missing behind', () => {
    const attic = { floor: 10, cellar: 1, warm: true };
    const sent = { style: 7, colours: ['a', 7, 'bad', 'a'], 'a/b~c': 1, attic, built_at: '2026', name: 'a\0' };
    expect(errors(readNew(House, sent))).toEqual([
      '/style type', '/colours/1 type', '/colours/2 bad', '/colours/3 unique', '/a~1b~0c unknown-field', '/attic/floor range',
      '/attic/cellar unknown-field', '/built_at unknown-field', '/name characters', '/id required', '/word required',
    ]);
  });

  it('tells what is wrong in a sentence without its subject', () => {
    const read = readNew(House, { ...NEW, attic: { floor: 10, warm: true }, style: 'x'.repeat(11), colour: 'red' });
    expect(read).toMatchObject({
      errors: [
        { detail: 'must be from 0 to 9' }, { detail: 'must have at most 10 characters' }, { detail: 'is no field of a house' },
      ],
    });
  });

  it('is checked against the rules of the whole once each member is right', () => {
    expect(errors(readNew(House, { ...NEW, colours: ['red'] }, RULES))).toEqual(['/colours no-red']);
    expect(errors(readNew(House, { ...NEW, colours: ['red'], style: 7 }, RULES))).toEqual(['/style type']);
  });

  it('needs what a condition asks for, and checks what it does not ask for all the same', () => {
    expect(errors(readNew(House, { id: 'key', hash: 'h' }))).toEqual([]);
    expect(errors(readNew(House, { id: 'key', hash: 'h', word: 7 }))).toEqual(['/word type']);
  });

  it('has the defaults of its objects too, and needs what they need', () => {
    expect(readNew(House, { ...NEW, attic: { warm: true } })).toMatchObject({ document: { attic: { warm: true, colour: 'grey' } } });
    expect(errors(readNew(House, { ...NEW, attic: {} }))).toEqual(['/attic/warm required']);
  });

  it('does not take the names that every object has for members', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'isPrototypeOf']) {
      const hostile = JSON.parse(`{"id":"key","word":"x","${name}":{"locked":true},"attic":{"warm":true,"${name}":1}}`) as JsonObject;
      expect(errors(readNew(House, hostile))).toEqual([`/${name} unknown-field`, `/attic/${name} unknown-field`]);
      expect(errors(readPatch(House, { [name]: null }, { current: CURRENT }))).toEqual([`/${name} unknown-field`]);
    }
    expect(({} as Record<string, unknown>)['locked']).toBeUndefined();
  });
});

describe('what is too long', () => {
  beforeEach(() => (looks = 0));

  it('is refused before anything looks into it, whatever the order of the decorators', () => {
    const texts = Array.from({ length: 100_000 }, (_, index) => `text ${String(index)}`);
    const sent = { ...NEW, colours: texts, name: 'x'.repeat(1_000_000) };
    expect(errors(readNew(House, sent))).toEqual(['/colours max-items', '/name max-length']);
    expect(looks).toBe(0);
  });

  it('costs no more than its size: of 100 000 members each is refused', () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`member ${String(index)}`, index]));
    const time = (sent: object): number => {
      const begin = performance.now();
      expect(readNew(House, { ...NEW, ...sent }).outcome).toBe('invalid');
      return performance.now() - begin;
    };
    time(many);
    expect(time(many)).toBeLessThan(2000);
  });
});

describe('a replacement', () => {
  it('takes back what cannot be changed as it was read, and the defaults for the rest', () => {
    const sent = { id: 'key', built_at: '2026', style: 'new' };
    expect(readReplacement(House, sent, { current: CURRENT })).toEqual({
      outcome: 'valid',
      document: { id: 'key', built_at: '2026', style: 'new', name: null, colours: ['white'], locked: false },
    });
    const changed = readReplacement(House, { id: 'other', hash: 'h' }, { current: CURRENT });
    expect(errors(changed)).toEqual(['/id read-only', '/hash unknown-field']);
  });
});

describe('a merge patch', () => {
  const patched = (patch: object) => readPatch(House, patch as Record<string, unknown>, { current: CURRENT, rules: {} });

  it('changes what it names, member by member of an object, and replaces a list whole', () => {
    expect(patched({ style: 'new', colours: ['blue'], attic: { floor: 2 } })).toEqual({
      outcome: 'valid',
      document: { ...CURRENT, style: 'new', colours: ['blue'], attic: { ...ATTIC, floor: 2 } },
    });
  });

  it('takes a member back to its default with null, or removes it; null stays if it is a value', () => {
    expect(patched({ style: null, name: null, colours: null, attic: { floor: null } })).toMatchObject({
      document: { style: 'plain', name: null, colours: ['white'], attic: { door: 'x', warm: true, colour: 'grey' } },
    });
    expect(patched({ attic: { floor: null } })).not.toHaveProperty('document.attic.floor');
    expect(patched({ attic: null })).toMatchObject({ document: expect.not.objectContaining({ attic: expect.anything() }) });
  });

  it('cannot take away what must be there, nor give what a new document alone has', () => {
    const sent = { locked: null, hash: 'h', id: 'other', shoe: null, attic: { shoe: null } };
    expect(errors(patched(sent))).toEqual([
      '/id read-only', '/locked type', '/attic/shoe unknown-field', '/hash unknown-field', '/shoe unknown-field',
    ]);
    expect(errors(patched({ word: null }))).toEqual(['/word type']);
    expect(patched({ word: 'open' })).toMatchObject({ document: { word: 'open' } });
  });
});

it('is stored and shown with the members that its class declares, and with no others', () => {
  expect(complete(House, { ...NEW, extra: 1 })).toEqual({ ...NEW, name: null, colours: ['white'], style: 'plain', locked: false });
  const built_at = new Date('2026-01-02T03:04:05Z');
  expect(represent(House, { ...CURRENT, built_at, word: 'sesame', version: 2 })).toEqual({ ...CURRENT, built_at: built_at.toISOString() });
});

describe('the schemas', () => {
  const properties = (schema: object) => Object.keys((schema as { properties: object }).properties);

  it('name what is shown, and what may be sent', () => {
    const shown = ['id', 'name', 'colours', 'style', 'locked', 'attic', 'built_at'];
    expect(properties(shownSchema(House))).toEqual(shown);
    expect(shownSchema(House)['required']).toEqual(shown.filter((name) => name !== 'attic'));
    expect(properties(newSchema(House)).sort()).toEqual([...shown.filter((name) => name !== 'built_at'), 'word', 'hash'].sort());
    expect(newSchema(House)['required']).toEqual(['id']);
    expect(properties(documentSchema(House))).toContain('built_at');
    expect(properties(patchSchema(House)).sort()).toEqual([...shown, 'word'].sort());
  });

  it('follow from the decorators and the defaults', () => {
    expect(shownSchema(House)['properties']).toMatchObject({
      id: { type: 'string', maxLength: 9 },
      name: { type: ['string', 'null'], maxLength: 10, default: null, description: 'What it is called.' },
      colours: { type: 'array', items: { type: 'string', maxLength: 10 }, maxItems: 4, uniqueItems: true, default: ['white'] },
      style: { pattern: '^[a-z]*$' },
      attic: { type: 'object', properties: { floor: { type: 'integer', minimum: 0, maximum: 9 } }, additionalProperties: false },
      built_at: { type: 'string', format: 'date-time', readOnly: true },
    });
    expect(patchSchema(House)['properties']).toMatchObject({
      style: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      locked: { type: 'boolean' },
      attic: { anyOf: [{ properties: { door: { anyOf: [{ type: 'string' }, { type: 'null' }] } } }, { type: 'null' }] },
      word: { type: 'string', writeOnly: true },
    });
  });
});
