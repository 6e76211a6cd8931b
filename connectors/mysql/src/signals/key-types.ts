import type { KeyType, KeyValue } from '@millrace/cdc';
import { quoteText, type CatalogColumn } from '../catalog.ts';

/** How Debezium's driver gives the types that keys are made of; all others are texts to it. */
const KEY_TYPES: Readonly<Record<string, KeyType>> = {
  tinyint: 'int',
  smallint: 'int',
  mediumint: 'int',
  int: 'int',
  bigint: 'long',
  year: 'int',
  decimal: 'decimal',
  binary: 'bytes',
  varbinary: 'bytes',
};

/** The bytes of a column in the text protocol as a value of a key. */
export function keyValueOf(bytes: Buffer | null, column: CatalogColumn): KeyValue | null {
  if (bytes === null) return null;
  const type = KEY_TYPES[column.type] ?? 'string';
  if (type === 'bytes') return { type, text: bytes.toString('hex') };
  const isWide = column.isUnsigned && (type === 'int' || type === 'long');
  if (!isWide) return { type, text: bytes.toString() };
  const widened = column.type === 'bigint' ? 'integer' : column.type === 'int' ? 'long' : type;
  return { type: widened, text: bytes.toString() };
}

/** As SQL. */
export function keyLiteral(value: KeyValue): string {
  switch (value.type) {
    case 'bytes':
      return `x'${/^[0-9a-f]*$/i.test(value.text) ? value.text : ''}'`;
    case 'byte':
    case 'short':
    case 'int':
    case 'long':
    case 'integer':
    case 'decimal':
    case 'float':
    case 'double':
      // What an offset says comes into a statement as a text unless it is a number.
      return /^-?\d+(?:\.\d+)?(?:e[-+]?\d+)?$/i.test(value.text)
        ? value.text
        : quoteText(value.text);
    case 'boolean':
    case 'string':
    case 'uuid':
    case 'other':
      return quoteText(value.text);
  }
}
