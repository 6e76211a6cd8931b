import { writeBase64Bytes } from '@millrace/cdc';
import { schemas } from '@millrace/record';
import { WIRE } from '../binlog/events/wire-types.ts';
import { valueUnreadable } from '../binlog/errors.ts';
import type { ColumnCodec, ValueReader } from './codec.ts';
import type { ColumnDefinition } from './column.ts';
import { inflating, isCompressed, TEXT_WIRES } from './texts.ts';
import type { ValueSettings } from './value-settings.ts';
import { mustBe } from './wire-check.ts';

/** binary, varbinary and blobs. */
export function binaryCodec(column: ColumnDefinition, settings: ValueSettings): ColumnCodec {
  // The binlog leaves out the zeros at the end of a BINARY(n).
  const width = column.type === 'binary' ? (column.length ?? 1) : 0;
  const encode = encoder(settings);
  const reader: ValueReader = {
    read: (bytes, start, end) => encode(padded(bytes, start, end, width)),
    json:
      settings.binaryMode === 'bytes'
        ? (from, start, end, to, position) =>
            end - start < width ? -1 : writeBase64Bytes(from, start, end, to, position)
        : null,
    room: (_bytes, start, end) => Math.ceil((end - start) / 3) * 4 + 2,
  };
  return {
    schema: settings.binaryMode === 'bytes' ? schemas.bytes() : schemas.string(),
    zero: encode(Buffer.alloc(0)),
    placeholder: encode(settings.placeholderBytes),
    text: reader,
    onWire: (wire) => {
      mustBe(column, wire, ...TEXT_WIRES);
      return isCompressed(wire) ? inflating(reader) : reader;
    },
  };
}

function padded(bytes: Buffer, start: number, end: number, width: number): Buffer {
  if (end - start >= width) return Buffer.from(bytes.subarray(start, end));
  const value = Buffer.alloc(width);
  bytes.copy(value, 0, start, end);
  return value;
}

function encoder(settings: ValueSettings): (bytes: Buffer) => Buffer | string {
  switch (settings.binaryMode) {
    case 'bytes':
      return (bytes) => bytes;
    case 'hex':
      return (bytes) => bytes.toString('hex');
    case 'base64':
      return (bytes) => bytes.toString('base64');
    case 'base64-url-safe':
      // Java's URL-safe encoder pads.
      return (bytes) => {
        const text = bytes.toString('base64url');
        return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
      };
  }
}

const GEOMETRY = schemas.struct(
  { wkb: schemas.bytes(), srid: schemas.int32({ optional: true }) },
  { name: 'io.debezium.data.geometry.Geometry', version: 1, doc: 'Geometry' },
);

const POINT = schemas.struct(
  {
    x: schemas.float64(),
    y: schemas.float64(),
    wkb: schemas.bytes({ optional: true }),
    srid: schemas.int32({ optional: true }),
  },
  { name: 'io.debezium.data.geometry.Point', version: 1, doc: 'Geometry (POINT)' },
);

/** GEOMETRYCOLLECTION EMPTY */
const EMPTY_WKB = Buffer.from('010700000000000000', 'hex');
const SRID_BYTES = 4;
const POINT_BYTES = 21;

/** Four bytes of SRID, then WKB, from snapshot and binlog alike. An SRID of 0 is null, as Debezium. */
export function geometryCodec(column: ColumnDefinition): ColumnCodec {
  const isPoint = column.type === 'point';
  const reader: ValueReader = {
    read: (bytes, start, end) => {
      if (end - start < SRID_BYTES) throw valueUnreadable(column.type, 'it has no SRID');
      const srid = bytes.readInt32LE(start);
      const wkb = Buffer.from(bytes.subarray(start + SRID_BYTES, end));
      const value = { wkb, srid: srid === 0 ? null : srid };
      return isPoint ? { ...coordinates(wkb), ...value } : value;
    },
    json: null,
  };
  return {
    schema: isPoint ? POINT : GEOMETRY,
    zero: isPoint ? { x: 0, y: 0, wkb: EMPTY_WKB, srid: null } : { wkb: EMPTY_WKB, srid: null },
    placeholder: undefined,
    text: reader,
    onWire: (wire) => {
      mustBe(column, wire, WIRE.geometry, WIRE.blob, WIRE.longBlob);
      return reader;
    },
  };
}

function coordinates(wkb: Buffer): { readonly x: number; readonly y: number } {
  if (wkb.length !== POINT_BYTES) throw valueUnreadable('point', 'it is no WKB of a point');
  return wkb[0] === 0
    ? { x: wkb.readDoubleBE(5), y: wkb.readDoubleBE(13) }
    : { x: wkb.readDoubleLE(5), y: wkb.readDoubleLE(13) };
}

export function vectorCodec(column: ColumnDefinition): ColumnCodec {
  const reader: ValueReader = {
    read: (bytes, start, end) => {
      const items: number[] = [];
      for (let at = start; at + 4 <= end; at += 4) items.push(bytes.readFloatLE(at));
      return items;
    },
    json: null,
  };
  return {
    schema: schemas.array(schemas.float32(), { name: 'io.debezium.data.FloatVector', version: 1 }),
    zero: [],
    placeholder: undefined,
    text: reader,
    onWire: (wire) => {
      mustBe(column, wire, WIRE.vector, ...TEXT_WIRES);
      return reader;
    },
  };
}
