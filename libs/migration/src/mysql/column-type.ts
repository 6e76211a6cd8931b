import type { ColumnType, Default } from '../model/types.ts';

/** What `information_schema.columns` says of a column's type. */
export interface MysqlTypeFacts {
  readonly dataType: string;
  /** With lengths and labels: `int(10) unsigned`. */
  readonly columnType: string;
  readonly characters: number;
  readonly precision: number;
  readonly scale: number;
  readonly fraction: number;
  /** MariaDB's JSON is a text with a check. */
  readonly isJson: boolean;
}

const TEXT_BYTES: Readonly<Record<string, number>> = {
  tinytext: 255,
  text: 65_535,
  mediumtext: 16_777_215,
};
const BLOB_BYTES: Readonly<Record<string, number>> = {
  tinyblob: 255,
  blob: 65_535,
  mediumblob: 16_777_215,
};
const INTEGER_BITS = { tinyint: 8, smallint: 16, mediumint: 24, int: 32, bigint: 64 } as const;

export function mysqlColumnType(facts: MysqlTypeFacts): ColumnType {
  const { dataType, columnType, characters, precision, scale, fraction } = facts;
  if (facts.isJson) return { kind: 'json' };
  if (isInteger(dataType))
    return {
      kind: 'integer',
      bits: INTEGER_BITS[dataType],
      isUnsigned: /unsigned|zerofill/.test(columnType),
    };
  if (dataType.endsWith('text')) return bounded('text', TEXT_BYTES[dataType]);
  if (dataType.endsWith('blob')) return bounded('blob', BLOB_BYTES[dataType]);
  switch (dataType) {
    case 'decimal':
      return { kind: 'decimal', precision, scale };
    case 'float':
      return { kind: 'float', bits: 32 };
    case 'double':
      return { kind: 'float', bits: 64 };
    case 'char':
    case 'varchar':
      return { kind: dataType, length: characters };
    case 'binary':
    case 'varbinary':
      return { kind: dataType, length: characters };
    case 'bit':
      return { kind: 'bits', length: Math.max(1, precision), isVarying: false };
    case 'date':
      return { kind: 'date' };
    case 'time':
      return { kind: 'time', precision: fraction, hasZone: false };
    case 'datetime':
    case 'timestamp':
      return { kind: 'timestamp', precision: fraction, hasZone: dataType === 'timestamp' };
    case 'year':
      return { kind: 'year' };
    case 'json':
      return { kind: 'json' };
    case 'uuid':
      return { kind: 'uuid' };
    case 'inet4':
    case 'inet6':
      return { kind: 'inet' };
    case 'enum':
    case 'set':
      return { kind: dataType, labels: labelsOf(columnType) };
    case 'vector':
      return { kind: 'vector', length: Number(/\((\d+)\)/.exec(columnType)?.[1] ?? 0) };
    default:
      return /^(geometry|point|linestring|polygon|multi|geomcollection|geometrycollection)/.test(
        dataType,
      )
        ? { kind: 'geometry', shape: dataType }
        : { kind: 'other' };
  }
}

function isInteger(dataType: string): dataType is keyof typeof INTEGER_BITS {
  return Object.hasOwn(INTEGER_BITS, dataType);
}

function bounded(kind: 'text' | 'blob', bytesMax: number | undefined): ColumnType {
  return bytesMax === undefined ? { kind } : { kind, bytesMax };
}

const ESCAPED: Readonly<Record<string, string>> = {
  "''": "'",
  '\\\\': '\\',
  '\\n': '\n',
  '\\r': '\r',
  '\\0': '\0',
};

/** `enum('a','it''s','back\\slash')`, as the catalogue writes it. */
function labelsOf(columnType: string): readonly string[] {
  return [...columnType.matchAll(/'((?:[^'\\]|''|\\.)*)'/gs)].map(([, label = '']) =>
    label.replace(/''|\\[\\nr0]/g, (escape) => ESCAPED[escape] ?? escape),
  );
}

/** A default as SQL, which MySQL's catalogue does not give for literals. */
export interface MysqlDefault {
  readonly native: string | null;
  readonly meaning: Default | null;
}

const NOW = /^(?:current_timestamp|now|localtime|localtimestamp)(?:\((\d*)\))?$/i;

export interface MysqlDefaultOptions {
  readonly isMariadb: boolean;
  /** Of BINARY and VARBINARY MySQL gives hexadecimal digits. */
  readonly isBinary: boolean;
}

export function mysqlDefault(
  value: string | null,
  extra: string,
  { isMariadb, isBinary }: MysqlDefaultOptions,
): MysqlDefault {
  const onUpdate = /on update/i.test(extra);
  if (value === null || (isMariadb && value === 'NULL')) return { native: null, meaning: null };
  const now = NOW.exec(value);
  if (now !== null)
    return {
      native: value,
      meaning: { kind: 'now', precision: Number(now[1] === '' ? 0 : (now[1] ?? 0)), onUpdate },
    };
  if (isMariadb) return mariadbDefault(value);
  if (/DEFAULT_GENERATED/i.test(extra))
    return {
      native: `(${value.replaceAll(String.raw`\'`, "'")})`,
      meaning: { kind: 'expression' },
    };
  const isNative = /^b'[01]*'$/.test(value) || (isBinary && /^0x[\da-f]+$/i.test(value));
  return {
    native: isNative ? value : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
    meaning: { kind: 'literal', value },
  };
}

function mariadbDefault(value: string): MysqlDefault {
  const quoted = /^'((?:[^']|'')*)'$/.exec(value)?.[1];
  if (quoted !== undefined)
    return {
      native: value,
      meaning: {
        kind: 'literal',
        value: quoted.replaceAll("''", "'").replaceAll(/\\(.)/g, '$1'),
      },
    };
  const isLiteral = /^-?[\d.]+(?:e[+-]?\d+)?$/i.test(value) || /^b'[01]*'$/.test(value);
  return isLiteral
    ? { native: value, meaning: { kind: 'literal', value } }
    : { native: `(${value})`, meaning: { kind: 'expression' } };
}
