import { javaRegex, wholeRegex } from '@millrace/config';
import { unsuitableRecord } from './errors.ts';

/**
 * Java's `matches()` and `replaceFirst`: a text that the pattern matches as a whole is replaced where the pattern is first
 * found in it. `$1`, `${name}` and `\$` in the replacement mean what they mean in Java; what makes no sense there is an
 * error of the record, as with Java, not text.
 */
export function javaReplacing(pattern: string, replacement: string): (text: string) => string {
  const whole = wholeRegex(pattern);
  const first = javaRegex(pattern);
  const groupCount = (new RegExp(`${first.source}|`, first.flags).exec('')?.length ?? 1) - 1;
  let expand: ((match: RegExpExecArray) => string) | undefined;
  return (text) => {
    if (!whole.test(text)) return text;
    const match = first.exec(text);
    if (match === null) return text;
    expand ??= expansion(replacement, groupCount);
    return text.slice(0, match.index) + expand(match) + text.slice(match.index + match[0].length);
  };
}

type Part = (match: RegExpExecArray) => string;

const PIECE = /\\(.)|\$\{(\w*)(\}?)|\$(\d?)|[^\\$]+|\\/gsu;

/** @throws MillraceError in Java's words */
function expansion(replacement: string, groupCount: number): Part {
  const parts: Part[] = [];
  PIECE.lastIndex = 0;
  for (let piece = PIECE.exec(replacement); piece !== null; piece = PIECE.exec(replacement)) {
    const [text, escaped, name, brace, digit] = piece;
    if (text === '\\') throw unsuitableRecord('character to be escaped is missing');
    if (escaped !== undefined) parts.push(() => escaped);
    else if (name !== undefined) parts.push(namedGroup(name, brace === '}'));
    else if (digit === undefined) parts.push(() => text);
    else {
      const group = longestGroup(replacement, piece.index + 1, groupCount);
      PIECE.lastIndex = group.end;
      parts.push((match) => match[group.number] ?? '');
    }
  }
  return (match) => parts.map((part) => part(match)).join('');
}

function namedGroup(name: string, isClosed: boolean): Part {
  if (!isClosed) throw unsuitableRecord("named capturing group is missing trailing '}'");
  if (/^\d/u.test(name))
    throw unsuitableRecord(`capturing group name {${name}} starts with digit character`);
  return ({ groups = {} }) => {
    if (!Object.hasOwn(groups, name)) throw unsuitableRecord(`No group with name {${name}}`);
    return groups[name] ?? '';
  };
}

/** As many digits as there are groups for, but one at least. */
function longestGroup(
  text: string,
  start: number,
  groupCount: number,
): { readonly number: number; readonly end: number } {
  if (start === text.length)
    throw unsuitableRecord('Illegal group reference: group index is missing');
  const digits = /^\d+/u.exec(text.slice(start))?.[0];
  if (digits === undefined) throw unsuitableRecord('Illegal group reference');
  let end = 1;
  while (end < digits.length && Number(digits.slice(0, end + 1)) <= groupCount) end++;
  const number = Number(digits.slice(0, end));
  if (number > groupCount) throw unsuitableRecord(`No group ${number}`);
  return { number, end: start + end };
}
