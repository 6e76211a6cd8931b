import type { Flags } from './flags.ts';

/** A character as it is, in either case if it is so flagged; `isInClass`: without brackets of its own. */
export function literal(code: number, flags: Flags, isInClass = false): string {
  const variants = flags.isAnyCase ? casesOf(code, flags.isUnicodeCase) : [code];
  const text = variants.map(escaped).join('');
  return isInClass || variants.length === 1 ? text : `[${text}]`;
}

/** Both ends included. */
export function range(first: number, last: number, flags: Flags): string {
  const text = `${escaped(first)}-${escaped(last)}`;
  if (!flags.isAnyCase) return text;
  return text + swapped(first, last, 65, 90, 32) + swapped(first, last, 97, 122, -32);
}

/** What of the range is between two letters, `distance` away. */
function swapped(first: number, last: number, from: number, to: number, distance: number): string {
  const low = Math.max(first, from);
  const high = Math.min(last, to);
  return low > high ? '' : `${escaped(low + distance)}-${escaped(high + distance)}`;
}

function casesOf(code: number, isUnicodeCase: boolean): readonly number[] {
  if (code > 127 && !isUnicodeCase) return [code];
  const character = String.fromCodePoint(code);
  const cases = [character.toLowerCase(), character.toUpperCase()]
    .filter((each) => Array.from(each).length === 1)
    .map((each) => each.codePointAt(0) ?? code);
  return [...new Set([code, ...cases])];
}

/** Anything but a letter or digit by its number, since most signs mean something somewhere. */
function escaped(code: number): string {
  const character = String.fromCodePoint(code);
  return /[a-zA-Z0-9]/u.test(character) ? character : `\\u{${code.toString(16)}}`;
}
