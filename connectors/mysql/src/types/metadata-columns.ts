import type { TableMap, WireColumn } from '../binlog/events/table-map.ts';
import { WIRE } from '../binlog/events/wire-types.ts';
import { BINARY_COLLATION, charsetOf, charsetOfCollation } from './charset/charsets.ts';
import type { ColumnDefinition } from './column.ts';
import { TEXT_WIRES } from './texts.ts';

/** The columns as `binlog_row_metadata=FULL` describes them; null without it. */
export function columnsOf(table: TableMap): readonly ColumnDefinition[] | null {
  const { columns, full } = table;
  if (full === null) return null;
  return columns.map((wire, index) => {
    const charset = wire.collation === null ? null : charsetOfCollation(wire.collation);
    const isBinary = wire.collation === BINARY_COLLATION;
    const type =
      wire.type === WIRE.geometry
        ? (GEOMETRIES[full.geometryTypes[index] ?? 0] ?? 'geometry')
        : typeOf(wire, isBinary);
    return {
      name: full.names[index] ?? '',
      type,
      length: lengthOf(wire, type, charset),
      scale: wire.type === WIRE.newDecimal ? wire.scale : null,
      isUnsigned: wire.isUnsigned ?? false,
      charset: isBinary ? null : charset,
      labels: (full.labels[index] ?? []).map((label) =>
        charsetOf(charset).decode(label, 0, label.length),
      ),
      isOptional: wire.isNullable,
    };
  });
}

const GEOMETRIES = [
  'geometry',
  'point',
  'linestring',
  'polygon',
  'multipoint',
  'multilinestring',
  'multipolygon',
  'geometrycollection',
] as const;

const TYPES: Readonly<Record<number, string>> = {
  [WIRE.tiny]: 'tinyint',
  [WIRE.short]: 'smallint',
  [WIRE.int24]: 'mediumint',
  [WIRE.long]: 'int',
  [WIRE.longLong]: 'bigint',
  [WIRE.float]: 'float',
  [WIRE.double]: 'double',
  [WIRE.newDecimal]: 'decimal',
  [WIRE.bit]: 'bit',
  [WIRE.year]: 'year',
  [WIRE.date]: 'date',
  [WIRE.newDate]: 'date',
  [WIRE.time]: 'time',
  [WIRE.time2]: 'time',
  [WIRE.datetime]: 'datetime',
  [WIRE.datetime2]: 'datetime',
  [WIRE.timestamp]: 'timestamp',
  [WIRE.timestamp2]: 'timestamp',
  [WIRE.enum]: 'enum',
  [WIRE.set]: 'set',
  [WIRE.json]: 'json',
  [WIRE.vector]: 'vector',
};

const BLOB_PREFIXES = ['', 'tiny', '', 'medium', 'long'] as const;

function typeOf(wire: WireColumn, isBinary: boolean): string {
  switch (wire.type) {
    case WIRE.string:
      return isBinary ? 'binary' : 'char';
    case WIRE.varchar:
    case WIRE.varString:
    case WIRE.varcharCompressed:
      return isBinary ? 'varbinary' : 'varchar';
    case WIRE.blob:
    case WIRE.blobCompressed:
    case WIRE.tinyBlob:
    case WIRE.mediumBlob:
    case WIRE.longBlob:
      return `${BLOB_PREFIXES[wire.width] ?? ''}${isBinary ? 'blob' : 'text'}`;
    default:
      return TYPES[wire.type] ?? 'unknown';
  }
}

function lengthOf(wire: WireColumn, type: string, charset: string | null): number | null {
  switch (type) {
    case 'char':
    case 'varchar':
      return Math.floor(bytesMax(wire) / charsetOf(charset).widthMax);
    case 'binary':
    case 'varbinary':
      return bytesMax(wire);
    case 'decimal':
    case 'bit':
      return wire.precision;
    case 'time':
    case 'datetime':
    case 'timestamp':
      return wire.precision === 0 ? null : wire.precision;
    default:
      return null;
  }
}

/** A compressed value has a byte more. */
function bytesMax(wire: WireColumn): number {
  return wire.type === WIRE.varcharCompressed ? wire.width - 1 : wire.width;
}

/** The forms that values of a type may have in the binlog. */
const WIRES: Readonly<Record<string, readonly number[]>> = {
  tinyint: [WIRE.tiny],
  smallint: [WIRE.short],
  mediumint: [WIRE.int24],
  int: [WIRE.long],
  bigint: [WIRE.longLong],
  float: [WIRE.float],
  double: [WIRE.double],
  decimal: [WIRE.newDecimal],
  bit: [WIRE.bit],
  year: [WIRE.year],
  date: [WIRE.date, WIRE.newDate],
  time: [WIRE.time, WIRE.time2],
  datetime: [WIRE.datetime, WIRE.datetime2],
  timestamp: [WIRE.timestamp, WIRE.timestamp2],
  char: [WIRE.string],
  binary: [WIRE.string],
  uuid: [WIRE.string],
  inet4: [WIRE.string],
  inet6: [WIRE.string],
  varchar: [WIRE.varchar, WIRE.varString, WIRE.varcharCompressed],
  varbinary: [WIRE.varchar, WIRE.varString, WIRE.varcharCompressed],
  enum: [WIRE.enum],
  set: [WIRE.set],
  json: [WIRE.json, WIRE.blob, WIRE.longBlob],
  vector: [WIRE.vector, ...TEXT_WIRES],
};

const BLOB_WIDTHS: Readonly<Record<string, number>> = {
  tinytext: 1,
  tinyblob: 1,
  text: 2,
  blob: 2,
  mediumtext: 3,
  mediumblob: 3,
  longtext: 4,
  longblob: 4,
};

/**
 * Why these columns can't be those of the binlog's table map: each a sentence; none when they fit. Where full metadata
 * is there, names, signs and labels are compared too.
 */
export function mismatches(
  columns: readonly ColumnDefinition[],
  table: TableMap,
): readonly string[] {
  if (columns.length !== table.columns.length)
    return [`${columns.length} columns are known, and the binlog has ${table.columns.length}`];
  const told = columnsOf(table);
  return columns.flatMap((column, index) => {
    const wire = table.columns[index];
    if (wire === undefined) return [];
    return problemsOf(column, wire, told?.[index]).map(
      (problem) => `column ${index + 1}, "${column.name}": ${problem}`,
    );
  });
}

function problemsOf(
  column: ColumnDefinition,
  wire: WireColumn,
  told: ColumnDefinition | undefined,
): readonly string[] {
  const problems: string[] = [];
  const blobWidth = BLOB_WIDTHS[column.type];
  const expected = WIRES[column.type];
  if (blobWidth !== undefined) {
    if (!isBlob(wire)) problems.push(`${column.type} is known, and type ${wire.type} is there`);
    else if (wire.width !== blobWidth)
      problems.push(`${column.type} is known, and a length of ${wire.width} bytes is there`);
  } else if (expected !== undefined && !expected.includes(wire.type))
    problems.push(`${column.type} is known, and type ${wire.type} is there`);
  const hasSize = ['decimal', 'bit', 'time', 'datetime', 'timestamp'].includes(column.type);
  const length = column.length ?? (column.type === 'decimal' ? 10 : column.type === 'bit' ? 1 : 0);
  if (hasSize && problems.length === 0 && length !== wire.precision)
    problems.push(`a size of ${length} is known, and ${wire.precision} is there`);
  if (column.type === 'decimal' && (column.scale ?? 0) !== wire.scale)
    problems.push(`a scale of ${column.scale ?? 0} is known, and ${wire.scale} is there`);
  if (wire.isUnsigned !== null && column.type !== 'year' && column.isUnsigned !== wire.isUnsigned)
    problems.push(wire.isUnsigned ? 'it is unsigned' : 'it is signed');
  if (told === undefined) return problems;
  if (told.name !== column.name) problems.push(`its name is "${told.name}"`);
  if (told.labels.join('\0') !== column.labels.join('\0'))
    problems.push(`its labels are ${told.labels.join(', ')}`);
  return problems;
}

function isBlob(wire: WireColumn): boolean {
  return (
    TEXT_WIRES.slice(-5).some((type) => type === wire.type) || wire.type === WIRE.blobCompressed
  );
}
