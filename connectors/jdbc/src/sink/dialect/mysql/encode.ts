import type { Schema } from '@millrace/record';
import type { SourceHints } from '../../settings.ts';
import { refuse } from '../../values/plain-text.ts';
import { encoderFor as textEncoderFor } from '../../values/semantic-text.ts';
import type { Encoder } from '../../write/session.ts';
import type { ColumnType } from '../../write/table.ts';
import { columnTextFor } from './column-text.ts';
import { geometryText } from './geometry.ts';

const SOURCE_TYPE = '__debezium.source.column.type';

/** How values of `schema` become the text of a column, as `column-text.ts` has it. */
export function encoderFor(
  schema: Schema | null,
  type: ColumnType,
  hints: SourceHints,
  isEnvelope: boolean,
): Encoder {
  // An instant in a column without a zone is the time of UTC, whatever zone it was written in.
  const isInstant = schema?.name === 'io.debezium.time.ZonedTimestamp' && type.kind === 'timestamp';
  const textType: ColumnType = isInstant ? { ...type, kind: 'timestamptz' } : type;
  const toText = textEncoderFor(schema, textType, hints, isEnvelope);
  const toColumnText = columnTextFor(type);
  const encode: Encoder = (value) => toColumnText(toText(value));
  switch (type.kind) {
    case 'integer':
      return integerEncoder(schema, type, encode);
    case 'geometry':
      return (value) => geometryText(value, type);
    case 'text':
      return textEncoder(schema, type, encode);
    case 'bits':
    case 'numeric':
    case 'float':
      return (value) => (typeof value === 'boolean' ? booleanText(value) : encode(value));
    default:
      return encode;
  }
}

function booleanText(value: boolean): string {
  return value ? '1' : '0';
}

/** A source that sends unsigned numbers as signed ones of 64 bits says so by the type of its column. */
function integerEncoder(schema: Schema | null, type: ColumnType, encode: Encoder): Encoder {
  const source = schema?.parameters?.[SOURCE_TYPE]?.toUpperCase() ?? '';
  const isWrapped =
    type.isUnsigned === true && schema?.type === 'int64' && source.startsWith('BIGINT UNSIGNED');
  return (value) => {
    if (typeof value === 'number') {
      if (!Number.isInteger(value)) return refuse(value, type, 'a whole number is expected');
      return isWrapped && value < 0
        ? String(BigInt.asUintN(64, BigInt(value)))
        : Number.isSafeInteger(value)
          ? String(value)
          : encode(BigInt(value));
    }
    if (typeof value === 'boolean') return booleanText(value);
    if (isWrapped && typeof value === 'bigint') return String(BigInt.asUintN(64, value));
    return encode(value);
  };
}

/** The blanks of a source column of fixed length are no part of its value. */
function textEncoder(schema: Schema | null, type: ColumnType, encode: Encoder): Encoder {
  const source = schema?.parameters?.[SOURCE_TYPE]?.toUpperCase();
  const isFilled = type.isPadded === true && (source === 'BPCHAR' || source === 'CHAR');
  if (!isFilled) return encode;
  return (value) => encode(typeof value === 'string' ? value.replace(/ +$/, '') : value);
}
