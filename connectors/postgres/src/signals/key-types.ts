import type { KeyType, KeyValue } from '@millrace/cdc';
import { quoteText } from '../catalog.ts';

/** How Debezium's driver gives the types that keys are made of; all others are texts to it. */
const KEY_TYPES: Readonly<Record<number, KeyType>> = {
  16: 'boolean',
  17: 'bytes',
  20: 'long',
  21: 'int',
  23: 'int',
  26: 'long', // oid
  700: 'float',
  701: 'double',
  1700: 'decimal',
  2950: 'uuid',
};

/** The text of a column, as the server sends it, as a value of a key. */
export function keyValueOf(text: string | null, typeOid: number): KeyValue | null {
  if (text === null) return null;
  const type = KEY_TYPES[typeOid] ?? 'string';
  switch (type) {
    case 'boolean':
      return { type, text: text === 't' ? 'true' : 'false' };
    case 'bytes':
      return { type, text: text.replace(/^\\x/, '') };
    case 'decimal':
      // NaN and infinities are not among Java's decimals.
      return /^-?\d+(?:\.\d+)?$/.test(text) ? { type, text } : { type: 'string', text };
    default:
      return { type, text };
  }
}

/** As SQL: an untyped literal, which takes the type of the column that it is compared with. */
export function keyLiteral(value: KeyValue): string {
  return quoteText(value.type === 'bytes' ? `\\x${value.text}` : value.text);
}
