import type { ColumnType, Default } from '../model/types.ts';

/** What the catalogue says of a column's type; domains are those that they are made of. */
export interface TypeFacts {
  /** `pg_type.typname` */
  readonly base: string;
  /** `format_type(…)`: with lengths. */
  readonly formatted: string;
  /** `pg_type.typtype` */
  readonly kind: string;
  readonly modifier: number;
  readonly labels: readonly string[];
  /** Of an array: facts of its elements. */
  readonly element: TypeFacts | null;
}

const FIXED: Readonly<Record<string, ColumnType>> = {
  bool: { kind: 'boolean' },
  int2: { kind: 'integer', bits: 16, isUnsigned: false },
  int4: { kind: 'integer', bits: 32, isUnsigned: false },
  int8: { kind: 'integer', bits: 64, isUnsigned: false },
  oid: { kind: 'integer', bits: 32, isUnsigned: true },
  float4: { kind: 'float', bits: 32 },
  float8: { kind: 'float', bits: 64 },
  money: { kind: 'money' },
  text: { kind: 'text' },
  citext: { kind: 'text' },
  name: { kind: 'varchar', length: 63 },
  ltree: { kind: 'text' },
  bytea: { kind: 'blob' },
  date: { kind: 'date' },
  interval: { kind: 'interval' },
  json: { kind: 'json' },
  jsonb: { kind: 'json' },
  uuid: { kind: 'uuid' },
  xml: { kind: 'xml' },
  inet: { kind: 'inet' },
  cidr: { kind: 'inet' },
  macaddr: { kind: 'inet' },
  macaddr8: { kind: 'inet' },
  tsvector: { kind: 'search' },
  tsquery: { kind: 'search' },
  hstore: { kind: 'pair-map' },
  point: { kind: 'geometry', shape: 'point' },
  geometry: { kind: 'geometry', shape: 'geometry' },
  geography: { kind: 'geometry', shape: 'geometry' },
};

const DATE_PARTS_MODIFIER_NONE = -1;
const MICROS = 6;

export function postgresColumnType(facts: TypeFacts): ColumnType {
  const { base, kind, modifier, labels, element } = facts;
  if (element !== null) return { kind: 'array', element: postgresColumnType(element) };
  if (kind === 'e') return { kind: 'enum', labels };
  if (kind === 'r' || kind === 'm') return { kind: 'range' };
  const fixed = FIXED[base];
  if (fixed !== undefined) return fixed;
  const precision = modifier === DATE_PARTS_MODIFIER_NONE ? MICROS : modifier;
  switch (base) {
    case 'numeric':
      return decimalOf(modifier);
    case 'bpchar':
      return modifier < 0 ? { kind: 'text' } : { kind: 'char', length: modifier - 4 };
    case 'varchar':
      return modifier < 0 ? { kind: 'text' } : { kind: 'varchar', length: modifier - 4 };
    case 'bit':
      return { kind: 'bits', length: Math.max(1, modifier), isVarying: false };
    case 'varbit':
      return modifier < 0
        ? { kind: 'bits', isVarying: true }
        : { kind: 'bits', length: modifier, isVarying: true };
    case 'time':
    case 'timetz':
      return { kind: 'time', precision, hasZone: base === 'timetz' };
    case 'timestamp':
    case 'timestamptz':
      return { kind: 'timestamp', precision, hasZone: base === 'timestamptz' };
    case 'vector':
    case 'halfvec':
      return modifier < 0 ? { kind: 'vector' } : { kind: 'vector', length: modifier };
    default:
      return { kind: 'other' };
  }
}

/** ((precision << 16) | scale) + 4, where the scale is of eleven bits and signed. */
function decimalOf(modifier: number): ColumnType {
  if (modifier < 4) return { kind: 'decimal' };
  const packed = modifier - 4;
  const scale = ((packed & 0x7ff) ^ 1024) - 1024;
  return { kind: 'decimal', precision: (packed >> 16) & 0xffff, scale };
}

/** What a default expression means; its text is that of `pg_get_expr`. */
export function postgresDefault(expression: string | null): Default | null {
  if (expression === null) return null;
  if (/^nextval\(/i.test(expression)) return { kind: 'sequence' };
  const now =
    /^\(?(?:now\(\)|CURRENT_TIMESTAMP|LOCALTIMESTAMP|statement_timestamp\(\)|transaction_timestamp\(\)|clock_timestamp\(\))(?:\((\d)\))?\)?(?:::[\w ()]+)?$/i.exec(
      expression,
    );
  if (now !== null)
    return {
      kind: 'now',
      precision: now[1] === undefined ? MICROS : Number(now[1]),
      onUpdate: false,
    };
  const quoted = /^\(?'((?:[^']|'')*)'(?:::[^']+)?\)?$/.exec(expression);
  if (quoted?.[1] !== undefined) return { kind: 'literal', value: quoted[1].replaceAll("''", "'") };
  const bare = /^\(?(-?\d+(?:\.\d+)?|true|false)\)?(?:::[\w ().,]+)?$/i.exec(expression);
  if (bare?.[1] !== undefined) return { kind: 'literal', value: bare[1] };
  return { kind: 'expression' };
}
