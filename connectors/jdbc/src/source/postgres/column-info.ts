import type { ColumnInfo, ColumnKind } from '../columns.ts';

/** What PostgreSQL says of a column of a result, and its catalogue of the column behind it. */
export interface PostgresField {
  readonly name: string;
  readonly typeOid: number;
  readonly modifier: number;
}

export interface CatalogColumn {
  readonly isNotNull: boolean;
  readonly isGrowing: boolean;
}

const KINDS: Readonly<Record<number, readonly [ColumnKind, string]>> = {
  16: ['boolean', 'boolean'],
  17: ['bytes', 'bytea'],
  20: ['int64', 'bigint'],
  21: ['int16', 'smallint'],
  23: ['int32', 'integer'],
  26: ['int64', 'oid'],
  700: ['float32', 'real'],
  701: ['float64', 'double precision'],
  790: ['float64', 'money'],
  1082: ['date', 'date'],
  1083: ['time', 'time'],
  1114: ['timestamp', 'timestamp'],
  1184: ['timestamp with zone', 'timestamp with time zone'],
  1266: ['time', 'time with time zone'],
  1700: ['numeric', 'numeric'],
};
const BIT = 1560;
const NUMERIC = 1700;
const TIMES = [1083, 1114, 1184, 1266];

export function columnInfo(field: PostgresField, catalog: CatalogColumn | undefined): ColumnInfo {
  const { name, typeOid, modifier } = field;
  const [kind, type] = typeOid === BIT ? bitKind(modifier) : (KINDS[typeOid] ?? ['string', 'text']);
  const isLimited = typeOid === NUMERIC && modifier >= 4;
  return {
    name,
    kind,
    type,
    precision: isLimited ? ((modifier - 4) >> 16) & 0xffff : null,
    // Since PostgreSQL 15 the scale may be negative: 11 bits with a sign.
    scale: isLimited ? (((modifier - 4) & 0x7ff) ^ 1024) - 1024 : timeDigits(typeOid, modifier),
    isOptional: catalog?.isNotNull !== true,
    isAutoIncrement: catalog?.isGrowing === true,
  };
}

/** `bit(1)` is a truth value; `bit(8)` a number; longer ones are bytes. */
function bitKind(bits: number): readonly [ColumnKind, string] {
  if (bits === 1) return ['boolean', 'bit(1)'];
  return bits <= 8 ? ['int8', `bit(${bits})`] : ['bytes', `bit(${bits})`];
}

const timeDigits = (typeOid: number, modifier: number): number =>
  TIMES.includes(typeOid) ? (modifier < 0 ? 6 : modifier) : 0;

/** The text form of a value as columns decode it: bytes for the kind `bytes`, decimal digits for numbers. */
export function rawOf(text: string, { kind, type }: ColumnInfo): string | Buffer {
  if (type.startsWith('bit(')) {
    if (kind === 'boolean') return text;
    const number = BigInt(`0b${text}`);
    if (kind === 'int8') return String(number);
    return Buffer.from(number.toString(16).padStart(Math.ceil(text.length / 8) * 2, '0'), 'hex');
  }
  if (kind === 'bytes') return Buffer.from(text.slice(2), 'hex'); // \x…
  if (type === 'money') return text.replace(/[^\d.-]/g, '');
  return text;
}
