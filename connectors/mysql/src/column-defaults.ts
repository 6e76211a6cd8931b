import type { ColumnCodec } from './types/codec.ts';
import type { ColumnDefinition } from './types/column.ts';

/** The default of a column as the catalogue of MySQL gives it; that of MariaDB is brought into this form. */
export interface DefaultOfColumn {
  /** null: there is none, or it is NULL. */
  readonly defaultText: string | null;
  /** An expression, such as CURRENT_TIMESTAMP, in place of a literal. */
  readonly isDefaultExpression: boolean;
}

/**
 * The default that a schema tells: a literal as a value; for an expression, which only the server can work out, the
 * zero value of a required column. undefined: none.
 */
export function columnDefault(
  column: ColumnDefinition & Partial<DefaultOfColumn>,
  codec: ColumnCodec,
): unknown {
  const { defaultText, isDefaultExpression, isOptional } = column;
  if (defaultText === null || defaultText === undefined) return undefined;
  if (isDefaultExpression === true || isMoment(defaultText))
    return isOptional ? undefined : codec.zero;
  try {
    const bytes = literalBytes(column.type, defaultText);
    return codec.text.read(bytes, 0, bytes.length) ?? (isOptional ? undefined : codec.zero);
  } catch {
    return undefined; // a default that is no value of its type is none that could be told
  }
}

function isMoment(text: string): boolean {
  return /^(?:current_timestamp|now|localtime|localtimestamp|curdate|current_date|curtime|current_time)\b/i.test(
    text,
  );
}

/** `b'101'` and `0x4142` stand for bytes; other literals for their text. */
function literalBytes(type: string, text: string): Buffer {
  const bits = /^b'([01]*)'$/i.exec(text)?.[1];
  if (bits !== undefined) {
    const padded = bits.padStart(Math.max(Math.ceil(bits.length / 8), 1) * 8, '0');
    return Buffer.from((padded.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)));
  }
  const isBinary = type.includes('binary') || type.includes('blob');
  const hex = isBinary ? /^0x([0-9a-f]*)$/i.exec(text)?.[1] : undefined;
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
      defaultText: quoted.replaceAll("''", "'").replaceAll(/\\(.)/gs, '$1'),
      isDefaultExpression: false,
    };
  const isLiteral = /^(?:[-+]?[0-9.]+(?:e[-+]?\d+)?|b'[01]*'|0x[0-9a-f]*|x'[0-9a-f]*')$/i.test(
    text,
  );
  return { defaultText: text, isDefaultExpression: !isLiteral };
}
