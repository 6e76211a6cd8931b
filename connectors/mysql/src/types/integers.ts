import { copyBytes, writeInteger, writeUnscaled } from '@millrace/cdc';
import { Decimal, int64, logical, schemas, type Schema } from '@millrace/record';
import type { WireColumn } from '../binlog/events/table-map.ts';
import { WIRE } from '../binlog/events/wire-types.ts';
import type { ColumnCodec, JsonWriter, ValueReader } from './codec.ts';
import type { ColumnDefinition } from './column.ts';
import type { ValueSettings } from './value-settings.ts';
import { mustBe } from './wire-check.ts';

const ZERO = 0x30;
const TWO_32 = 0x1_0000_0000;

const WIRE_TYPES: Readonly<Record<string, number>> = {
  tinyint: WIRE.tiny,
  smallint: WIRE.short,
  mediumint: WIRE.int24,
  int: WIRE.long,
};

const SCHEMAS: Readonly<Record<string, readonly [signed: Schema, unsigned: Schema]>> = {
  tinyint: [schemas.int16(), schemas.int16()], // as Debezium 3.6
  smallint: [schemas.int16(), schemas.int32()],
  mediumint: [schemas.int32(), schemas.int32()],
  int: [schemas.int32(), schemas.int64()],
};

/** tinyint to int. */
export function integerCodec(column: ColumnDefinition): ColumnCodec {
  const { type, isUnsigned } = column;
  const [signed = schemas.int32(), unsigned = schemas.int64()] = SCHEMAS[type] ?? [];
  return {
    schema: isUnsigned ? unsigned : signed,
    zero: 0,
    placeholder: undefined,
    text: INTEGER_TEXT,
    onWire: (wire) => {
      mustBe(column, wire, WIRE_TYPES[type] ?? -1);
      return wireInteger(wire, isUnsigned);
    },
  };
}

function wireInteger(wire: WireColumn, isUnsigned: boolean): ValueReader {
  const read = integerAt(wire.type, isUnsigned);
  return {
    read,
    json: (from, start, _end, to, position) => writeInteger(read(from, start), to, position),
  };
}

type IntegerAt = (bytes: Buffer, at: number) => number;

function integerAt(type: number, isUnsigned: boolean): IntegerAt {
  const byte = (bytes: Buffer, at: number): number => bytes[at] ?? 0;
  const short: IntegerAt = (bytes, at) => byte(bytes, at) | (byte(bytes, at + 1) << 8);
  const medium: IntegerAt = (bytes, at) => short(bytes, at) | (byte(bytes, at + 2) << 16);
  const long: IntegerAt = (bytes, at) => medium(bytes, at) | (byte(bytes, at + 3) << 24);
  switch (type) {
    case WIRE.tiny:
      return isUnsigned ? byte : (bytes, at) => (byte(bytes, at) << 24) >> 24;
    case WIRE.short:
      return isUnsigned ? short : (bytes, at) => (short(bytes, at) << 16) >> 16;
    case WIRE.int24:
      return isUnsigned ? medium : (bytes, at) => (medium(bytes, at) << 8) >> 8;
    default:
      return isUnsigned ? (bytes, at) => long(bytes, at) >>> 0 : long;
  }
}

/** Leading zeros are those of ZEROFILL. */
const writeDigits: JsonWriter = (from, start, end, to, position) => {
  let first = start;
  while (first < end - 1 && from[first] === ZERO) first++;
  return copyBytes(from, first, end, to, position);
};

const INTEGER_TEXT: ValueReader = {
  read: (bytes, start, end) => Number(bytes.toString('latin1', start, end)),
  json: writeDigits,
};

export function bigintCodec(column: ColumnDefinition, settings: ValueSettings): ColumnCodec {
  if (column.isUnsigned)
    return settings.unsignedBigintMode === 'precise' ? preciseUnsigned(column) : wrapped(column);
  return {
    schema: schemas.int64(),
    zero: 0,
    placeholder: undefined,
    text: {
      read: (bytes, start, end) => int64(bytes.toString('latin1', start, end)),
      json: writeDigits,
    },
    onWire: (wire) => {
      mustBe(column, wire, WIRE.longLong);
      return SIGNED_LONG;
    },
  };
}

const readSigned = (bytes: Buffer, start: number): number | bigint => {
  const value = highAt(bytes, start) * TWO_32 + lowAt(bytes, start);
  return Number.isSafeInteger(value) ? value : int64(bytes.readBigInt64LE(start));
};

const SIGNED_LONG: ValueReader = {
  read: readSigned,
  json: (from, start, _end, to, position) => {
    const value = highAt(from, start) * TWO_32 + lowAt(from, start);
    return Number.isSafeInteger(value) ? writeInteger(value, to, position) : -1;
  },
};

function lowAt(bytes: Buffer, at: number): number {
  return (
    ((bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)) >>>
    0
  );
}

/** With its sign. */
function highAt(bytes: Buffer, at: number): number {
  return (
    (bytes[at + 4] ?? 0) |
    ((bytes[at + 5] ?? 0) << 8) |
    ((bytes[at + 6] ?? 0) << 16) |
    ((bytes[at + 7] ?? 0) << 24)
  );
}

/** `long`: as Java's long, so that the largest is −1. The bytes are the same as of a signed one. */
function wrapped(column: ColumnDefinition): ColumnCodec {
  return {
    schema: schemas.int64(),
    zero: 0,
    placeholder: undefined,
    text: {
      read: (bytes, start, end) =>
        int64(BigInt.asIntN(64, BigInt(bytes.toString('latin1', start, end)))),
      json: (from, start, end, to, position) =>
        end - start < 19 ? writeDigits(from, start, end, to, position) : -1,
    },
    onWire: (wire) => {
      mustBe(column, wire, WIRE.longLong);
      return SIGNED_LONG;
    },
  };
}

const DECIMAL_20 = logical.decimal(0, { parameters: { 'connect.decimal.precision': '20' } });
/** Below this a two's complement has six bytes. */
const SMALL_MAX = 2 ** 47;

function preciseUnsigned(column: ColumnDefinition): ColumnCodec {
  return {
    schema: DECIMAL_20,
    zero: new Decimal(0n, 0),
    placeholder: undefined,
    text: {
      read: (bytes, start, end) => new Decimal(BigInt(bytes.toString('latin1', start, end)), 0),
      json: null,
    },
    onWire: (wire) => {
      mustBe(column, wire, WIRE.longLong);
      return {
        read: (bytes, start) => new Decimal(bytes.readBigUInt64LE(start), 0),
        json: (from, start, _end, to, position) => {
          const high = highAt(from, start);
          const value = high * TWO_32 + lowAt(from, start);
          return high >= 0 && value < SMALL_MAX ? writeUnscaled(value, to, position) : -1;
        },
      };
    },
  };
}

/** A tinyint whose value is true unless it is 0. */
export function booleanCodec(column: ColumnDefinition): ColumnCodec {
  return {
    schema: schemas.boolean(),
    zero: false,
    placeholder: undefined,
    text: {
      read: (bytes, start, end) => Number(bytes.toString('latin1', start, end)) !== 0,
      json: null,
    },
    onWire: (wire) => {
      mustBe(column, wire, WIRE.tiny);
      return { read: (bytes, start) => bytes[start] !== 0, json: null };
    },
  };
}

/** One byte, years since 1900; 0 is the year 0000. */
export function yearCodec(column: ColumnDefinition): ColumnCodec {
  const read = (bytes: Buffer, start: number): number => {
    const byte = bytes[start] ?? 0;
    return byte === 0 ? 0 : 1900 + byte;
  };
  return {
    schema: schemas.int32({ name: 'io.debezium.time.Year', version: 1 }),
    zero: 0,
    placeholder: undefined,
    text: INTEGER_TEXT,
    onWire: (wire) => {
      mustBe(column, wire, WIRE.year);
      return {
        read,
        json: (from, start, _end, to, position) => writeInteger(read(from, start), to, position),
      };
    },
  };
}

export function bitCodec(column: ColumnDefinition): ColumnCodec {
  const length = column.length ?? 1;
  const isBoolean = length === 1;
  // The text protocol sends the same bytes as the binlog, the highest first.
  const reader: ValueReader = isBoolean
    ? { read: (bytes, start, end) => (bytes[end - 1] ?? 0) !== 0 && end > start, json: null }
    : {
        read: (bytes, start, end) => {
          const value = Buffer.alloc((length + 7) >> 3);
          bytes.copy(value, Math.max(0, value.length - (end - start)), start, end);
          return value.reverse();
        },
        json: null,
      };
  return {
    schema: isBoolean
      ? schemas.boolean()
      : schemas.bytes({
          name: 'io.debezium.data.Bits',
          version: 1,
          parameters: { length: String(length) },
        }),
    zero: isBoolean ? false : Buffer.alloc(0),
    placeholder: undefined,
    text: reader,
    onWire: (wire) => {
      mustBe(column, wire, WIRE.bit);
      return reader;
    },
  };
}
