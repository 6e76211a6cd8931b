import { createHash } from 'node:crypto';
import { Decimal, int64, logical, schemas, type Schema } from '@millrace/record';
import { notRepresentable } from './errors.ts';
import { parseTimestampMicros } from './fast-numbers.ts';
import type { ValueSettings } from './settings.ts';
import {
  isoDate,
  isoTime,
  parseDateTime,
  parseInterval,
  parseTime,
  type LocalDateTime,
} from './temporal.ts';
import { parseArray, parseHstore } from './text-forms.ts';
import type { PostgresType, TypeCatalog } from './types.ts';

/**
 * The one table of values: for each type of the server its schema and how its text becomes a value. The snapshot and
 * the stream both receive the server's text output, so both give equal values.
 */
export interface ColumnCodec {
  /** Required; a column makes it optional and gives it a default. */
  readonly schema: Schema;
  /** @throws MillraceError when the value can't be represented (INV-8) */
  readonly decode: (text: string) => unknown;
  /** A shorter way from text bytes to JSON bytes, where there is one. */
  readonly json: JsonShortcut;
  /** Stands for a missing value of a required column: the old row of a table with the default replica identity. */
  readonly zero: unknown;
  /** Stands for a TOAST value that the server did not send; undefined: the type has none. */
  readonly placeholder: unknown;
}

export type JsonShortcut =
  /** The text is the JSON number. */
  | { readonly kind: 'digits' }
  | { readonly kind: 'boolean' }
  /** The text is the string; quotes and control characters are escaped. */
  | { readonly kind: 'string' }
  /** The text is the string, and nothing in it is ever escaped. */
  | { readonly kind: 'plain' }
  | { readonly kind: 'zoned-timestamp'; readonly fractionDigits: number }
  | { readonly kind: 'decimal'; readonly scale: number }
  /** NaN: take the long way. */
  | {
      readonly kind: 'number';
      readonly parse: (buffer: Buffer, start: number, end: number) => number;
    }
  /** No shortcut: the value, then its JSON by the schema. */
  | { readonly kind: 'value' };

const VALUE: JsonShortcut = { kind: 'value' };
const DIGITS: JsonShortcut = { kind: 'digits' };
const STRING: JsonShortcut = { kind: 'string' };

const identity = (text: string): string => text;

/** Time that is not a time: what `infinity` becomes in an integer. */
const INFINITY_DAYS = { positive: 2_147_483_647, negative: -2_147_483_648 };
const INFINITY_MICROS = {
  positive: 9_223_372_036_825_200_000n,
  negative: -9_223_372_036_832_400_000n,
};
const INT64_MAX = 9_223_372_036_854_775_807n;
const INT64_MIN = -9_223_372_036_854_775_808n;

interface TypeContext {
  readonly type: PostgresType;
  readonly modifier: number;
  readonly settings: ValueSettings;
}

type CodecMaker = (context: TypeContext) => ColumnCodec;

function integer(schema: Schema): CodecMaker {
  return () => ({ schema, decode: Number, json: DIGITS, zero: 0, placeholder: undefined });
}

const bigint: CodecMaker = () => ({
  schema: schemas.int64(),
  decode: int64,
  json: DIGITS,
  zero: 0,
  placeholder: undefined,
});

function float(schema: Schema): CodecMaker {
  return () => ({
    schema,
    decode: Number, // 'NaN', 'Infinity' and '-Infinity' are spelt as JavaScript spells them
    json: VALUE,
    zero: 0,
    placeholder: undefined,
  });
}

function string(name?: string, json: JsonShortcut = STRING): CodecMaker {
  return ({ settings }) => ({
    schema: name === undefined ? schemas.string() : schemas.string({ name, version: 1 }),
    decode: identity,
    json,
    zero: '',
    placeholder: settings.placeholderText,
  });
}

const boolean: CodecMaker = () => ({
  schema: schemas.boolean(),
  decode: (text) => text === 't',
  json: { kind: 'boolean' },
  zero: false,
  placeholder: undefined,
});

function numeric({ modifier, settings }: TypeContext): ColumnCodec {
  if (settings.decimalMode === 'string')
    return {
      schema: schemas.string(),
      decode: (text) => SPECIAL_DECIMALS.get(text) ?? text,
      json: VALUE,
      zero: '0',
      placeholder: undefined,
    };
  if (settings.decimalMode === 'double')
    return {
      schema: schemas.float64(),
      decode: Number,
      json: VALUE,
      zero: 0,
      placeholder: undefined,
    };
  return modifier < 4 ? variableScaleDecimal(settings) : fixedDecimal(modifier, settings);
}

const SPECIAL_DECIMALS: ReadonlyMap<string, string> = new Map([
  ['NaN', 'NAN'],
  ['Infinity', 'POSITIVE_INFINITY'],
  ['-Infinity', 'NEGATIVE_INFINITY'],
]);

function fixedDecimal(modifier: number, settings: ValueSettings): ColumnCodec {
  const packed = modifier - 4;
  const precision = (packed >> 16) & 0xffff;
  const scale = ((packed & 0x7ff) ^ 1024) - 1024; // eleven bits, signed since PostgreSQL 15
  return {
    schema: logical.decimal(scale, {
      parameters: { 'connect.decimal.precision': String(precision) },
    }),
    decode: (text) => {
      const decimal = finite(text, settings);
      return decimal === null ? null : (decimal.withScale(scale) ?? decimalFails(text));
    },
    json: scale >= 0 ? { kind: 'decimal', scale } : VALUE,
    zero: new Decimal(0n, scale),
    placeholder: undefined,
  };
}

const VARIABLE_SCALE_DECIMAL = schemas.struct(
  { scale: schemas.int32(), value: schemas.bytes() },
  { name: 'io.debezium.data.VariableScaleDecimal', version: 1, doc: 'Variable scaled decimal' },
);

function variableScaleDecimal(settings: ValueSettings): ColumnCodec {
  return {
    schema: VARIABLE_SCALE_DECIMAL,
    decode: (text) => {
      const decimal = finite(text, settings);
      if (decimal === null) return null;
      const stripped = Decimal.parse(
        text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text,
      );
      return { scale: stripped.scale, value: stripped.toBytes() };
    },
    json: VALUE,
    zero: { scale: 0, value: Buffer.from([0]) },
    placeholder: undefined,
  };
}

function finite(text: string, settings: ValueSettings): Decimal | null {
  if (!SPECIAL_DECIMALS.has(text)) return Decimal.parse(text);
  if (settings.onUnrepresentable === 'null') return null;
  return decimalFails(text);
}

function decimalFails(text: string): never {
  throw notRepresentable(
    'numeric',
    text,
    'set decimal.handling.mode=string or double, or event.converting.failure.handling.mode=warn for null instead',
  );
}

const money: CodecMaker = ({ settings }) => {
  const scale = settings.moneyFractionDigits;
  const decimalOf = (text: string): Decimal => {
    // lc_monetary is C in our sessions: $1,234.56 and -$1,234.56
    const plain = Decimal.parse(text.replaceAll(/[^\d.-]/g, ''));
    return plain.withScale(scale) ?? roundHalfUp(plain, scale);
  };
  if (settings.decimalMode === 'string')
    return {
      schema: schemas.string(),
      decode: (text) => decimalOf(text).toString(),
      json: VALUE,
      zero: new Decimal(0n, scale).toString(),
      placeholder: undefined,
    };
  if (settings.decimalMode === 'double')
    return {
      schema: schemas.float64(),
      decode: (text) => Number(decimalOf(text).toString()),
      json: VALUE,
      zero: 0,
      placeholder: undefined,
    };
  return {
    schema: logical.decimal(scale),
    decode: decimalOf,
    json: VALUE,
    zero: new Decimal(0n, scale),
    placeholder: undefined,
  };
};

function roundHalfUp(value: Decimal, scale: number): Decimal {
  const divisor = 10n ** BigInt(value.scale - scale);
  const half = divisor / 2n;
  const magnitude = value.unscaled < 0n ? -value.unscaled : value.unscaled;
  const rounded = (magnitude + half) / divisor;
  return new Decimal(value.unscaled < 0n ? -rounded : rounded, scale);
}

const bytea: CodecMaker = ({ settings }) => {
  const raw = (text: string): Buffer => Buffer.from(text.slice(2), 'hex'); // after `\x`
  if (settings.binaryMode === 'bytes')
    return {
      schema: schemas.bytes(),
      decode: raw,
      json: VALUE,
      zero: Buffer.alloc(0),
      placeholder: settings.placeholderBytes,
    };
  const encoding =
    settings.binaryMode === 'hex'
      ? 'hex'
      : settings.binaryMode === 'base64'
        ? 'base64'
        : 'base64url';
  const encode = (bytes: Buffer): string => {
    const text = bytes.toString(encoding);
    // Java's URL-safe encoder pads.
    return encoding === 'base64url' ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text;
  };
  return {
    schema: schemas.string(),
    decode: (text) => encode(raw(text)),
    json: VALUE,
    zero: '',
    placeholder: encode(settings.placeholderBytes),
  };
};

const bits: CodecMaker = ({ modifier }) => {
  if (modifier === 1)
    return {
      schema: schemas.boolean(),
      decode: (text) => text === '1',
      json: VALUE,
      zero: false,
      placeholder: undefined,
    };
  const length = modifier > 0 ? modifier : 2_147_483_647;
  return {
    schema: schemas.bytes({
      name: 'io.debezium.data.Bits',
      version: 1,
      parameters: { length: String(length) },
    }),
    decode: littleEndianBits,
    json: VALUE,
    zero: Buffer.alloc(0),
    placeholder: undefined,
  };
};

/** The last bit of the text is bit 0 of byte 0; zero bytes at the end are left out. */
function littleEndianBits(text: string): Buffer {
  const first = text.indexOf('1');
  if (first < 0) return Buffer.alloc(0);
  const bitCount = text.length - first;
  const bytes = Buffer.alloc(Math.ceil(bitCount / 8));
  for (let bit = 0; bit < bitCount; bit++) {
    if (text[text.length - 1 - bit] === '1')
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  return bytes;
}

const hstore: CodecMaker = ({ settings }) => {
  const { placeholderText } = settings;
  if (settings.hstoreMode === 'map')
    return {
      schema: schemas.map(schemas.string(), schemas.string({ optional: true })),
      decode: parseHstore,
      json: VALUE,
      zero: new Map(),
      placeholder: new Map([[placeholderText, placeholderText]]),
    };
  return {
    schema: schemas.string({ name: 'io.debezium.data.Json', version: 1 }),
    decode: (text) => hstoreJson(parseHstore(text)),
    json: VALUE,
    zero: '{}',
    placeholder: hstoreJson(new Map([[placeholderText, placeholderText]])),
  };
};

/** Member by member, so that keys that look like numbers keep their place. */
function hstoreJson(entries: ReadonlyMap<string, string | null>): string {
  const members = [...entries].map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
  );
  return `{${members.join(',')}}`;
}

const POINT = schemas.struct(
  {
    x: schemas.float64(),
    y: schemas.float64(),
    wkb: schemas.bytes({ optional: true }),
    srid: schemas.int32({ optional: true }),
  },
  { name: 'io.debezium.data.geometry.Point', version: 1, doc: 'Geometry (POINT)' },
);

const point: CodecMaker = () => ({
  schema: POINT,
  decode: (text) => {
    const [x, y] = text.slice(1, -1).split(',').map(Number);
    return pointValue(x ?? NaN, y ?? NaN);
  },
  json: VALUE,
  zero: pointValue(0, 0),
  placeholder: undefined,
});

function pointValue(x: number, y: number): unknown {
  const wkb = Buffer.alloc(21);
  wkb.writeUInt8(1, 0); // little-endian
  wkb.writeUInt32LE(1, 1); // a point
  wkb.writeDoubleLE(x, 5);
  wkb.writeDoubleLE(y, 13);
  return { x, y, wkb, srid: null };
}

function vector(name: string, items: Schema): CodecMaker {
  return () => ({
    schema: schemas.array(items, { name, version: 1 }),
    decode: (text) => (text === '[]' ? [] : text.slice(1, -1).split(',').map(Number)),
    json: VALUE,
    zero: [],
    placeholder: undefined,
  });
}

const isInfinite = (text: string): boolean => text === 'infinity' || text === '-infinity';

function infinite<T>(text: string, values: { readonly positive: T; readonly negative: T }): T {
  return text === 'infinity' ? values.positive : values.negative;
}

const date: CodecMaker = ({ settings }) => {
  const daysOfText = (text: string): number =>
    isInfinite(text) ? infinite(text, INFINITY_DAYS) : parseDateTime(text).epochDay;
  switch (settings.timeMode) {
    case 'connect':
      return {
        schema: logical.date(),
        decode: (text) =>
          isInfinite(text) ? temporalFails('date', text) : new Date(daysOfText(text) * 86_400_000),
        json: VALUE,
        zero: new Date(0),
        placeholder: undefined,
      };
    case 'isostring':
      return {
        schema: schemas.string({ name: 'io.debezium.time.IsoDate', version: 1 }),
        decode: (text) => (isInfinite(text) ? text : `${isoDate(parseDateTime(text))}Z`),
        json: VALUE,
        zero: '1970-01-01Z',
        placeholder: undefined,
      };
    default:
      return {
        schema: schemas.int32({ name: 'io.debezium.time.Date', version: 1 }),
        decode: daysOfText,
        json: VALUE,
        zero: 0,
        placeholder: undefined,
      };
  }
};

/** Fractional digits of a time or timestamp column; six when none are declared. */
function fractionDigits(modifier: number): number {
  return modifier < 0 ? 6 : modifier;
}

const time: CodecMaker = ({ modifier, settings }) => {
  const microsOf = (text: string): number => {
    const parsed = parseTime(text);
    return parsed.secondOfDay * 1_000_000 + parsed.micros;
  };
  const micro = (): ColumnCodec => ({
    schema: schemas.int64({ name: 'io.debezium.time.MicroTime', version: 1 }),
    decode: microsOf,
    json: VALUE,
    zero: 0,
    placeholder: undefined,
  });
  switch (settings.timeMode) {
    case 'adaptive':
      if (fractionDigits(modifier) > 3) return micro();
      return {
        schema: schemas.int32({ name: 'io.debezium.time.Time', version: 1 }),
        decode: (text) => Math.floor(microsOf(text) / 1000),
        json: VALUE,
        zero: 0,
        placeholder: undefined,
      };
    case 'connect':
      return {
        schema: logical.time(),
        decode: (text) => new Date(Math.floor(microsOf(text) / 1000)),
        json: VALUE,
        zero: new Date(0),
        placeholder: undefined,
      };
    case 'isostring':
      return {
        schema: schemas.string({ name: 'io.debezium.time.IsoTime', version: 1 }),
        decode: (text) => {
          const parsed = parseTime(text);
          return `${isoTime(parsed.secondOfDay % 86_400, parsed.micros)}Z`; // 24:00 is no ISO time
        },
        json: VALUE,
        zero: '00:00:00Z',
        placeholder: undefined,
      };
    case 'nanoseconds':
      return {
        schema: schemas.int64({ name: 'io.debezium.time.NanoTime', version: 1 }),
        decode: (text) => microsOf(text) * 1000,
        json: VALUE,
        zero: 0,
        placeholder: undefined,
      };
    default:
      return micro();
  }
};

function epochMicros(local: LocalDateTime & { readonly epochDay: number }): number | bigint {
  const seconds = local.epochDay * 86_400 + local.secondOfDay;
  return int64(BigInt(seconds) * 1_000_000n + BigInt(local.micros));
}

const timestamp: CodecMaker = ({ modifier, settings }) => {
  const microsOf = (text: string): number | bigint =>
    isInfinite(text) ? infinite(text, INFINITY_MICROS) : epochMicros(parseDateTime(text));
  const finiteMillisOf = (text: string): number => {
    const local = parseDateTime(text);
    return (local.epochDay * 86_400 + local.secondOfDay) * 1000 + Math.floor(local.micros / 1000);
  };
  const millisOf = (text: string): number | bigint =>
    isInfinite(text) ? int64(infinite(text, INFINITY_MICROS) / 1000n) : finiteMillisOf(text);
  const micro = (): ColumnCodec => ({
    schema: schemas.int64({ name: 'io.debezium.time.MicroTimestamp', version: 1 }),
    decode: microsOf,
    json: { kind: 'number', parse: parseTimestampMicros },
    zero: 0,
    placeholder: undefined,
  });
  switch (settings.timeMode) {
    case 'connect':
      return {
        schema: logical.timestamp(),
        decode: (text) =>
          isInfinite(text) ? temporalFails('timestamp', text) : new Date(finiteMillisOf(text)),
        json: VALUE,
        zero: new Date(0),
        placeholder: undefined,
      };
    case 'isostring':
      return {
        schema: schemas.string({ name: 'io.debezium.time.IsoTimestamp', version: 1 }),
        decode: (text) => (isInfinite(text) ? text : isoTimestamp(text, 0)),
        json: VALUE,
        zero: '1970-01-01T00:00:00Z',
        placeholder: undefined,
      };
    case 'nanoseconds':
      return {
        schema: schemas.int64({ name: 'io.debezium.time.NanoTimestamp', version: 1 }),
        decode: (text) => nanosOf(text, microsOf(text)),
        json: VALUE,
        zero: 0,
        placeholder: undefined,
      };
    case 'microseconds':
      return micro();
    default:
      if (fractionDigits(modifier) > 3) return micro();
      return {
        schema: schemas.int64({ name: 'io.debezium.time.Timestamp', version: 1 }),
        decode: millisOf,
        json: VALUE,
        zero: 0,
        placeholder: undefined,
      };
  }
};

function nanosOf(text: string, micros: number | bigint): number | bigint {
  if (isInfinite(text)) return infinite(text, { positive: INT64_MAX, negative: INT64_MIN });
  const nanos = BigInt(micros) * 1000n;
  if (nanos > INT64_MAX || nanos < INT64_MIN) return temporalFails('timestamp', text);
  return int64(nanos);
}

function temporalFails(type: string, text: string): never {
  throw notRepresentable(type, text, 'set time.precision.mode=adaptive or isostring');
}

function isoTimestamp(text: string, digits: number): string {
  const local = parseDateTime(text);
  return `${isoDate(local)}T${isoTime(local.secondOfDay, local.micros, digits)}Z`;
}

const timestamptz: CodecMaker = ({ modifier, settings }) => {
  const digits = fractionDigits(modifier);
  return {
    schema: schemas.string({ name: 'io.debezium.time.ZonedTimestamp', version: 1 }),
    decode: (text) => (isInfinite(text) ? text : isoTimestamp(text, digits)),
    json: { kind: 'zoned-timestamp', fractionDigits: digits },
    zero: '1970-01-01T00:00:00Z',
    placeholder: settings.placeholderText,
  };
};

const timetz: CodecMaker = () => ({
  schema: schemas.string({ name: 'io.debezium.time.ZonedTime', version: 1 }),
  decode: (text) => {
    const { secondOfDay, micros, zoneSeconds } = parseTime(text); // 24:00 in UTC is 00:00: no other text of it is ISO
    const moved = (((secondOfDay - zoneSeconds) % 86_400) + 86_400) % 86_400;
    return `${isoTime(moved, micros)}Z`;
  },
  json: VALUE,
  zero: '00:00:00Z',
  placeholder: undefined,
});

const DAYS_PER_MONTH = 365.25 / 12;

const interval: CodecMaker = ({ settings }) => {
  if (settings.intervalMode === 'string')
    return {
      schema: schemas.string({ name: 'io.debezium.time.Interval', version: 1 }),
      decode: isoInterval,
      json: VALUE,
      zero: 'P0Y0M0DT0H0M0S',
      placeholder: undefined,
    };
  return {
    schema: schemas.int64({ name: 'io.debezium.time.MicroDuration', version: 1 }),
    decode: (text) => {
      const parts = parseInterval(text);
      const days = (parts.years * 12 + parts.months) * DAYS_PER_MONTH + parts.days;
      const seconds = ((days * 24 + parts.hours) * 60 + parts.minutes) * 60;
      const micros = Math.trunc(seconds * 1e6 + parts.micros);
      if (Math.abs(micros) >= 2 ** 63)
        throw notRepresentable('interval', text, 'set interval.handling.mode=string');
      return int64(BigInt(micros));
    },
    json: VALUE,
    zero: 0,
    placeholder: undefined,
  };
};

function isoInterval(text: string): string {
  const { years, months, days, hours, minutes, micros } = parseInterval(text);
  const seconds = new Decimal(BigInt(micros), 6).toString().replace(/0+$/, '').replace(/\.$/, '');
  return `P${years}Y${months}M${days}DT${hours}H${minutes}M${seconds}S`;
}

const unknownType: CodecMaker = (context) => {
  const codec = bytea(context);
  return { ...codec, decode: (text) => codec.decode(`\\x${Buffer.from(text).toString('hex')}`) };
};

/** By the name of the type, since those of extensions have another number in each database. */
const CODECS: Readonly<Record<string, CodecMaker>> = {
  bool: boolean,
  int2: integer(schemas.int16()),
  int4: integer(schemas.int32()),
  int8: bigint,
  oid: bigint,
  float4: float(schemas.float32()),
  float8: float(schemas.float64()),
  numeric,
  money,
  char: string(),
  bpchar: string(),
  varchar: string(),
  text: string(),
  citext: string(),
  name: string(),
  isbn: string(),
  bytea,
  bit: bits,
  varbit: bits,
  json: string('io.debezium.data.Json'),
  jsonb: string('io.debezium.data.Json'),
  xml: string('io.debezium.data.Xml'),
  uuid: string('io.debezium.data.Uuid', { kind: 'plain' }),
  ltree: string('io.debezium.data.Ltree'),
  tsvector: string('io.debezium.data.Tsvector'),
  inet: string(undefined, { kind: 'plain' }),
  cidr: string(undefined, { kind: 'plain' }),
  macaddr: string(undefined, { kind: 'plain' }),
  macaddr8: string(undefined, { kind: 'plain' }),
  int4range: string(),
  int8range: string(),
  numrange: string(),
  tsrange: string(),
  tstzrange: string(),
  daterange: string(),
  hstore,
  point,
  vector: vector('io.debezium.data.DoubleVector', schemas.float64()),
  halfvec: vector('io.debezium.data.FloatVector', schemas.float32()),
  date,
  time,
  timetz,
  timestamp,
  timestamptz,
  interval,
};

/** Debezium leaves out columns that are arrays of these; so do we, for equal schemas. */
const OMITTED_ELEMENTS: ReadonlySet<string> = new Set([
  'money',
  'name',
  'interval',
  'varbit',
  'xml',
  'point',
  'refcursor',
]);

/** How the values of a column are carried; undefined: the column is left out, its type being unknown. */
export function codecOf(
  oid: number,
  modifier: number,
  types: TypeCatalog,
  settings: ValueSettings,
): ColumnCodec | undefined {
  const type = types.find(oid);
  if (type === undefined) return undefined;
  if (type.kind === 'd')
    return codecOf(type.baseOid, modifier >= 0 ? modifier : type.baseModifier, types, settings);
  const codec =
    type.kind === 'e'
      ? enumCodec(type, settings)
      : type.elementOid === 0
        ? CODECS[type.name]?.({ type, modifier, settings })
        : arrayCodec(type, modifier, types, settings);
  return codec ?? (settings.includeUnknown ? unknownType({ type, modifier, settings }) : undefined);
}

function enumCodec(type: PostgresType, settings: ValueSettings): ColumnCodec {
  return {
    schema: schemas.string({
      name: 'io.debezium.data.Enum',
      version: 1,
      parameters: { allowed: type.labels.join(',') },
    }),
    decode: identity,
    json: STRING,
    zero: '',
    placeholder: settings.placeholderText,
  };
}

function arrayCodec(
  array: PostgresType,
  modifier: number,
  types: TypeCatalog,
  settings: ValueSettings,
): ColumnCodec | undefined {
  const elementType = types.find(array.elementOid);
  if (
    elementType === undefined ||
    elementType.kind === 'd' ||
    OMITTED_ELEMENTS.has(elementType.name)
  )
    return undefined;
  const element = codecOf(array.elementOid, modifier, types, {
    ...settings,
    includeUnknown: false,
  });
  if (element === undefined) return undefined;
  return {
    schema: schemas.array({ ...element.schema, optional: true }),
    decode: (text) => {
      const elements = parseArray(text, elementType.delimiter);
      if (elements === undefined)
        throw notRepresentable(
          `${elementType.name}[]`,
          text,
          'arrays of several dimensions have no schema: leave the column out with column.exclude.list',
        );
      return elements.map((item) => (item === null ? null : element.decode(item)));
    },
    json: VALUE,
    zero: [],
    placeholder: arrayPlaceholder(elementType.name, element, settings),
  };
}

/** As Debezium: one element for texts, bytes and UUIDs, the placeholder's bytes one by one for integers and dates. */
function arrayPlaceholder(name: string, element: ColumnCodec, settings: ValueSettings): unknown {
  if (['int4', 'int8', 'date'].includes(name)) return [...settings.placeholderBytes];
  if (name === 'uuid') return [nameUuid(settings.placeholderBytes)];
  return element.placeholder === undefined ? undefined : [element.placeholder];
}

/** The UUID of version 3 that stands for bytes. */
function nameUuid(bytes: Uint8Array): string {
  const hash = createHash('md5').update(bytes).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x30, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
