import { validateSync } from 'class-validator';
import { declarationOf } from './declaration.js';
import {
  ArrayMaxSize,
  EACH,
  IsBoolean,
  IsIn,
  IsInt,
  IsNullable,
  IsString,
  Max,
  MaxLength,
  Min,
  Nested,
} from './decorators.js';
import { IsText } from './own-checks.js';
import { readNew } from './read-document.js';

class Inner {
  @IsBoolean() readonly yes?: boolean;
}

describe('a decorator on a property of another type', () => {
  it('does not compile', () => {
    class Refused {
      // @ts-expect-error a string holds no number
      @IsInt() readonly count: string = '';
      // @ts-expect-error null is no value of it
      @IsNullable() @IsText(10) readonly name: string = '';
      // @ts-expect-error a list is checked item by item
      @IsString() readonly names: readonly string[] = [];
      // @ts-expect-error a number has no length
      @MaxLength(4) readonly length: number = 1;
      // @ts-expect-error a text has no smallest value
      @Min(1) readonly least: string = '';
      // @ts-expect-error the type lacks c
      @IsIn(['a', 'c']) readonly letter: 'a' | 'b' = 'a';
      // @ts-expect-error not every text is one of the two
      @IsText(10) readonly letters: 'a' | 'b' = 'a';
      // @ts-expect-error an object is no text
      @Nested(Inner) readonly inner?: string;
    }
    expect(Refused).toBeDefined();
  });
});

describe('a declaration', () => {
  it('without a type, a bound or any decorator is refused with a sentence that names the property', () => {
    class Undecorated {
      readonly name: string = '';
    }
    class Typeless {
      @MaxLength(10) readonly name: string = '';
    }
    class LongText {
      @IsString() readonly name: string = '';
    }
    class LongList {
      @IsText(10, EACH) readonly names: readonly string[] = [];
    }
    expect(() => declarationOf(Undecorated)).toThrow('Undecorated.name: a member needs decorators');
    expect(() => declarationOf(Typeless)).toThrow('Typeless.name: no decorator says of what type it is');
    expect(() => declarationOf(LongText)).toThrow('LongText.name: a text needs MaxLength');
    expect(() => declarationOf(LongList)).toThrow('LongList.names: a list needs ArrayMaxSize');
  });

  it('is one that class-validator checks alike', () => {
    class Both {
      static readonly noun = 'a thing';
      @IsText(5) readonly name: string = 'a';
      @IsInt() @Min(1) @Max(3) @IsNullable() readonly count: number | null = null;
      @IsText(5, EACH) @ArrayMaxSize(2) readonly names: readonly string[] = [];
      @IsIn(['a', 'b']) readonly letter: 'a' | 'b' = 'a';
    }
    const values = [null, 1, 4, 1.5, 'a', 'too long', 'a\0', [], ['a'], ['a', 7], ['a', 'b', 'c'], {}, true];
    for (const name of ['name', 'count', 'names', 'letter']) {
      for (const value of values) {
        const errors = validateSync(Object.assign(new Both(), { [name]: value }));
        expect([name, value, readNew(Both, { [name]: value }).outcome]).toEqual([name, value, errors.length === 0 ? 'valid' : 'invalid']);
      }
    }
  });
});
