import { decimalScale, type Schema } from '@millrace/record';
import type { ColumnType } from '../write/table.ts';
import type { RunField } from './row-form.ts';
import type { ValueWriter } from './row-cursor.ts';
import {
  decimalWriter,
  instantWriter,
  integerWriter,
  numberWriter,
  writeBoolean,
  writeDay,
  writeIsoInstant,
} from './writers.ts';

const QUOTE = 0x22;
const LETTER_F = 0x66;
const LETTER_T = 0x74;

const INT64_DIGITS = 18;
const ANY_DIGITS = 300;

/** Writers for the kinds of JSON tokens that a field may hold; the others go the long way. */
export interface TokenWriters {
  readonly text?: ValueWriter | undefined;
  readonly number?: ValueWriter | undefined;
  readonly boolean?: ValueWriter | undefined;
}

/** What a database adds to the writers that are the same for all. */
export interface TextWriters {
  /** A JSON string, unescaped, as a text of the target. */
  readonly text: ValueWriter;
  /** Base64 in a JSON string, as bytes of the target. */
  readonly bytes: ValueWriter | undefined;
}

/** One writer for all that a field may hold. */
export function byToken({ text, number, boolean }: TokenWriters): ValueWriter | undefined {
  if (number === undefined && boolean === undefined) return text;
  if (text === undefined && boolean === undefined) return number;
  if (text === undefined && number === undefined) return boolean;
  return (cursor) => {
    const first = cursor.json[cursor.at];
    if (first === QUOTE) return text?.(cursor) ?? false;
    if (first === LETTER_T || first === LETTER_F) return boolean?.(cursor) ?? false;
    return number?.(cursor) ?? false;
  };
}

/**
 * The writers of a field whose values need no more than a copy or a small conversion. They follow `encoderFor` of
 * `values/semantic-text.ts` case by case; all that is missing here goes the long way, through it.
 */
export function directWriters(field: RunField, texts: TextWriters): TokenWriters {
  return field.schema === null
    ? looseWriters(field, texts)
    : typedWriters(field.schema, field, texts);
}

function typedWriters(schema: Schema, field: RunField, texts: TextWriters): TokenWriters {
  const { type, hints } = field;
  if (schema.type === 'array' || schema.type === 'struct' || schema.type === 'map') return {};
  if (schema.name === 'io.millrace.postgres.Text')
    return schema.type === 'string' ? { text: texts.text } : {};
  if (type.kind === 'json' && schema.name !== 'io.debezium.data.Json')
    return hints.hasJsonTexts && schema.type === 'string' ? { text: texts.text } : {};
  switch (schema.name) {
    case 'io.debezium.time.Date':
      return schema.type === 'int32' && type.kind === 'date' ? { number: writeDay } : {};
    case 'io.debezium.time.Timestamp':
      return schema.type === 'int64' ? instant(type, 1_000) : {};
    case 'io.debezium.time.MicroTimestamp':
      return schema.type === 'int64' ? instant(type, 1) : {};
    case 'org.apache.kafka.connect.data.Decimal':
      return { text: decimal(decimalScale(schema) ?? 0, type) };
    case undefined:
    case 'io.debezium.data.Json':
    case 'io.debezium.data.Uuid':
    case 'io.debezium.data.Enum':
    case 'io.debezium.data.Xml':
    case 'io.debezium.time.ZonedTimestamp':
      return plainWriters(schema, field, texts);
    default:
      return {};
  }
}

function plainWriters(schema: Schema, field: RunField, texts: TextWriters): TokenWriters {
  const loose = looseWriters(field, texts);
  switch (schema.type) {
    case 'string':
      return { text: loose.text };
    case 'bytes':
      return field.type.kind === 'bytes' ? { text: texts.bytes } : {};
    case 'boolean':
      return { boolean: loose.boolean };
    // One digit less than the bound has.
    case 'int8':
      return loose.number === undefined ? {} : { number: integerWriter(2) };
    case 'int16':
      return loose.number === undefined ? {} : { number: integerWriter(4) };
    case 'int32':
      return loose.number === undefined ? {} : { number: integerWriter(9) };
    case 'int64':
      return loose.number === undefined ? {} : { number: integerWriter(INT64_DIGITS) };
    case 'float64':
      return { number: looseNumber(field.type, 15) };
    default:
      return {};
  }
}

function looseWriters({ type, hints }: RunField, texts: TextWriters): TokenWriters {
  const number = looseNumber(type, ANY_DIGITS);
  switch (type.kind) {
    case 'numeric': {
      const isBase64 = hints.decimalHandlingMode === 'precise' && type.scale !== null;
      return { text: isBase64 ? decimal(type.scale, type) : undefined, number };
    }
    case 'timestamptz':
      return { text: type.scale === 6 ? writeIsoInstant : undefined };
    case 'boolean':
      return { text: texts.text, boolean: writeBoolean };
    case 'integer':
    case 'float':
    case 'other':
      return { text: texts.text, number };
    case 'text':
    case 'json':
      return { text: texts.text, number, boolean: writeBoolean };
    default:
      return {};
  }
}

function looseNumber(type: ColumnType, digitsMax: number): ValueWriter | undefined {
  switch (type.kind) {
    case 'numeric':
      return type.scale !== null && type.scale < 0
        ? undefined
        : numberWriter(type.scale, digitsMax);
    case 'integer':
    case 'float':
    case 'other':
    case 'text':
    case 'json':
      // Longer whole numbers may be rounded on the way, and then are shown otherwise.
      return numberWriter(null, type.kind === 'float' ? 15 : digitsMax);
    default:
      return undefined;
  }
}

function decimal(scale: number, type: ColumnType): ValueWriter | undefined {
  const isExact = type.kind !== 'numeric' || type.scale === null || type.scale === scale;
  return isExact ? decimalWriter(scale) : undefined;
}

function instant(type: ColumnType, micros: number): TokenWriters {
  if (type.scale !== 6) return {};
  if (type.kind === 'timestamp') return { number: instantWriter(micros, '') };
  return type.kind === 'timestamptz' ? { number: instantWriter(micros, '+00') } : {};
}
