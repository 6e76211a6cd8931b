import { writeUnscaled } from '@millrace/cdc';
import { Decimal, logical, schemas } from '@millrace/record';
import { WIRE } from '../binlog/events/wire-types.ts';
import type { ColumnCodec, JsonWriter, ValueReader } from './codec.ts';
import type { ColumnDefinition } from './column.ts';
import { decimalText, SMALL_DIGITS_MAX, smallUnscaled } from './decimal-bytes.ts';
import type { ValueSettings } from './value-settings.ts';
import { mustBe } from './wire-check.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;

export function decimalCodec(column: ColumnDefinition, settings: ValueSettings): ColumnCodec {
  const precision = column.length ?? 10;
  const scale = column.scale ?? 0;
  const textOf = (bytes: Buffer, start: number, end: number): string =>
    decimalText(bytes, start, end, precision, scale);
  const plain = (bytes: Buffer, start: number, end: number): string =>
    // ZEROFILL
    bytes.toString('latin1', start, end).replace(/^(-?)0+(?=\d)/, '$1');
  const checked =
    (reader: ValueReader): ColumnCodec['onWire'] =>
    (wire) => {
      mustBe(column, wire, WIRE.newDecimal);
      return reader;
    };
  if (settings.decimalMode === 'string')
    return {
      schema: schemas.string(),
      zero: new Decimal(0n, scale).toString(),
      placeholder: undefined,
      text: { read: plain, json: null },
      onWire: checked({ read: textOf, json: null }),
    };
  if (settings.decimalMode === 'double')
    return {
      schema: schemas.float64(),
      zero: 0,
      placeholder: undefined,
      text: { read: (bytes, start, end) => Number(plain(bytes, start, end)), json: null },
      onWire: checked({
        read: (bytes, start, end) => Number(textOf(bytes, start, end)),
        json: null,
      }),
    };
  const isSmall = precision <= SMALL_DIGITS_MAX;
  return {
    schema: logical.decimal(scale, {
      parameters: { 'connect.decimal.precision': String(precision) },
    }),
    zero: new Decimal(0n, scale),
    placeholder: undefined,
    text: {
      read: (bytes, start, end) => Decimal.parse(plain(bytes, start, end)),
      json: isSmall ? writeDecimalText(scale) : null,
    },
    onWire: checked({
      read: (bytes, start, end) => Decimal.parse(textOf(bytes, start, end)),
      json: isSmall
        ? (from, start, _end, to, position) =>
            writeUnscaled(smallUnscaled(from, start, precision, scale), to, position)
        : null,
    }),
  };
}

/** Digits with a point before the last `scale` of them. */
function writeDecimalText(scale: number): JsonWriter {
  return (from, start, end, to, position) => {
    const isNegative = from[start] === MINUS;
    const point = scale === 0 ? end : end - scale - 1;
    let unscaled = 0;
    for (let index = isNegative ? start + 1 : start; index < end; index++) {
      const byte = from[index] ?? 0;
      if (index === point) {
        if (byte !== POINT) return -1;
        continue;
      }
      const digit = byte - ZERO;
      if (digit < 0 || digit > 9) return -1;
      unscaled = unscaled * 10 + digit;
    }
    return writeUnscaled(isNegative ? -unscaled : unscaled, to, position);
  };
}

/** FLOAT is four bytes; with digits in brackets, or more than 24 bits, its schema is a double's all the same. */
export function floatCodec(column: ColumnDefinition): ColumnCodec {
  const isDouble = column.type === 'double' || column.scale !== null || (column.length ?? 0) > 24;
  const isFourBytes = column.type === 'float';
  const ofText = (bytes: Buffer, start: number, end: number): number => {
    const value = Number(bytes.toString('latin1', start, end));
    return isFourBytes ? Math.fround(value) : value;
  };
  return {
    schema: isDouble ? schemas.float64() : schemas.float32(),
    zero: 0,
    placeholder: undefined,
    text: { read: ofText, json: null },
    onWire: (wire) => {
      mustBe(column, wire, WIRE.float, WIRE.double);
      return {
        read:
          wire.size === 4
            ? (bytes, start) => bytes.readFloatLE(start)
            : (bytes, start) => bytes.readDoubleLE(start),
        json: null,
      };
    },
  };
}
