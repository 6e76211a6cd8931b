import type { Schema } from '@millrace/record';
import type { ColumnDraft } from '../../write/table.ts';
import type { LooseType } from '../loose-types.ts';

const T = 'io.debezium.time.';
const D = 'io.debezium.data.';
const C = 'org.apache.kafka.connect.data.';

/** The natural type of each semantic name. */
const SEMANTIC: Readonly<Record<string, string>> = {
  [`${T}Date`]: 'date',
  [`${T}IsoDate`]: 'date',
  [`${C}Date`]: 'date',
  [`${T}Time`]: 'time(3)',
  [`${C}Time`]: 'time(3)',
  [`${T}MicroTime`]: 'time(6)',
  [`${T}NanoTime`]: 'time(6)',
  [`${T}IsoTime`]: 'time(6)',
  [`${T}ZonedTime`]: 'time(6) with time zone',
  [`${T}Timestamp`]: 'timestamp(3)',
  [`${C}Timestamp`]: 'timestamp(3)',
  [`${T}MicroTimestamp`]: 'timestamp(6)',
  [`${T}NanoTimestamp`]: 'timestamp(6)',
  [`${T}IsoTimestamp`]: 'timestamp(6)',
  [`${T}ZonedTimestamp`]: 'timestamp(6) with time zone',
  [`${T}MicroDuration`]: 'interval',
  [`${T}NanoDuration`]: 'interval',
  [`${T}Interval`]: 'interval',
  [`${T}Year`]: 'integer',
  [`${D}Json`]: 'jsonb',
  [`${D}Uuid`]: 'uuid',
  [`${D}Xml`]: 'xml',
  [`${D}Enum`]: 'text',
  [`${D}EnumSet`]: 'text',
  [`${D}Tsvector`]: 'tsvector',
  [`${D}VariableScaleDecimal`]: 'numeric',
  [`${D}geometry.Point`]: 'point',
};

const PRIMITIVES: Readonly<Record<string, string>> = {
  int8: 'smallint',
  int16: 'smallint',
  int32: 'integer',
  int64: 'bigint',
  float32: 'real',
  float64: 'double precision',
  boolean: 'boolean',
  string: 'text',
  bytes: 'bytea',
};

/** Built-in types that Debezium sends as plain text; named by `column.propagate.source.type` at the source. */
const PROPAGATED = new Set([
  'JSON',
  'JSONB',
  'INET',
  'CIDR',
  'MACADDR',
  'MACADDR8',
  'MONEY',
  'INTERVAL',
  'XML',
  'TSQUERY',
  'TSVECTOR',
  'INT4RANGE',
  'INT8RANGE',
  'NUMRANGE',
  'TSRANGE',
  'TSTZRANGE',
  'DATERANGE',
]);

/** The column type that a schema calls for; `extensions` are the extension types that the server knows. */
export function typeForSchema(schema: Schema, extensions: ReadonlySet<string>): string {
  const propagated = schema.parameters?.['__debezium.source.column.type']?.toUpperCase();
  if (propagated !== undefined && PROPAGATED.has(propagated)) return propagated.toLowerCase();
  switch (schema.name) {
    case `${C}Decimal`:
      return decimalType(schema);
    case `${D}Bits`: {
      const length = Number(schema.parameters?.['length'] ?? Number.NaN);
      return length > 0 && length < 2 ** 31 - 1 ? `bit(${length})` : 'bit varying';
    }
    case `${D}Ltree`:
      return extensions.has('ltree') ? 'ltree' : 'text';
    case `${D}geometry.Geometry`:
      return extensions.has('geometry') ? 'geometry' : 'jsonb';
    case `${D}geometry.Geography`:
      return extensions.has('geography') ? 'geography' : 'jsonb';
    case undefined:
      break;
    default: {
      const semantic = SEMANTIC[schema.name];
      if (semantic !== undefined) return semantic;
    }
  }
  if (schema.type === 'array') return `${typeForSchema(schema.items, extensions)}[]`;
  return PRIMITIVES[schema.type] ?? 'jsonb';
}

function decimalType(schema: Schema): string {
  const scale = schema.parameters?.['scale'];
  const precision = schema.parameters?.['connect.decimal.precision'];
  return precision === undefined || scale === undefined
    ? 'numeric'
    : `numeric(${Number(precision)},${Number(scale)})`;
}

/** Only defaults whose SQL form is beyond doubt; others would be a guess. */
export function defaultLiteral(schema: Schema): string | null {
  const value = schema.default;
  if (schema.name !== undefined) return null;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' ? quoteLiteral(value) : null;
}

/** Of schemaless values: integers bigint, other numbers double precision, objects and arrays jsonb. */
export const LOOSE_TYPES: Readonly<Record<LooseType, string>> = {
  integer: 'bigint',
  double: 'double precision',
  numeric: 'numeric',
  boolean: 'boolean',
  text: 'text',
  bytes: 'bytea',
  timestamp: 'timestamp(3)',
  json: 'jsonb',
};

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

export function createTableSql(
  table: string,
  columns: readonly ColumnDraft[],
  keys: readonly string[],
): string {
  const parts = columns.map(columnSql);
  if (keys.length > 0) parts.push(`PRIMARY KEY (${keys.map(quoteName).join(', ')})`);
  return `CREATE TABLE IF NOT EXISTS ${table} (${parts.join(', ')})`;
}

export function addColumnsSql(table: string, columns: readonly ColumnDraft[]): string {
  return `ALTER TABLE ${table} ${columns.map((column) => `ADD COLUMN IF NOT EXISTS ${columnSql(column)}`).join(', ')}`;
}

function columnSql(column: ColumnDraft): string {
  const constraint = column.isRequired ? ' NOT NULL' : '';
  const standard = column.default === null ? '' : ` DEFAULT ${column.default}`;
  return `${quoteName(column.name)} ${column.type}${standard}${constraint}`;
}
