import type { ColumnKind, ColumnType } from '../../write/table.ts';

/** A column as `information_schema.COLUMNS` tells it. */
export interface CatalogColumn {
  /** Such as `bigint`. */
  readonly dataType: string;
  /** Such as `bigint(20) unsigned`. */
  readonly columnType: string;
  readonly characterLength: number | null;
  readonly scale: number | null;
  readonly timePrecision: number | null;
  readonly precision: number | null;
  readonly collation: string | null;
  readonly isMariadb: boolean;
}

const KINDS: Readonly<Record<string, ColumnKind>> = {
  tinyint: 'integer',
  smallint: 'integer',
  mediumint: 'integer',
  int: 'integer',
  bigint: 'integer',
  decimal: 'numeric',
  float: 'float',
  double: 'float',
  bit: 'bits',
  char: 'text',
  varchar: 'text',
  tinytext: 'text',
  text: 'text',
  mediumtext: 'text',
  longtext: 'text',
  binary: 'bytes',
  varbinary: 'bytes',
  tinyblob: 'bytes',
  blob: 'bytes',
  mediumblob: 'bytes',
  longblob: 'bytes',
  date: 'date',
  time: 'time',
  datetime: 'timestamp',
  timestamp: 'timestamptz',
  year: 'year',
  json: 'json',
  enum: 'enum',
  set: 'set',
  vector: 'vector',
  geometry: 'geometry',
  point: 'geometry',
  linestring: 'geometry',
  polygon: 'geometry',
  multipoint: 'geometry',
  multilinestring: 'geometry',
  multipolygon: 'geometry',
  geomcollection: 'geometry',
  geometrycollection: 'geometry',
};

export function columnType(column: CatalogColumn): ColumnType {
  const { dataType, collation } = column;
  const kind = KINDS[dataType] ?? 'other';
  return {
    kind,
    // Vectors come as text, which a function of the server reads.
    castName: kind !== 'vector' ? dataType : column.isMariadb ? 'VEC_FromText' : 'STRING_TO_VECTOR',
    name: column.columnType,
    scale:
      kind === 'numeric'
        ? column.scale
        : kind === 'time' || kind === 'timestamp' || kind === 'timestamptz'
          ? (column.timePrecision ?? 0)
          : null,
    bitLength: kind === 'bits' ? (column.precision ?? 1) : null,
    lengthMax: kind === 'text' || kind === 'bytes' ? column.characterLength : null,
    floatBytes: dataType === 'float' ? 4 : 8,
    isDuration: kind === 'time',
    isUnsigned: / unsigned/.test(column.columnType),
    isPadded: dataType === 'char' || dataType === 'binary',
    isLoose: collation !== null && !/_bin$|^binary$/.test(collation),
    ...(kind === 'enum' || kind === 'set' ? { members: membersOf(column.columnType) } : {}),
    element: null,
  };
}

const ESCAPED: Readonly<Record<string, string>> = {
  "''": "'",
  '\\\\': '\\',
  '\\n': '\n',
  '\\r': '\r',
  '\\0': '\0',
};

/** The values of `enum('a','it''s','back\\slash')`, as the catalogue writes them. */
function membersOf(columnType: string): ReadonlySet<string> {
  const members = new Set<string>();
  for (const [, text = ''] of columnType.matchAll(/'((?:[^'\\]|''|\\.)*)'/gs))
    members.add(text.replace(/''|\\[\\nr0]/g, (escape) => ESCAPED[escape] ?? escape));
  return members;
}
