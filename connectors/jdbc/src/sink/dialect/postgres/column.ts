import type { ColumnKind, ColumnType } from '../../write/table.ts';

export interface CatalogType {
  readonly type_name: string;
  readonly type_type: string;
  readonly category: string;
  readonly cast_name: string;
  readonly full_name: string;
  readonly modifier: number;
}

const KINDS: Readonly<Record<string, ColumnKind>> = {
  bool: 'boolean',
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  oid: 'integer',
  numeric: 'numeric',
  money: 'numeric',
  float4: 'float',
  float8: 'float',
  text: 'text',
  varchar: 'text',
  bpchar: 'text',
  name: 'text',
  citext: 'text',
  xml: 'text',
  bytea: 'bytes',
  date: 'date',
  time: 'time',
  timetz: 'timetz',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
  interval: 'interval',
  json: 'json',
  jsonb: 'json',
  bit: 'bits',
  varbit: 'bits',
  point: 'point',
  hstore: 'hstore',
  geometry: 'geometry',
  geography: 'geometry',
  vector: 'vector',
  halfvec: 'vector',
};

/** The kind of a type by its name in pg_type; of a domain, that of its base. */
export function columnType(type: CatalogType, element: CatalogType | null): ColumnType {
  const base = { castName: type.cast_name, name: type.full_name };
  if (element !== null)
    return {
      ...base,
      kind: 'array',
      scale: null,
      bitLength: null,
      // The modifier of an array is that of its elements.
      element: columnType({ ...element, modifier: type.modifier }, null),
    };
  return {
    ...base,
    kind: KINDS[type.type_name] ?? 'other',
    scale: scaleOf(type.type_name, type.modifier),
    bitLength: type.type_name === 'bit' && type.modifier >= 0 ? type.modifier : null,
    element: null,
  };
}

/** The modifier of a numeric packs precision and an 11-bit signed scale; that of a time is its precision. */
function scaleOf(typeName: string, modifier: number): number | null {
  switch (typeName) {
    case 'numeric':
      return modifier < 4 ? null : (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
      return modifier < 0 ? 6 : modifier;
    default:
      return null;
  }
}
