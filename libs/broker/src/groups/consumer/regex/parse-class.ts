import {
  charSet,
  CHAR_MAX,
  PERL_CLASSES,
  POSIX_CLASSES,
  takes,
  unicodeTest,
  type CharSet,
} from './char-set.ts';
import type { PatternText } from './pattern-text.ts';
import { PatternProblem } from './syntax.ts';

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['a', 0x07],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['v', 0x0b],
]);

/** What follows a backslash: one character, or a class. */
export function parseEscape(text: PatternText): number | CharSet {
  const unicode = text.match(/([pP])(?:\{(\^?)([A-Za-z0-9_]+)\}|([A-Za-z]))/y);
  if (unicode !== undefined) {
    const [, letter, caret, long, short] = unicode;
    const test = unicodeTest(long ?? short ?? '');
    if (test === undefined) throw new PatternProblem('invalid character class range');
    return charSet([], { tests: [test], isNegated: (letter === 'P') !== (caret === '^') });
  }
  const hex = text.match(/x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/y);
  if (hex !== undefined) {
    const code = Number.parseInt(hex[1] ?? hex[2] ?? '', 16);
    if (code <= CHAR_MAX) return code;
    throw new PatternProblem('invalid escape sequence');
  }
  const octal = text.match(/0[0-7]{0,2}|[1-7][0-7]{1,2}/y);
  if (octal !== undefined) return Number.parseInt(octal[0], 8);
  const char = text.isAtEnd ? '' : text.next();
  const known = PERL_CLASSES.get(char) ?? CONTROLS.get(char);
  if (known !== undefined) return known;
  const code = char.codePointAt(0) ?? 0;
  // A letter or digit without a meaning of its own may get one; anything else stands for itself.
  if (char !== '' && code < 0x80 && !/[0-9A-Za-z]/.test(char)) return code;
  throw new PatternProblem('invalid escape sequence');
}

/** After the `[`. */
export function parseClass(text: PatternText): CharSet {
  const isNegated = text.take('^');
  const ranges: (readonly [number, number])[] = [];
  const tests: ((char: number) => boolean)[] = [];
  for (let isFirst = true; isFirst || !text.isAt(']'); isFirst = false) {
    if (text.isAtEnd) throw missingEnd();
    const posix = text.match(/\[:(\^?)([a-z]+):\]/y);
    if (posix !== undefined) {
      tests.push(posixTest(posix));
      continue;
    }
    const first = parseMember(text);
    if (typeof first !== 'number') {
      tests.push((char) => takes(first, char));
      continue;
    }
    if (!text.isAt('-') || text.isAt('-]')) {
      ranges.push([first, first]);
      continue;
    }
    text.take('-');
    const last = parseMember(text);
    if (typeof last !== 'number' || last < first)
      throw new PatternProblem('invalid character class range');
    ranges.push([first, last]);
  }
  if (!text.take(']')) throw missingEnd();
  return charSet(ranges, { tests, isNegated });
}

function parseMember(text: PatternText): number | CharSet {
  if (text.isAtEnd) throw missingEnd();
  if (text.take('\\')) return parseEscape(text);
  return text.next().codePointAt(0) ?? 0;
}

function posixTest([, caret, name = '']: RegExpExecArray): (char: number) => boolean {
  const ranges = POSIX_CLASSES.get(name);
  if (ranges === undefined) throw new PatternProblem('invalid character class range');
  const set = charSet(ranges, { isNegated: caret === '^' });
  return (char) => takes(set, char);
}

function missingEnd(): PatternProblem {
  return new PatternProblem('missing closing ]');
}
