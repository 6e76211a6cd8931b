import type { Schema } from '@millrace/record';
import type { TypeNames } from '../../write/session.ts';
import type { ColumnDraft } from '../../write/table.ts';
import { typeForValues } from '../loose-types.ts';
import { characterCount, quoteName, quoteText } from './names.ts';
import { exactCollation, type ServerKind } from './server.ts';

const T = 'io.debezium.time.';
const D = 'io.debezium.data.';
const C = 'org.apache.kafka.connect.data.';
const SOURCE = '__debezium.source.column.';

/** Bytes of an index entry at the most (InnoDB), in characters of four bytes; shared by the texts of a key. */
const KEY_CHARACTERS_MAX = 768;
const KEY_CHARACTERS = 255;
const DECIMAL_DIGITS_MAX = 65;
const DECIMAL_SCALE_MAX = 30;
/** Characters that a varchar of four-byte characters may have beside other columns of its row. */
const VARCHAR_CHARACTERS_MAX = 4_000;

/** The natural type of each semantic name. Times of a zone are of UTC: TIMESTAMP ends in 2038. */
const SEMANTIC: Readonly<Record<string, string>> = {
  [`${T}Date`]: 'date',
  [`${T}IsoDate`]: 'date',
  [`${C}Date`]: 'date',
  [`${T}Time`]: 'time(3)',
  [`${C}Time`]: 'time(3)',
  [`${T}MicroTime`]: 'time(6)',
  [`${T}NanoTime`]: 'time(6)',
  [`${T}IsoTime`]: 'time(6)',
  [`${T}ZonedTime`]: 'time(6)',
  [`${T}Timestamp`]: 'datetime(3)',
  [`${C}Timestamp`]: 'datetime(3)',
  [`${T}MicroTimestamp`]: 'datetime(6)',
  [`${T}NanoTimestamp`]: 'datetime(6)',
  [`${T}IsoTimestamp`]: 'datetime(6)',
  [`${T}ZonedTimestamp`]: 'datetime(6)',
  [`${T}MicroDuration`]: 'bigint',
  [`${T}NanoDuration`]: 'bigint',
  [`${T}Interval`]: 'varchar(128)',
  [`${T}Year`]: 'year',
  [`${D}Json`]: 'json',
  [`${D}Xml`]: 'longtext',
  [`${D}Ltree`]: 'longtext',
  [`${D}Tsvector`]: 'longtext',
  [`${D}geometry.Point`]: 'geometry',
  [`${D}geometry.Geometry`]: 'geometry',
  [`${D}geometry.Geography`]: 'geometry',
};

const PRIMITIVES: Readonly<Record<string, string>> = {
  int8: 'tinyint',
  int16: 'smallint',
  int32: 'int',
  int64: 'bigint',
  float32: 'float',
  float64: 'double',
  boolean: 'tinyint(1)',
  string: 'longtext',
  bytes: 'longblob',
};

/** Types of MySQL and MariaDB that are kept as they are when the source tells them. */
const SAME = new Set(
  'TINYINT,SMALLINT,MEDIUMINT,INT,BIGINT,TINYTEXT,MEDIUMTEXT,LONGTEXT,TINYBLOB,MEDIUMBLOB,LONGBLOB,POINT,LINESTRING,POLYGON,MULTIPOINT,MULTILINESTRING,MULTIPOLYGON,GEOMETRYCOLLECTION'.split(
    ',',
  ),
);

export function mysqlTypes(server: ServerKind): TypeNames {
  return {
    tableOptions: `ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE ${exactCollation(server)}`,
    forSchema: (schema, isKey, keyCount) => {
      const type = typeForSchema(schema, server);
      return isKey ? keyType(type, keyCount) : type;
    },
    forValues: (values, isKey, keyCount) => {
      const found = typeForValues(values);
      const type = found === undefined ? undefined : LOOSE[found];
      return type !== undefined && isKey ? keyType(type, keyCount) : type;
    },
  };
}

const LOOSE: Readonly<Record<NonNullable<ReturnType<typeof typeForValues>>, string>> = {
  integer: 'bigint',
  double: 'double',
  numeric: `decimal(${DECIMAL_DIGITS_MAX},${DECIMAL_SCALE_MAX})`,
  boolean: 'tinyint(1)',
  text: 'longtext',
  bytes: 'longblob',
  timestamp: 'datetime(3)',
  json: 'json',
};

/** Types without a bound can't be indexed. */
function keyType(type: string, keyCount: number): string {
  const characters = Math.min(
    KEY_CHARACTERS,
    Math.floor(KEY_CHARACTERS_MAX / Math.max(1, keyCount)),
  );
  if (/text$|^json$/.test(type)) return `varchar(${characters})`;
  if (/blob$/.test(type)) return `varbinary(${characters})`;
  return type;
}

function typeForSchema(schema: Schema, server: ServerKind): string {
  return sourceType(schema, server) ?? semanticType(schema, server);
}

/** What `column.propagate.source.type` tells: lengths, and types that several columns share a schema with. */
function sourceType(schema: Schema, server: ServerKind): string | undefined {
  const [name = '', ...flags] = (schema.parameters?.[`${SOURCE}type`] ?? '')
    .toUpperCase()
    .split(' ');
  const length = Number(schema.parameters?.[`${SOURCE}length`] ?? Number.NaN);
  const unsigned = flags.includes('UNSIGNED') ? ' unsigned' : '';
  if (schema.name === `${T}ZonedTimestamp`)
    return name === 'TIMESTAMP' ? `timestamp${fraction(length, 6)}` : undefined;
  if (name === 'DATETIME' && schema.name?.endsWith('Timestamp') === true)
    return `datetime${fraction(length, 6)}`;
  if (name === 'TIME' && length <= 6 && schema.name?.endsWith('Time') === true)
    return `time${fraction(length, 6)}`;
  if (schema.name !== undefined && !schema.name.startsWith(`${D}geometry.`)) return undefined;
  if (name === 'BIGINT' && unsigned !== '') return 'bigint unsigned';
  if (SAME.has(name) && (schema.type !== 'boolean' || name === 'TINYINT'))
    return `${name.toLowerCase()}${unsigned}`;
  if (schema.type === 'string') {
    if (['VARCHAR', 'NVARCHAR', 'CHARACTER VARYING'].includes(name) && isBounded(length))
      return `varchar(${length})`;
    if (['CHAR', 'NCHAR', 'BPCHAR', 'CHARACTER'].includes(name) && length > 0 && length <= 255)
      return `char(${length})`;
    if (server.isMariadb && ['UUID', 'INET6', 'INET4'].includes(name)) return name.toLowerCase();
  }
  if (schema.type === 'bytes' && name === 'BINARY' && length > 0 && length <= 255)
    return `binary(${length})`;
  if (schema.type === 'bytes' && name === 'VARBINARY' && isBounded(length))
    return `varbinary(${length})`;
  if (schema.type === 'boolean' && name === 'BIT') return 'bit(1)';
  return undefined;
}

function isBounded(length: number): boolean {
  return length > 0 && length <= VARCHAR_CHARACTERS_MAX;
}

function fraction(length: number, standard: number): string {
  const digits = length >= 0 && length <= 6 ? length : standard;
  return digits === 0 ? '' : `(${digits})`;
}

function semanticType(schema: Schema, server: ServerKind): string {
  switch (schema.name) {
    case `${C}Decimal`:
      return decimalType(schema);
    case `${D}VariableScaleDecimal`:
      return `decimal(${DECIMAL_DIGITS_MAX},${DECIMAL_SCALE_MAX})`;
    case `${D}Bits`: {
      const length = Number(schema.parameters?.['length'] ?? Number.NaN);
      return length > 0 && length <= 64 ? `bit(${length})` : 'longblob';
    }
    case `${D}Uuid`:
      return server.isMariadb && server.version >= 100_700 ? 'uuid' : 'char(36)';
    case `${D}Enum`:
    case `${D}EnumSet`:
      return membersType(schema);
    case `${D}FloatVector`:
      return !server.isMariadb && server.version >= 90_000 ? 'vector(16383)' : 'json';
    case undefined:
      break;
    default: {
      const semantic = SEMANTIC[schema.name];
      if (semantic !== undefined) return semantic;
    }
  }
  return PRIMITIVES[schema.type] ?? 'json';
}

function decimalType(schema: Schema): string {
  const scale = Number(schema.parameters?.['scale'] ?? 0);
  const precision = Number(schema.parameters?.['connect.decimal.precision'] ?? DECIMAL_DIGITS_MAX);
  const kept = Math.min(Math.max(scale, 0), DECIMAL_SCALE_MAX);
  return `decimal(${Math.max(Math.min(precision, DECIMAL_DIGITS_MAX), kept, 1)},${kept})`;
}

const MEMBERS_CHARACTERS_MAX = 10_000;

/** Members are divided by commas, those within one written `\,`. Without them, or if some are too alike, a text. */
function membersType(schema: Schema): string {
  const isSet = schema.name === `${D}EnumSet`;
  const allowed = schema.parameters?.['allowed'] ?? '';
  const members = allowed.split(/(?<!\\),/).map((member) => member.replaceAll('\\,', ','));
  const isUsable =
    allowed !== '' &&
    allowed.length <= MEMBERS_CHARACTERS_MAX &&
    new Set(members).size === members.length &&
    members.every((member) => member === member.trimEnd() && characterCount(member) <= 255) &&
    (!isSet || (members.length <= 64 && members.every((member) => !member.includes(','))));
  return isUsable ? `${isSet ? 'set' : 'enum'}(${members.map(quoteText).join(',')})` : 'longtext';
}

/** Only defaults whose SQL form is beyond doubt; others would be a guess. */
export function defaultLiteral(schema: Schema, type: string): string | null {
  const value = schema.default;
  if (schema.name !== undefined) return null;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return null;
  return /text$|blob$|^json$/.test(type) ? `(${quoteText(value)})` : quoteText(value);
}

export function createTableSql(
  table: string,
  columns: readonly ColumnDraft[],
  keys: readonly string[],
  options: string,
): string {
  const parts = columns.map(columnSql);
  if (keys.length > 0) parts.push(`PRIMARY KEY (${keys.map(quoteName).join(', ')})`);
  return `CREATE TABLE IF NOT EXISTS ${table} (${parts.join(', ')}) ${options}`;
}

export function addColumnsSql(table: string, columns: readonly ColumnDraft[]): string {
  return `ALTER TABLE ${table} ${columns.map((column) => `ADD COLUMN ${columnSql(column)}`).join(', ')}`;
}

function columnSql(column: ColumnDraft): string {
  const standard = column.default === null ? '' : ` DEFAULT ${column.default}`;
  return `${quoteName(column.name)} ${column.type}${column.isRequired ? ' NOT NULL' : ' NULL'}${standard}`;
}
