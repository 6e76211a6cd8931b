import { MillraceError } from '@millrace/foundation';

/** Composite texts of the server: arrays and hstore. */

/** The elements of a one-dimensional array; null for NULL. Undefined for an array of several dimensions. */
export function parseArray(text: string, delimiter = ','): readonly (string | null)[] | undefined {
  let position = 0;
  // `[2:4]={...}`: bounds that do not start at 1.
  if (text.startsWith('[')) {
    const equals = text.indexOf('=');
    if (text.slice(0, equals).split(']').length > 2) return undefined;
    position = equals + 1;
  }
  if (text[position] !== '{' || !text.endsWith('}')) throw malformed('array', text);
  position++;
  const stop = text.length - 1;
  const elements: (string | null)[] = [];
  while (position < stop) {
    if (text[position] === '{') return undefined;
    if (text[position] === '"') {
      const quoted = readQuoted(text, position);
      elements.push(quoted.value);
      position = quoted.next;
    } else {
      const found = text.indexOf(delimiter, position);
      const end = found < 0 ? stop : found;
      const element = text.slice(position, end);
      elements.push(element === 'NULL' ? null : element.replaceAll(/\\(.)/gs, '$1'));
      position = end;
    }
    if (position < stop && text[position] !== delimiter) throw malformed('array', text);
    position++;
  }
  return elements;
}

/** `"key"=>"value", "other"=>NULL` */
export function parseHstore(text: string): Map<string, string | null> {
  const entries = new Map<string, string | null>();
  let position = 0;
  while (position < text.length) {
    const key = readQuoted(text, position);
    if (!text.startsWith('=>', key.next)) throw malformed('hstore', text);
    position = key.next + 2;
    if (text.startsWith('NULL', position)) {
      entries.set(key.value, null);
      position += 4;
    } else {
      const value = readQuoted(text, position);
      entries.set(key.value, value.value);
      position = value.next;
    }
    if (position < text.length && !text.startsWith(', ', position)) throw malformed('hstore', text);
    position += 2;
  }
  return entries;
}

function readQuoted(text: string, start: number): { value: string; next: number } {
  if (text[start] !== '"') throw malformed('quoted text', text);
  let value = '';
  for (let position = start + 1; position < text.length; position++) {
    const character = text.charAt(position);
    if (character === '"') return { value, next: position + 1 };
    value += character === '\\' ? text.charAt(++position) : character;
  }
  throw malformed('quoted text', text);
}

function malformed(what: string, text: string): MillraceError {
  return new MillraceError({
    code: 'postgres.value_unreadable',
    retry: 'fatal',
    message: `"${text.slice(0, 60)}" is no ${what} as the server prints it`,
  });
}
