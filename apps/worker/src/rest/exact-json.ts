import { randomUUID } from 'node:crypto';
import { unreadableBody } from '../errors.ts';

/** Stands before a number that travels as text through `JSON.parse` and `JSON.stringify`; unguessable. */
const MARK = `\u0000${randomUUID()}:`;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const MARK_IN_JSON = JSON.stringify(MARK).slice(1, -1).replace('\\', '\\\\');
const MARKED_IN_JSON = new RegExp(`"${MARK_IN_JSON}(-?\\d+)"`, 'g');

/**
 * `JSON.parse` that shows each number as it was written, so that none is rounded on the way (INV-8).
 * @throws MillraceError `rest.unreadable_body`
 */
export function parseJson(text: string, numberFrom: (literal: string) => unknown): unknown {
  refuseDeepNesting(text);
  try {
    JSON.parse(text); // what stands between strings below is then valid JSON
  } catch (error) {
    throw unreadableBody(error instanceof Error ? error.message : String(error));
  }
  const marked = markNumbers(text);
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(MARK)
      ? numberFrom(value.slice(MARK.length))
      : value,
  );
}

/** Deeper than any request; what follows here is recursive. Kafka Connect's own limit. */
const DEPTH_MAX = 1000;

function refuseDeepNesting(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at) - 1;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    if (depth > DEPTH_MAX) throw unreadableBody(`it is nested more than ${DEPTH_MAX} levels deep`);
  }
}

/** Of valid JSON: every number becomes a marked string. A regular expression would run out of stack in long strings. */
function markNumbers(text: string): string {
  const parts: string[] = [];
  let copiedTo = 0;
  for (let at = 0; at < text.length;) {
    const character = text[at] ?? '';
    if (character === '"') at = endOfString(text, at);
    else if (character === '-' || (character >= '0' && character <= '9')) {
      NUMBER.lastIndex = at;
      const [number] = NUMBER.exec(text) ?? [character];
      parts.push(text.slice(copiedTo, at), JSON.stringify(MARK + number));
      at += number.length;
      copiedTo = at;
    } else at++;
  }
  return parts.join('') + text.slice(copiedTo);
}

/** Behind the closing quote; the end of the text if there is none. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
  return text.length;
}

/** `JSON.stringify` that writes bigints as JSON numbers. */
export function stringifyJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint' ? `${MARK}${inner}` : inner,
  );
  return text.replace(MARKED_IN_JSON, '$1');
}
