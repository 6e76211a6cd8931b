import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  copyPlain,
  copyWords,
  plainLength,
  quotedBytes,
  wordsOf,
  writeQuoted,
  writeWords,
} from '../src/json-strings.ts';

/** Much of what has to be escaped, at every place of a word. */
const text = fc.string({
  unit: fc.constantFrom(
    '"',
    '\\',
    '\n',
    '\t',
    '\u0001',
    '\u001f',
    ' ',
    'a',
    '\u007f',
    'é',
    '€',
    '😀',
    '!',
  ),
  maxLength: 40,
});

test('a quoted string is what JSON.stringify makes of it, wherever it lies', () => {
  fc.assert(
    fc.property(text, fc.nat(5), fc.nat(5), fc.boolean(), (value, before, at, isLast) => {
      const bytes = Buffer.from(value);
      const from = Buffer.concat([
        Buffer.alloc(before, '"'),
        bytes,
        Buffer.alloc(isLast ? 0 : 9, 'x'),
      ]);
      const to = Buffer.alloc(at + bytes.length * 6 + 2, 0x7a);
      const end = writeQuoted(from, before, before + bytes.length, to, at);
      expect(to.toString('utf8', at, end)).toBe(JSON.stringify(value));
      expect(quotedBytes(from, before, before + bytes.length)).toBe(end - at);
      expect(to.toString('utf8', 0, at)).toBe('z'.repeat(at));
    }),
    { numRuns: 2_000 },
  );
});

test('text ends at its first control character', () => {
  fc.assert(
    fc.property(text, fc.nat(5), (value, before) => {
      const from = Buffer.concat([
        Buffer.alloc(before, '\n'),
        Buffer.from(value),
        Buffer.from('\t, and more'),
      ]);
      let length = 0;
      while ((from[before + length] ?? 0) >= 0x20) length++;
      const to = Buffer.alloc(from.length + 3);
      expect(plainLength(from, before, from.length)).toBe(length);
      expect(copyPlain(from, before, from.length, to, 3)).toBe(length);
      expect(to.subarray(3, 3 + length)).toEqual(from.subarray(before, before + length));
      expect(plainLength(from, before, before + length)).toBe(length);
    }),
    { numRuns: 1_000 },
  );
});

test.each([0, 1, 3, 4, 5, 8, 21])('%d bytes are written by words', (length) => {
  const bytes = Buffer.from('abcdefghijklmnopqrstuvwxyz').subarray(0, length);
  const to = Buffer.alloc(40, '.');
  expect(writeWords(wordsOf(bytes), length, to, 5)).toBe(5 + length);
  expect(to.toString('latin1', 0, 5 + length)).toBe(`.....${bytes.toString()}`);
  const from = Buffer.concat([Buffer.from('??'), bytes, Buffer.from('???')]);
  expect(copyWords(from, 2, length, to, 6)).toBe(6 + length);
  expect(to.toString('latin1', 6, 6 + length)).toBe(bytes.toString());
});
