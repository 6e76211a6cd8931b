import { schemas, type Schema } from '@millrace/record';
import { codec, type ColumnCodec } from './codec.ts';
import { isInfinite } from './infinity.ts';
import { parseDateTime, parseInterval, parseTime } from './temporal-text.ts';

/**
 * `time.precision.mode=structured`, as Debezium has it since 3.7: the parts of a date or time by themselves, so that
 * nothing is out of range, infinity included.
 */

const int32 = schemas.int32({ optional: true });
const int8 = schemas.int8({ optional: true });
const string = schemas.string({ optional: true });
const DATE_FIELDS = { year: int32, month: int8, day: int8 };
const TIME_FIELDS = { hour: int8, minute: int8, second: int8, nanos: int32 };

function structured(name: string, fields: Readonly<Record<string, Schema>>): Schema {
  return schemas.struct(fields, { name: `io.debezium.time.Structured${name}`, version: 1 });
}

const DATE = structured('Date', { ...DATE_FIELDS, specialValue: string });
const TIME = structured('Time', { ...TIME_FIELDS, precision: int32 });
const TIMESTAMP = structured('Timestamp', {
  ...DATE_FIELDS,
  ...TIME_FIELDS,
  specialValue: string,
  precision: int32,
});
const ZONED_TIME = structured('ZonedTime', {
  ...TIME_FIELDS,
  offsetSeconds: int32,
  precision: int32,
});
const ZONED_TIMESTAMP = structured('ZonedTimestamp', {
  ...DATE_FIELDS,
  ...TIME_FIELDS,
  offsetSeconds: int32,
  zoneId: string,
  specialValue: string,
  precision: int32,
});
const DURATION = structured('Duration', {
  years: int32,
  months: int32,
  days: int32,
  hours: int32,
  minutes: int32,
  seconds: schemas.int64({ optional: true }),
  nanos: int32,
  precision: int32,
});

export function structuredDate(): ColumnCodec {
  const decode = (text: string): unknown =>
    isInfinite(text)
      ? { year: null, month: null, day: null, specialValue: special(text) }
      : { ...dateParts(text), specialValue: null };
  return codec(DATE, decode, decode(EPOCH_DATE));
}

/** 24:00:00 has hour 24. */
export function structuredTime(precision: number): ColumnCodec {
  const decode = (text: string): unknown => {
    const { secondOfDay, micros } = parseTime(text);
    return { ...clockParts(secondOfDay, micros), precision };
  };
  return codec(TIME, decode, decode(MIDNIGHT));
}

export function structuredTimestamp(precision: number): ColumnCodec {
  const decode = (text: string): unknown =>
    isInfinite(text)
      ? { ...NO_PARTS, specialValue: special(text), precision }
      : { ...timestampParts(text), specialValue: null, precision };
  return codec(TIMESTAMP, decode, decode(`${EPOCH_DATE} ${MIDNIGHT}`));
}

/** The clock and offset that were written: they are not moved to UTC. */
export function structuredZonedTime(precision: number): ColumnCodec {
  const decode = (text: string): unknown => {
    const { secondOfDay, micros, zoneSeconds } = parseTime(text);
    return { ...clockParts(secondOfDay, micros), offsetSeconds: zoneSeconds, precision };
  };
  return codec(ZONED_TIME, decode, decode(`${MIDNIGHT}+00`));
}

/** In UTC: the server keeps no zone. */
export function structuredZonedTimestamp(precision: number): ColumnCodec {
  const decode = (text: string): unknown =>
    isInfinite(text)
      ? {
          ...NO_PARTS,
          offsetSeconds: null,
          zoneId: null,
          specialValue: special(text),
          precision,
        }
      : { ...timestampParts(text), offsetSeconds: 0, zoneId: 'Z', specialValue: null, precision };
  return codec(ZONED_TIMESTAMP, decode, decode(`${EPOCH_DATE} ${MIDNIGHT}+00`));
}

export function structuredDuration(precision: number): ColumnCodec {
  const decode = (text: string): unknown => {
    const { micros, ...units } = parseInterval(text);
    const seconds = Math.trunc(micros / 1_000_000) + 0;
    return { ...units, seconds, nanos: (micros - seconds * 1_000_000) * 1000 + 0, precision };
  };
  return codec(DURATION, decode, decode('00:00:00'));
}

const EPOCH_DATE = '1970-01-01';
const MIDNIGHT = '00:00:00';
const NO_PARTS = {
  year: null,
  month: null,
  day: null,
  hour: null,
  minute: null,
  second: null,
  nanos: null,
};

function special(text: string): string {
  return text === 'infinity' ? 'POSITIVE_INFINITY' : 'NEGATIVE_INFINITY';
}

function dateParts(text: string): { year: number; month: number; day: number } {
  const { year, month, day } = parseDateTime(text);
  return { year, month, day };
}

function timestampParts(text: string): Readonly<Record<string, number>> {
  const { year, month, day, secondOfDay, micros } = parseDateTime(text);
  return { year, month, day, ...clockParts(secondOfDay, micros) };
}

function clockParts(secondOfDay: number, micros: number): Readonly<Record<string, number>> {
  return {
    hour: Math.floor(secondOfDay / 3600),
    minute: Math.floor(secondOfDay / 60) % 60,
    second: secondOfDay % 60,
    nanos: micros * 1000,
  };
}
