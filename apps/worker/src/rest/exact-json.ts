import { randomUUID } from 'node:crypto';
import { unreadableBody } from '../errors.ts';

/** Stands before a number that travels as text through `JSON.parse` and `JSON.stringify`; unguessable. */
const MARK = `\u0000${randomUUID()}:`;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
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
  const marked = text.replace(STRING_OR_NUMBER, (token) =>
    token.startsWith('"') ? token : JSON.stringify(MARK + token),
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(MARK)
      ? numberFrom(value.slice(MARK.length))
      : value,
  );
}

/** Deeper than any request; what follows here is recursive. Kafka Connect's own limit. */
const DEPTH_MAX = 1000;
const STRING_OR_BRACKET = /"(?:[^"\\]|\\.)*"|[[{\]}]/g;

function refuseDeepNesting(text: string): void {
  let depth = 0;
  for (const [token] of text.matchAll(STRING_OR_BRACKET)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    if (depth > DEPTH_MAX) throw unreadableBody(`it is nested more than ${DEPTH_MAX} levels deep`);
  }
}

/** `JSON.stringify` that writes bigints as JSON numbers. */
export function stringifyJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint' ? `${MARK}${inner}` : inner,
  );
  return text.replace(MARKED_IN_JSON, '$1');
}
