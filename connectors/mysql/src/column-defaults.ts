import type { ColumnCodec } from './types/codec.ts';
import { unescapeText, type ColumnDefinition } from './types/column.ts';

/** The default of a column as the catalogue of MySQL gives it; that of MariaDB is brought into this form. */
export interface DefaultOfColumn {
  /** null: there is none, or it is NULL. */
  readonly defaultText: string | null;
  /** An expression, such as CURRENT_TIMESTAMP, in place of a literal. */
  readonly isDefaultExpression: boolean;
}

/** What Debezium's parser makes of CURRENT_TIMESTAMP and its kin. */
const MOMENT_DEFAULT = '1970-01-01 00:00:00';

/**
 * The default that a schema tells, as Debezium does: a literal as a value, the moment of an insert as the first moment,
 * and nothing for other expressions, which only the server can work out. undefined: none.
 */
export function columnDefault(
  column: ColumnDefinition & Partial<DefaultOfColumn>,
  codec: ColumnCodec,
): unknown {
  const { defaultText, isDefaultExpression, isOptional, type } = column;
  if (defaultText === null || defaultText === undefined) return undefined;
  if (isMoment(type, defaultText))
    return isOptional && type === 'timestamp' ? undefined : codec.zero;
  if (isDefaultExpression === true) return undefined;
  try {
    const bytes = literalBytes(type, defaultText);
    const value = codec.text.read(bytes, 0, bytes.length);
    if (typeof value === 'number' && Number.isNaN(value)) return undefined;
    return value ?? (isOptional ? undefined : codec.zero);
  } catch {
    return undefined; // a default that is no value of its type is none that could be told
  }
}

/** The default as the schema history and the topic of schema changes tell it; null: none. */
export function toldDefault({
  defaultText,
  isDefaultExpression,
  type,
}: Pick<ColumnDefinition, 'type'> & DefaultOfColumn): string | null {
  if (defaultText === null) return null;
  if (isMoment(type, defaultText)) return MOMENT_DEFAULT;
  if (isDefaultExpression) return null;
  const bits = /^b'([01]*)'$/i.exec(defaultText)?.[1];
  if (type === 'bit' && bits !== undefined) return bits;
  const hex = isBinary(type)
    ? /^0x((?:[2-6][0-9a-f]|7[0-9a-e])+)$/i.exec(defaultText)?.[1]
    : undefined;
  return hex === undefined ? defaultText : Buffer.from(hex, 'hex').toString('latin1');
}

function isMoment(type: string, text: string): boolean {
  return (
    (type === 'timestamp' || type === 'datetime') &&
    (text === MOMENT_DEFAULT ||
      /^\(?(?:current_timestamp|now|localtime|localtimestamp)\b/i.test(text))
  );
}

function isBinary(type: string): boolean {
  return type.includes('binary') || type.includes('blob');
}

/** Digits of a BIT, `b'101'` and `0x4142` stand for bytes; other literals for their text. */
function literalBytes(type: string, text: string): Buffer {
  const bits = /^b'([01]*)'$/i.exec(text)?.[1] ?? (type === 'bit' ? text : undefined);
  if (bits !== undefined) {
    const padded = bits.padStart(Math.max(Math.ceil(bits.length / 8), 1) * 8, '0');
    return Buffer.from((padded.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)));
  }
  const hex = isBinary(type) ? /^0x([0-9a-f]*)$/i.exec(text)?.[1] : undefined;
  return hex === undefined ? Buffer.from(text) : Buffer.from(hex, 'hex');
}

/**
 * MariaDB since 10.2.7 gives a default as it would stand in CREATE TABLE: a quoted literal, a number, an expression, or
 * the word NULL.
 */
export function mariadbDefault(text: string | null): DefaultOfColumn {
  if (text === null || text === 'NULL') return { defaultText: null, isDefaultExpression: false };
  const quoted = /^_?[a-z0-9]*\s*'((?:[^'\\]|''|\\.)*)'$/is.exec(text)?.[1];
  if (quoted !== undefined && !/^b'/i.test(text))
    return {
      defaultText: unescapeText(quoted.replaceAll("''", "'")),
      isDefaultExpression: false,
    };
  const isLiteral = /^(?:[-+]?[0-9.]+(?:e[-+]?\d+)?|b'[01]*'|0x[0-9a-f]*|x'[0-9a-f]*')$/i.test(
    text,
  );
  return { defaultText: text, isDefaultExpression: !isLiteral };
}
