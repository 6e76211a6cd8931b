import { describe, expect, test } from '@jest/globals';
import { parseGtidSet } from '../src/binlog/gtid/gtid-set.ts';
import { decodeGtidSet, encodeGtidSet } from '../src/binlog/gtid/encode-gtid-set.ts';
import { MysqlGtidSet } from '../src/binlog/gtid/mysql-gtid-set.ts';

const A = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const B = '4e11fa47-71ca-11e1-9e33-c80aa9429562';

describe('sets of MySQL', () => {
  const mysql = (text: string): ReturnType<typeof parseGtidSet> => parseGtidSet('mysql', text);

  test.each([
    ['', ''],
    [`${A}:1-5`, `${A}:1-5`],
    [` ${A.toUpperCase()}:1-3:5:7-9,\n${B}:1 `, `${A}:1-3:5:7-9,${B}:1`],
    [`${B}:1,${A}:3:1-2:4`, `${A}:1-4,${B}:1`],
    [`${A}:1:Tag_1:2-3:5`, `${A}:1:tag_1:2-3:5`],
    [`${A}:b:1,${A}:a:2,${A}:7`, `${A}:7:a:2:b:1`],
    [`${A}:1-9223372036854775806`, `${A}:1-9223372036854775806`],
  ])('%j is printed as the server does', (text, printed) => {
    expect(mysql(text).toString()).toBe(printed);
  });

  test.each(['x', A, `${A}:`, `${A}:5-1`, `${A}:0`, `${A}:1-`, `${A}:1tag:1`, '0-1-5', `${A}:-5`])(
    '%j is none',
    (text) => {
      expect(() => mysql(text)).toThrow('is no set of GTIDs');
    },
  );

  test('union, difference and inclusion go by intervals', () => {
    const left = mysql(`${A}:1-10:20-30,${B}:tag:1-3`);
    const right = mysql(`${A}:5-25,${B}:1`);
    expect(left.union(right).toString()).toBe(`${A}:1-30,${B}:1:tag:1-3`);
    expect(left.subtract(right).toString()).toBe(`${A}:1-4:26-30,${B}:tag:1-3`);
    expect(right.subtract(left).toString()).toBe(`${A}:11-19,${B}:1`);
    expect(left.includes(mysql(`${A}:2-9:30`))).toBe(true);
    expect(left.includes(right)).toBe(false);
    expect(left.includes(mysql(''))).toBe(true);
    expect(left.contains(`${A}:20`)).toBe(true);
    expect(left.contains(`${A}:11`)).toBe(false);
    expect(left.contains(`${B}:tag:3`)).toBe(true);
    expect(left.contains(`${B}:3`)).toBe(false);
    expect(left.with(`${A}:11`).with(`${A}:12`).toString()).toBe(`${A}:1-12:20-30,${B}:tag:1-3`);
    expect(left.with(`${A}:5`)).toBe(left);
    expect(left.filter((source) => source === B).toString()).toBe(`${B}:tag:1-3`);
    expect(left.sources).toEqual([A, B]);
  });

  test('sets behave as sets of numbers', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const [left, leftNumbers] = randomSet(seed);
      const [right, rightNumbers] = randomSet(seed * 7919);
      const both = new Set([...leftNumbers, ...rightNumbers]);
      expect(numbersOf(left.union(right).toString())).toEqual(both);
      expect(numbersOf(left.subtract(right).toString())).toEqual(
        new Set([...leftNumbers].filter((number) => !rightNumbers.has(number))),
      );
      expect(left.includes(right)).toBe(
        [...rightNumbers].every((number) => leftNumbers.has(number)),
      );
    }
  });

  test.each(['', `${A}:1-5:7`, `${A}:1:tag:2-3,${B}:other_tag:1-4:9`])(
    '%j survives its binary form',
    (text) => {
      const bytes = encodeGtidSet(MysqlGtidSet.parse(text));
      expect(decodeGtidSet(bytes, 0, bytes.length).toString()).toBe(text);
      for (let cut = 0; cut < bytes.length; cut++)
        if (text !== '') expect(() => decodeGtidSet(bytes, 0, cut)).toThrow(RangeError);
    },
  );
});

function randomSet(seed: number): readonly [ReturnType<typeof parseGtidSet>, Set<number>] {
  const numbers = new Set<number>();
  let set = parseGtidSet('mysql', '');
  for (let index = 0; index < 30; index++) {
    const number = 1 + ((seed * 31 + index * index * 17 + ((seed >> 3) ^ index)) % 40);
    numbers.add(number);
    set = set.with(`${A}:${number}`);
  }
  return [set, numbers];
}

function numbersOf(text: string): Set<number> {
  const numbers = new Set<number>();
  for (const interval of text.split(':').slice(1)) {
    const [first = 0, last = first] = interval.split('-').map(Number);
    for (let number = first; number <= last; number++) numbers.add(number);
  }
  return numbers;
}

describe('positions of MariaDB', () => {
  const mariadb = (text: string): ReturnType<typeof parseGtidSet> => parseGtidSet('mariadb', text);

  test('domains are compared by sequence, whatever server wrote them', () => {
    const set = mariadb('5-2-7,0-1-100');
    expect(set.toString()).toBe('0-1-100,5-2-7');
    expect(set.contains('0-9-100')).toBe(true);
    expect(set.contains('0-9-101')).toBe(false);
    expect(set.contains('1-1-1')).toBe(false);
    expect(set.with('0-2-101').toString()).toBe('0-2-101,5-2-7');
    expect(set.includes(mariadb('0-7-99'))).toBe(true);
    expect(set.includes(mariadb('0-7-99,6-1-1'))).toBe(false);
    expect(set.union(mariadb('0-3-50,6-1-1')).toString()).toBe('0-1-100,5-2-7,6-1-1');
    expect(set.subtract(mariadb('0-3-100,5-1-6')).toString()).toBe('5-2-7');
    expect(set.filter((domain) => domain === '5').toString()).toBe('5-2-7');
    expect(set.sources).toEqual(['5', '0']);
    expect(mariadb('').isEmpty).toBe(true);
  });

  test.each(['0-1', '0-1-x', '0-1--5', `${A}:1`])('%j is none', (text) => {
    expect(() => mariadb(text)).toThrow('is no set of GTIDs');
  });
});
