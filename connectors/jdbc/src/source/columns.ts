import {
  Decimal,
  int64,
  logical,
  schemas,
  type Schema,
  type SchemaOptions,
} from '@millrace/record';
import { valueUnfit } from './errors.ts';
import type { Granularity, ValueSettings } from './settings.ts';
import { floorDivide, formatInstant, parseDay, parseInstant, parseTimeOfDay } from './temporal.ts';

/** What a column is, whichever database it is of. */
export type ColumnKind =
  | 'boolean'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float32'
  | 'float64'
  | 'numeric'
  | 'decimal'
  | 'string'
  | 'bytes'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamp with zone';

export interface ColumnInfo {
  readonly name: string;
  readonly kind: ColumnKind;
  /** The type in the database's words. */
  readonly type: string;
  /** Digits in all; null: unlimited. */
  readonly precision: number | null;
  /** Digits after the point; of times, digits of a second. */
  readonly scale: number;
  readonly isOptional: boolean;
  readonly isAutoIncrement: boolean;
}

/** A value as the database sent it: text, or bytes for the kind `bytes`. */
export type RawValue = string | Buffer | null;
export type RawRow = readonly RawValue[];

export interface SourceColumn {
  readonly name: string;
  readonly schema: Schema;
  /** @throws MillraceError `jdbc.value_not_representable` */
  decode(raw: string | Buffer): unknown;
}

const INTEGER_DIGITS_MAX = 18;
const CONNECT_PRECISION = 'connect.decimal.precision';
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** A column as a field, in the schema that Confluent's source gives it. */
export function sourceColumn(info: ColumnInfo, settings: ValueSettings): SourceColumn {
  const { name } = info;
  const options = { optional: info.isOptional };
  const column = (schema: Schema, decode: (text: string) => unknown): SourceColumn => ({
    name,
    schema,
    decode: (raw) => decode(typeof raw === 'string' ? raw : raw.toString('utf8')),
  });
  switch (info.kind) {
    case 'boolean':
      return column(
        schemas.boolean(options),
        (text) => text === 't' || text === '1' || text === 'true',
      );
    case 'int8':
    case 'int16':
    case 'int32':
      return integerColumn(info, info.kind, options, column);
    case 'int64':
      return column(schemas.int64(options), (text) => longOf(name, text));
    case 'float32':
      return column(schemas.float32(options), (text) => Math.fround(Number(text)));
    case 'float64':
      return column(schemas.float64(options), Number);
    case 'numeric':
      return numericColumn(info, settings, options, column);
    case 'decimal':
      return decimalColumn(info, options, column);
    case 'string':
      return column(schemas.string(options), (text) => text);
    case 'bytes':
      return {
        name,
        schema: schemas.bytes(options),
        decode: (raw) => (typeof raw === 'string' ? Buffer.from(raw) : raw),
      };
    case 'date':
      return column(logical.date(options), (text) => {
        const days = parseDay(text) ?? unfit(name, text, 'a date');
        return new Date(days * 86_400_000);
      });
    case 'time':
      return column(
        logical.time(options),
        (text) => new Date(parseTimeOfDay(text) ?? unfit(name, text, 'a time of a day')),
      );
    case 'timestamp':
    case 'timestamp with zone':
      return timestampColumn(name, settings, options, column);
  }
}

type Make = (schema: Schema, decode: (text: string) => unknown) => SourceColumn;

const INTEGER_BITS = { int8: 8, int16: 16, int32: 32 } as const;

function integerColumn(
  { name }: ColumnInfo,
  kind: keyof typeof INTEGER_BITS,
  options: SchemaOptions,
  make: Make,
): SourceColumn {
  const bound = 2 ** (INTEGER_BITS[kind] - 1);
  return make(schemas[kind](options), (text) => {
    const value = Number(text);
    if (value >= -bound && value < bound) return value;
    return unfit(name, text, `an ${kind}`);
  });
}

function longOf(name: string, text: string): number | bigint {
  const value = BigInt(text);
  if (value > INT64_MAX || value < INT64_MIN) return unfit(name, text, 'an int64');
  return int64(value);
}

/** Only NUMERIC is mapped, and DECIMAL is not: MySQL's has always been a Decimal. */
function numericColumn(
  info: ColumnInfo,
  settings: ValueSettings,
  options: SchemaOptions,
  make: Make,
): SourceColumn {
  const { precision, scale, name } = info;
  const { numericMapping, unconstrainedNumeric } = settings;
  if (precision === null) {
    if (unconstrainedNumeric === 'string') return make(schemas.string(options), (text) => text);
    if (unconstrainedNumeric === 'double') return make(schemas.float64(options), Number);
    return decimalColumn(info, options, make);
  }
  const isSmall = precision <= INTEGER_DIGITS_MAX;
  const isInteger = numericMapping === 'precision_only' ? scale === 0 : scale <= 0;
  if (numericMapping !== 'none' && isSmall && isInteger) {
    const digits = precision - scale;
    if (digits > 9) return make(schemas.int64(options), (text) => longOf(name, text));
    const kind = digits > 4 ? 'int32' : digits > 2 ? 'int16' : 'int8';
    return integerColumn(info, kind, options, make);
  }
  const isDouble =
    scale > 0 &&
    (numericMapping === 'best_fit_eager_double' || (numericMapping === 'best_fit' && isSmall));
  return isDouble ? make(schemas.float64(options), Number) : decimalColumn(info, options, make);
}

function decimalColumn(
  { name, precision, scale }: ColumnInfo,
  options: SchemaOptions,
  make: Make,
): SourceColumn {
  const schema = logical.decimal(scale, {
    ...options,
    parameters: { [CONNECT_PRECISION]: String(precision ?? 0) },
  });
  return make(schema, (text) => {
    if (!/^-?[\d.]+$/.test(text)) return unfit(name, text, 'a Decimal');
    const value = Decimal.parse(text).withScale(scale);
    if (value !== undefined) return value;
    throw valueUnfit(
      name,
      `has ${text}, which has more than ${scale} digits after the point`,
      precision === null
        ? 'set numeric.unconstrained=string (or double), or give the column a precision'
        : 'the schema of the table changed: it is read anew with the next query',
    );
  });
}

function timestampColumn(
  name: string,
  { granularity, zone }: ValueSettings,
  options: SchemaOptions,
  make: Make,
): SourceColumn {
  const { schema, write } = GRANULAR[granularity];
  return make(schema(options), (text) =>
    write(parseInstant(text, zone) ?? unfit(name, text, 'a timestamp'), zone),
  );
}

interface Granular {
  readonly schema: (options: SchemaOptions) => Schema;
  readonly write: (micros: bigint, zone: string) => unknown;
}

const iso = (micros: bigint, zone: string): string => formatInstant(micros, zone).replace(' ', 'T');

const GRANULAR: Readonly<Record<Granularity, Granular>> = {
  connect_logical: {
    schema: logical.timestamp,
    write: (micros) => new Date(Number(floorDivide(micros, 1000n))),
  },
  micros_long: { schema: schemas.int64, write: (micros) => int64(micros) },
  micros_string: { schema: schemas.string, write: String },
  micros_iso_datetime_string: { schema: schemas.string, write: iso },
  nanos_long: { schema: schemas.int64, write: (micros) => int64(micros * 1000n) },
  nanos_string: { schema: schemas.string, write: (micros) => String(micros * 1000n) },
  nanos_iso_datetime_string: {
    schema: schemas.string,
    write: (micros, zone) => `${iso(micros, zone)}000`,
  },
};

function unfit(name: string, text: string, what: string): never {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  throw valueUnfit(
    name,
    `has ${shown}, which can't be written as ${what}`,
    'mend the value, or read the table by a query that casts the column to text',
  );
}
