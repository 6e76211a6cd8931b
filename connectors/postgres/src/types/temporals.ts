import { int64, logical, schemas } from '@millrace/record';
import { codec, type CodecMaker, type ColumnCodec } from './codec.ts';
import { parseTimestampMicros } from './fast-numbers.ts';
import {
  infinite,
  INFINITY_DAYS,
  INFINITY_MICROS,
  INT64_BOUNDS,
  isInfinite,
  temporalFails,
} from './infinity.ts';
import { structuredDate, structuredTime, structuredTimestamp } from './structured-temporals.ts';
import { isoDate, isoTime, parseDateTime, parseTime, type LocalDateTime } from './temporal-text.ts';

/** Dates and times without a zone, by `time.precision.mode`. */

export const dateCodec: CodecMaker = ({ settings }) => {
  const daysOfText = (text: string): number =>
    isInfinite(text) ? infinite(text, INFINITY_DAYS) : parseDateTime(text).epochDay;
  switch (settings.timeMode) {
    case 'connect':
      return codec(
        logical.date(),
        (text) =>
          isInfinite(text) ? temporalFails('date', text) : new Date(daysOfText(text) * 86_400_000),
        new Date(0),
      );
    case 'structured':
      return structuredDate();
    case 'isostring':
      return codec(
        schemas.string({ name: 'io.debezium.time.IsoDate', version: 1 }),
        (text) => (isInfinite(text) ? text : `${isoDate(parseDateTime(text))}Z`),
        '1970-01-01Z',
      );
    default:
      return codec(schemas.int32({ name: 'io.debezium.time.Date', version: 1 }), daysOfText, 0);
  }
};

/** Fractional digits of a time or timestamp column; six when none are declared. */
export function fractionDigits(modifier: number): number {
  return modifier < 0 ? 6 : modifier;
}

export const timeCodec: CodecMaker = ({ modifier, settings }) => {
  const microsOf = (text: string): number => {
    const parsed = parseTime(text);
    return parsed.secondOfDay * 1_000_000 + parsed.micros;
  };
  const micro = (): ColumnCodec =>
    codec(schemas.int64({ name: 'io.debezium.time.MicroTime', version: 1 }), microsOf, 0);
  switch (settings.timeMode) {
    case 'adaptive':
      if (fractionDigits(modifier) > 3) return micro();
      return codec(
        schemas.int32({ name: 'io.debezium.time.Time', version: 1 }),
        (text) => Math.floor(microsOf(text) / 1000),
        0,
      );
    case 'connect':
      return codec(
        logical.time(),
        (text) => new Date(Math.floor(microsOf(text) / 1000)),
        new Date(0),
      );
    case 'structured':
      return structuredTime(fractionDigits(modifier));
    case 'isostring':
      return codec(
        schemas.string({ name: 'io.debezium.time.IsoTime', version: 1 }),
        (text) => {
          const parsed = parseTime(text);
          return `${isoTime(parsed.secondOfDay % 86_400, parsed.micros)}Z`; // 24:00 is no ISO time
        },
        '00:00:00Z',
      );
    case 'nanoseconds':
      return codec(
        schemas.int64({ name: 'io.debezium.time.NanoTime', version: 1 }),
        (text) => microsOf(text) * 1000,
        0,
      );
    default:
      return micro();
  }
};

export const timestampCodec: CodecMaker = ({ modifier, settings }) => {
  const micro = (): ColumnCodec =>
    codec(
      schemas.int64({ name: 'io.debezium.time.MicroTimestamp', version: 1 }),
      microsOfTimestamp,
      0,
      { json: { kind: 'number', parse: parseTimestampMicros } },
    );
  switch (settings.timeMode) {
    case 'connect':
      return codec(
        logical.timestamp(),
        (text) =>
          isInfinite(text) ? temporalFails('timestamp', text) : new Date(finiteMillisOf(text)),
        new Date(0),
      );
    case 'structured':
      return structuredTimestamp(fractionDigits(modifier));
    case 'isostring':
      return codec(
        schemas.string({ name: 'io.debezium.time.IsoTimestamp', version: 1 }),
        (text) => (isInfinite(text) ? text : isoTimestamp(text, 0)),
        '1970-01-01T00:00:00Z',
      );
    case 'nanoseconds':
      return codec(
        schemas.int64({ name: 'io.debezium.time.NanoTimestamp', version: 1 }),
        nanosOf,
        0,
      );
    case 'microseconds':
      return micro();
    default:
      if (fractionDigits(modifier) > 3) return micro();
      return codec(
        schemas.int64({ name: 'io.debezium.time.Timestamp', version: 1 }),
        millisOfTimestamp,
        0,
      );
  }
};

function epochMicros(local: LocalDateTime & { readonly epochDay: number }): number | bigint {
  const seconds = local.epochDay * 86_400 + local.secondOfDay;
  return int64(BigInt(seconds) * 1_000_000n + BigInt(local.micros));
}

function microsOfTimestamp(text: string): number | bigint {
  return isInfinite(text) ? infinite(text, INFINITY_MICROS) : epochMicros(parseDateTime(text));
}

function millisOfTimestamp(text: string): number | bigint {
  if (isInfinite(text)) return int64(infinite(text, INFINITY_MICROS) / 1000n);
  const millis = finiteMillisOf(text);
  if (Number.isSafeInteger(millis)) return millis;
  // Beyond the year 287396 a double has no room for each millisecond.
  const { epochDay, secondOfDay, micros } = parseDateTime(text);
  return BigInt(epochDay * 86_400 + secondOfDay) * 1_000n + BigInt(Math.floor(micros / 1_000));
}

function finiteMillisOf(text: string): number {
  const local = parseDateTime(text);
  return (local.epochDay * 86_400 + local.secondOfDay) * 1000 + Math.floor(local.micros / 1000);
}

function nanosOf(text: string): number | bigint {
  if (isInfinite(text)) return infinite(text, INT64_BOUNDS);
  const nanos = BigInt(epochMicros(parseDateTime(text))) * 1000n;
  if (nanos > INT64_BOUNDS.positive || nanos < INT64_BOUNDS.negative)
    return temporalFails('timestamp', text);
  return int64(nanos);
}

/** `digits` of the fraction; 0: as few as it needs. */
export function isoTimestamp(text: string, digits: number): string {
  const local = parseDateTime(text);
  return `${isoDate(local)}T${isoTime(local.secondOfDay, local.micros, digits)}Z`;
}
