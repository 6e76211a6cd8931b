import { ByteReader } from './byte-reader.ts';
import { readMetadata, type FullMetadata } from './optional-metadata.ts';
import { decimalBytes, fractionBytes, WIRE } from './wire-types.ts';

/** The form of a column's values in the binlog. */
export interface WireColumn {
  /** Number of the type in the protocol; of CHAR, ENUM and SET the real one (254, 247, 248). */
  readonly type: number;
  /** Bytes of the longest value (CHAR, VARCHAR), of a value (ENUM, SET, BIT), of a length (BLOB, JSON, GEOMETRY), else 0. */
  readonly width: number;
  /** Digits of a DECIMAL, of a second's fraction, bits of a BIT, else 0. */
  readonly precision: number;
  /** Digits of a DECIMAL behind the point, else 0. */
  readonly scale: number;
  readonly isNullable: boolean;
  /** null: not told (before MySQL 8.0.1 and MariaDB 10.5). Numbers only. */
  readonly isUnsigned: boolean | null;
  /** Number of the collation; null: not told, or no text. */
  readonly collation: number | null;
  /** Bytes of each value; or, below zero, of the length before each value. */
  readonly size: number;
}

/** A table as the binlog describes it before its rows. Immutable; the same object for equal descriptions. */
export interface TableMap {
  readonly database: string;
  readonly table: string;
  readonly columns: readonly WireColumn[];
  /** null: the server's `binlog_row_metadata` is MINIMAL. */
  readonly full: FullMetadata | null;
}

/** More columns than any server allows. */
const COLUMNS_MAX = 8192;

/** From behind the table's number and flags. @throws RangeError when it is not whole, or has an unknown type */
export function decodeTableMap(
  bytes: Buffer,
  start: number,
  end: number,
  flavour: 'mysql' | 'mariadb',
): TableMap {
  const reader = new ByteReader(bytes, start, end);
  const database = reader.text(reader.uint8());
  reader.skip(1);
  const table = reader.text(reader.packed());
  reader.skip(1);
  const count = reader.packed();
  if (count > COLUMNS_MAX) throw new RangeError(`${count} columns are too many`);
  const types = reader.bytes(count);
  const forms = new ByteReader(reader.bytes(reader.packed()), 0, Number.MAX_SAFE_INTEGER);
  const columns: WireColumn[] = [];
  for (const type of types) columns.push(decodeForm(type, forms));
  const nullable = reader.bytes((count + 7) >> 3);
  const withNulls = columns.map((column, index) => ({
    ...column,
    isNullable: ((nullable[index >> 3] ?? 0) & (1 << (index & 7))) !== 0,
  }));
  return { database, table, ...readMetadata(reader, withNulls, flavour) };
}

const NOTHING = {
  width: 0,
  precision: 0,
  scale: 0,
  isNullable: true,
  isUnsigned: null,
  collation: null,
} as const;

const FIXED_SIZES: ReadonlyMap<number, number> = new Map([
  [WIRE.tiny, 1],
  [WIRE.short, 2],
  [WIRE.int24, 3],
  [WIRE.long, 4],
  [WIRE.longLong, 8],
  [WIRE.null, 0],
  [WIRE.year, 1],
  [WIRE.date, 3],
  [WIRE.newDate, 3],
  [WIRE.time, 3],
  [WIRE.datetime, 8],
  [WIRE.timestamp, 4],
]);

const FRACTION_BASES: ReadonlyMap<number, number> = new Map([
  [WIRE.timestamp2, 4],
  [WIRE.datetime2, 5],
  [WIRE.time2, 3],
]);

const BLOBS: ReadonlySet<number> = new Set([
  WIRE.tinyBlob,
  WIRE.mediumBlob,
  WIRE.longBlob,
  WIRE.blob,
  WIRE.blobCompressed,
  WIRE.geometry,
  WIRE.json,
  WIRE.vector,
]);

function decodeForm(type: number, forms: ByteReader): WireColumn {
  const fixed = FIXED_SIZES.get(type);
  if (fixed !== undefined) return { ...NOTHING, type, size: fixed };
  const base = FRACTION_BASES.get(type);
  if (base !== undefined) {
    const digits = forms.uint8();
    if (digits > 6) throw new RangeError(`a fraction of ${digits} digits`);
    return { ...NOTHING, type, precision: digits, size: base + fractionBytes(digits) };
  }
  if (BLOBS.has(type)) {
    const width = forms.uint8();
    if (width < 1 || width > 4) throw new RangeError(`a length of ${width} bytes`);
    return { ...NOTHING, type, width, size: -width };
  }
  switch (type) {
    case WIRE.float:
    case WIRE.double:
      return { ...NOTHING, type, size: forms.uint8() === 8 ? 8 : 4 };
    case WIRE.varchar:
    case WIRE.varString:
    case WIRE.varcharCompressed: {
      const width = forms.uint(2);
      return { ...NOTHING, type, width, size: width > 255 ? -2 : -1 };
    }
    case WIRE.bit: {
      const bits = forms.uint8();
      const bytes = forms.uint8();
      const width = bytes + (bits > 0 ? 1 : 0);
      return { ...NOTHING, type, width, precision: bytes * 8 + bits, size: width };
    }
    case WIRE.newDecimal: {
      const precision = forms.uint8();
      const scale = forms.uint8();
      if (scale > precision) throw new RangeError(`a decimal (${precision},${scale})`);
      return { ...NOTHING, type, precision, scale, size: decimalBytes(precision, scale) };
    }
    case WIRE.string:
    case WIRE.enum:
    case WIRE.set:
      return decodeStringForm(forms.uint8(), forms.uint8());
    default:
      throw new RangeError(`column type ${type} is unknown`);
  }
}

/** Of a CHAR of more than 255 bytes, two bits of the length are hidden, turned over, in the type. */
function decodeStringForm(first: number, second: number): WireColumn {
  if ((first & 0x30) !== 0x30) {
    const width = second | (((first & 0x30) ^ 0x30) << 4);
    return { ...NOTHING, type: first | 0x30, width, size: width > 255 ? -2 : -1 };
  }
  if (first === WIRE.enum || first === WIRE.set) {
    if (second < 1 || second > 8) throw new RangeError(`an enum or set of ${second} bytes`);
    return { ...NOTHING, type: first, width: second, size: second };
  }
  return { ...NOTHING, type: WIRE.string, width: second, size: second > 255 ? -2 : -1 };
}

export type { FullMetadata };
