import type { Schema } from '@millrace/record';
import type { SourceHints } from '../settings.ts';
import type { Encoder } from '../write/session.ts';
import type { ColumnType } from '../write/table.ts';
import { looseEncoder } from './loose-text.ts';
import {
  arrayText,
  bitsText,
  bytesText,
  decimalText,
  jsonColumnText,
  plainText,
  variableScaleText,
} from './plain-text.ts';
import { dayText, epochText, intervalText, timeOfDayText } from './time-text.ts';

/**
 * How values of `schema` become the input text of a column: by the semantic name where there is one, else by what
 * the value is (see `looseEncoder`). Null is not given to an encoder.
 */
export function encoderFor(
  schema: Schema | null,
  type: ColumnType,
  hints: SourceHints,
  isEnvelope: boolean,
): Encoder {
  return (
    (schema === null ? undefined : semanticEncoder(schema, type, hints, isEnvelope)) ??
    looseEncoder(type, hints, isEnvelope && schema === null)
  );
}

function semanticEncoder(
  schema: Schema,
  type: ColumnType,
  hints: SourceHints,
  isEnvelope: boolean,
): Encoder | undefined {
  if (schema.type === 'array' && type.kind === 'array' && type.element !== null) {
    const element = encoderFor(schema.items, type.element, hints, isEnvelope);
    return (value) => arrayText(value, element);
  }
  // The server's own text, which it reads back into the same value (`millrace.text.datatypes` of the source).
  if (schema.name === 'io.millrace.postgres.Text') return (value) => plainText(String(value), type);
  if (type.kind === 'json' && schema.name !== 'io.debezium.data.Json') {
    return hints.hasJsonTexts && schema.type === 'string' ? undefined : jsonColumnText;
  }
  switch (schema.name) {
    case 'io.debezium.time.Date':
    case 'org.apache.kafka.connect.data.Date':
      return (value) => dayText(value, type);
    case 'io.debezium.time.Time':
    case 'org.apache.kafka.connect.data.Time':
      return (value) => timeOfDayText(value, 1_000, 1, type);
    case 'io.debezium.time.MicroTime':
      return (value) => timeOfDayText(value, 1, 1, type);
    case 'io.debezium.time.NanoTime':
      return (value) => timeOfDayText(value, 1, 1_000, type);
    case 'io.debezium.time.Timestamp':
    case 'org.apache.kafka.connect.data.Timestamp':
      return (value) => epochText(value, 1_000, 1, type);
    case 'io.debezium.time.MicroTimestamp':
      return (value) => epochText(value, 1, 1, type);
    case 'io.debezium.time.NanoTimestamp':
      return (value) => epochText(value, 1, 1_000, type);
    case 'io.debezium.time.MicroDuration':
      return (value) => intervalText(value, 1, type);
    case 'io.debezium.time.NanoDuration':
      return (value) => intervalText(value, 1_000, type);
    case 'org.apache.kafka.connect.data.Decimal':
      return (value) => decimalText(value, type);
    case 'io.debezium.data.VariableScaleDecimal':
      return (value) => variableScaleText(value, type);
    case 'io.debezium.data.Bits':
      return (value) => bitsText(value, Number(schema.parameters?.['length'] ?? Number.NaN), type);
    case 'io.debezium.data.geometry.Point':
    case 'io.debezium.data.geometry.Geometry':
    case 'io.debezium.data.geometry.Geography':
      return undefined; // Told by the fields of the value.
    default:
      return schema.type === 'bytes' ? (value) => bytesText(value, type) : undefined;
  }
}
