import { writeInteger } from '@millrace/cdc';
import { int64, logical, schemas, type Schema } from '@millrace/record';
import type { WireColumn } from '../binlog/events/table-map.ts';
import { WIRE } from '../binlog/events/wire-types.ts';
import { notRepresentable } from '../binlog/errors.ts';
import type { ColumnCodec, ValueReader } from './codec.ts';
import type { ColumnDefinition } from './column.ts';
import {
  dateReader,
  datetime2Reader,
  MOMENT,
  moment,
  oldDatetimeReader,
  oldTimeReader,
  oldTimestampReader,
  textReader,
  time2Reader,
  timestamp2Reader,
  timeTextReader,
  type DurationReader,
  type MomentReader,
} from './moment.ts';
import type { ValueSettings } from './value-settings.ts';
import { mustBe } from './wire-check.ts';

const ZERO = 0x30;
const DAY_MICROS = 86_400_000_000;
const INT64_MAX = 2n ** 63n - 1n;

/** How a mode tells a moment: as a value, and where there is a short way, as JSON. */
interface Telling {
  readonly schema: Schema;
  readonly zero: unknown;
  /** Of `moment`; undefined: out of its range. */
  readonly value: () => unknown;
  /** Of `moment`; −1: take the long way. */
  readonly write: ((to: Buffer, position: number) => number) | null;
}

export function dateCodec(column: ColumnDefinition, settings: ValueSettings): ColumnCodec {
  return momentCodec(column, settings, dateTelling(settings), (wire) => {
    mustBe(column, wire, WIRE.date, WIRE.newDate);
    return dateReader(settings.adjustsYears);
  });
}

export function datetimeCodec(column: ColumnDefinition, settings: ValueSettings): ColumnCodec {
  return momentCodec(column, settings, datetimeTelling(column, settings), (wire) => {
    mustBe(column, wire, WIRE.datetime2, WIRE.datetime);
    return wire.type === WIRE.datetime
      ? oldDatetimeReader(settings.adjustsYears)
      : datetime2Reader(wire.precision, settings.adjustsYears);
  });
}

export function timestampCodec(column: ColumnDefinition, settings: ValueSettings): ColumnCodec {
  const digits = column.length ?? 0;
  const telling: Telling = {
    schema: schemas.string({ name: 'io.debezium.time.ZonedTimestamp', version: 1 }),
    zero: '1970-01-01T00:00:00Z',
    value: () => isoTimestamp(digits),
    write: (to, position) => writeIsoTimestamp(digits, to, position),
  };
  return momentCodec(column, { ...settings, adjustsYears: false }, telling, (wire) => {
    mustBe(column, wire, WIRE.timestamp2, WIRE.timestamp);
    return wire.type === WIRE.timestamp ? oldTimestampReader : timestamp2Reader(wire.precision);
  });
}

function momentCodec(
  column: ColumnDefinition,
  settings: ValueSettings,
  telling: Telling,
  readerOn: (wire: WireColumn) => MomentReader,
): ColumnCodec {
  const valueReader = (parse: MomentReader): ValueReader => ({
    read: (bytes, start, end) => {
      const kind = parse(bytes, start, end);
      if (kind === MOMENT.none) return null;
      const value = kind === MOMENT.date ? telling.value() : undefined;
      return value === undefined ? unrepresentable(column, settings, momentText()) : value;
    },
    json:
      telling.write === null
        ? null
        : (from, start, end, to, position) =>
            parse(from, start, end) === MOMENT.date ? (telling.write?.(to, position) ?? -1) : -1,
  });
  return {
    schema: telling.schema,
    zero: telling.zero,
    placeholder: undefined,
    text: valueReader(textReader(settings.adjustsYears)),
    onWire: (wire) => valueReader(readerOn(wire)),
  };
}

function unrepresentable(column: ColumnDefinition, settings: ValueSettings, text: string): null {
  if (settings.onUnrepresentable === 'null') return null;
  throw notRepresentable(
    column.type,
    text,
    'set another time.precision.mode, or event.converting.failure.handling.mode=warn for null instead',
  );
}

function dateTelling(settings: ValueSettings): Telling {
  switch (settings.timeMode) {
    case 'connect':
      return {
        schema: logical.date(),
        zero: new Date(0),
        value: () => new Date(moment.epochDay * 86_400_000),
        write: (to, position) => writeInteger(moment.epochDay, to, position),
      };
    case 'isostring':
      return {
        schema: schemas.string({ name: 'io.debezium.time.IsoDate', version: 1 }),
        zero: '1970-01-01Z',
        value: () => `${isoDate()}Z`,
        write: null,
      };
    default:
      return {
        schema: schemas.int32({ name: 'io.debezium.time.Date', version: 1 }),
        zero: 0,
        value: () => moment.epochDay,
        write: (to, position) => writeInteger(moment.epochDay, to, position),
      };
  }
}

function datetimeTelling(column: ColumnDefinition, settings: ValueSettings): Telling {
  const isPrecise = (column.length ?? 0) > 3;
  const seconds = (): number => moment.epochDay * 86_400 + moment.secondOfDay;
  const millis = (): number => seconds() * 1000 + Math.floor(moment.micros / 1000);
  const micros = (): number => seconds() * 1_000_000 + moment.micros;
  const exactMicros = (): bigint => BigInt(seconds()) * 1_000_000n + BigInt(moment.micros);
  const writeMillis = (to: Buffer, position: number): number =>
    writeInteger(millis(), to, position);
  switch (settings.timeMode) {
    case 'connect':
      return {
        schema: logical.timestamp(),
        zero: new Date(0),
        value: () => new Date(millis()),
        write: writeMillis,
      };
    case 'isostring':
      return {
        schema: schemas.string({ name: 'io.debezium.time.IsoTimestamp', version: 1 }),
        zero: '1970-01-01T00:00:00Z',
        value: () => isoTimestamp(0),
        write: null,
      };
    case 'nanoseconds':
      return {
        schema: schemas.int64({ name: 'io.debezium.time.NanoTimestamp', version: 1 }),
        zero: 0,
        value: () => {
          const nanos = exactMicros() * 1000n;
          return nanos > INT64_MAX || nanos < -INT64_MAX ? undefined : int64(nanos);
        },
        write: null,
      };
    default:
      return isPrecise || settings.timeMode === 'microseconds'
        ? {
            schema: schemas.int64({ name: 'io.debezium.time.MicroTimestamp', version: 1 }),
            zero: 0,
            value: () => int64(exactMicros()),
            write: (to, position) => {
              const value = micros();
              return Number.isSafeInteger(value) ? writeInteger(value, to, position) : -1;
            },
          }
        : {
            schema: schemas.int64({ name: 'io.debezium.time.Timestamp', version: 1 }),
            zero: 0,
            value: millis,
            write: writeMillis,
          };
  }
}

interface DurationTelling {
  readonly schema: Schema;
  readonly zero: unknown;
  /** undefined: out of its range. */
  readonly value: (micros: number) => unknown;
  /** A whole number that is also its JSON; null: it has another. */
  readonly number: ((micros: number) => number) | null;
}

export function timeCodec(column: ColumnDefinition, settings: ValueSettings): ColumnCodec {
  const telling = timeTelling(column, settings);
  const valueReader = (micros: DurationReader): ValueReader => ({
    read: (bytes, start, end) => {
      const duration = micros(bytes, start, end);
      const value = telling.value(duration);
      return value === undefined
        ? unrepresentable(column, settings, `${duration / 1_000_000} s`)
        : value;
    },
    json:
      telling.number === null
        ? null
        : (from, start, end, to, position) =>
            writeInteger(telling.number?.(micros(from, start, end)) ?? 0, to, position),
  });
  return {
    schema: telling.schema,
    zero: telling.zero,
    placeholder: undefined,
    text: valueReader(timeTextReader),
    onWire: (wire) => {
      mustBe(column, wire, WIRE.time2, WIRE.time);
      return valueReader(wire.type === WIRE.time ? oldTimeReader : time2Reader(wire.precision));
    },
  };
}

const identity = (micros: number): number => micros;

/** Only MicroTime and NanoTime hold durations; the others are times of a day. */
function timeTelling(column: ColumnDefinition, settings: ValueSettings): DurationTelling {
  const isTimeOfDay = (micros: number): boolean => micros >= 0 && micros < DAY_MICROS;
  switch (settings.timeMode) {
    case 'connect':
      return {
        schema: logical.time(),
        zero: new Date(0),
        value: (micros) => (isTimeOfDay(micros) ? new Date(Math.floor(micros / 1000)) : undefined),
        number: null,
      };
    case 'isostring':
      return {
        schema: schemas.string({ name: 'io.debezium.time.IsoTime', version: 1 }),
        zero: '00:00:00Z',
        value: (micros) =>
          isTimeOfDay(micros)
            ? `${isoClock(Math.floor(micros / 1_000_000), micros % 1_000_000, 0)}Z`
            : undefined,
        number: null,
      };
    case 'nanoseconds': {
      const nanos = (micros: number): number => micros * 1000;
      return {
        schema: schemas.int64({ name: 'io.debezium.time.NanoTime', version: 1 }),
        zero: 0,
        value: nanos,
        number: nanos,
      };
    }
    case 'adaptive':
      if ((column.length ?? 0) <= 3)
        return {
          schema: schemas.int32({ name: 'io.debezium.time.Time', version: 1 }),
          zero: 0,
          value: (micros) => Math.trunc(micros / 1000),
          number: (micros) => Math.trunc(micros / 1000),
        };
      break;
    default:
  }
  return {
    schema: schemas.int64({ name: 'io.debezium.time.MicroTime', version: 1 }),
    zero: 0,
    value: identity,
    number: identity,
  };
}

function momentText(): string {
  return `${isoDate()} ${isoClock(moment.secondOfDay, moment.micros, 6)}`;
}

function isoDate(): string {
  return `${pad(moment.year, 4)}-${pad(moment.month, 2)}-${pad(moment.day, 2)}`;
}

/** `digits` of a second, or with 0 as few as it needs. */
function isoTimestamp(digits: number): string {
  return `${isoDate()}T${isoClock(moment.secondOfDay, moment.micros, digits)}Z`;
}

function isoClock(secondOfDay: number, micros: number, digits: number): string {
  const clock = `${pad(Math.floor(secondOfDay / 3600), 2)}:${pad(Math.floor(secondOfDay / 60) % 60, 2)}:${pad(secondOfDay % 60, 2)}`;
  const fraction = pad(micros, 6);
  if (digits > 0) return `${clock}.${fraction.slice(0, digits)}`;
  const short = fraction.replace(/0+$/, '');
  return short === '' ? clock : `${clock}.${short}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** `"2024-05-01T10:00:00.123456Z"`, digit by digit. */
function writeIsoTimestamp(digits: number, to: Buffer, position: number): number {
  if (digits === 0 && moment.micros !== 0) return -1;
  const { secondOfDay } = moment;
  let cursor = position;
  to[cursor++] = 0x22;
  cursor = writeTwo(Math.floor(moment.year / 100), to, cursor);
  cursor = writeTwo(moment.year % 100, to, cursor);
  to[cursor++] = 0x2d;
  cursor = writeTwo(moment.month, to, cursor);
  to[cursor++] = 0x2d;
  cursor = writeTwo(moment.day, to, cursor);
  to[cursor++] = 0x54;
  cursor = writeTwo((secondOfDay / 3600) | 0, to, cursor);
  to[cursor++] = 0x3a;
  cursor = writeTwo(((secondOfDay / 60) | 0) % 60, to, cursor);
  to[cursor++] = 0x3a;
  cursor = writeTwo(secondOfDay % 60, to, cursor);
  if (digits > 0) {
    to[cursor++] = 0x2e;
    let rest = moment.micros;
    let unit = 100_000;
    for (let digit = 0; digit < digits; digit++) {
      const value = (rest / unit) | 0;
      to[cursor++] = ZERO + value;
      rest -= value * unit;
      unit /= 10;
    }
  }
  to[cursor++] = 0x5a;
  to[cursor++] = 0x22;
  return cursor;
}

function writeTwo(value: number, to: Buffer, position: number): number {
  const tens = (value / 10) | 0;
  to[position] = ZERO + tens;
  to[position + 1] = ZERO + value - tens * 10;
  return position + 2;
}
