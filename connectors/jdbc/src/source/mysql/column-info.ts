import mysql2 from 'mysql2';
import type { ColumnInfo, ColumnKind } from '../columns.ts';

/** Of a CommonJS module, whose members Node does not know by name. */
const { Types } = mysql2;

/** A column of a result as the protocol describes it (Protocol::ColumnDefinition41). */
export interface MysqlField {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly characterSet: number;
  readonly columnLength: number;
  readonly decimals: number;
}

const NOT_NULL = 1;
const UNSIGNED = 32;
const AUTO_INCREMENT = 512;
const BINARY_CHARSET = 63;

export function columnInfo(field: MysqlField): ColumnInfo {
  const { name, flags, columnLength, decimals } = field;
  const isUnsigned = (flags & UNSIGNED) !== 0;
  const [kind, type] = kindOf(field, isUnsigned);
  const isDecimal = kind === 'decimal';
  return {
    name,
    kind,
    type,
    // The length counts the point and the sign too.
    precision: isDecimal ? columnLength - (decimals > 0 ? 1 : 0) - (isUnsigned ? 0 : 1) : null,
    scale: isDecimal || isTime(kind) ? decimals : 0,
    isOptional: (flags & NOT_NULL) === 0,
    isAutoIncrement: (flags & AUTO_INCREMENT) !== 0,
  };
}

const isTime = (kind: ColumnKind): boolean => kind.startsWith('time');

function kindOf(field: MysqlField, isUnsigned: boolean): readonly [ColumnKind, string] {
  const isBinary = field.characterSet === BINARY_CHARSET;
  switch (field.type) {
    case Types.TINY:
      return [isUnsigned ? 'int16' : 'int8', 'tinyint'];
    case Types.SHORT:
      return [isUnsigned ? 'int32' : 'int16', 'smallint'];
    case Types.INT24:
    case Types.LONG:
      return [isUnsigned ? 'int64' : 'int32', 'int'];
    case Types.LONGLONG:
      return ['int64', 'bigint'];
    case Types.FLOAT:
      return ['float32', 'float'];
    case Types.DOUBLE:
      return ['float64', 'double'];
    case Types.DECIMAL:
    case Types.NEWDECIMAL:
      return ['decimal', 'decimal'];
    case Types.DATE:
    case Types.NEWDATE:
      return ['date', 'date'];
    case Types.YEAR:
      return ['date', 'year'];
    case Types.TIME:
      return ['time', 'time'];
    case Types.DATETIME:
      return ['timestamp', 'datetime'];
    case Types.TIMESTAMP:
      return ['timestamp with zone', 'timestamp'];
    case Types.BIT:
      return [field.columnLength <= 7 ? 'int8' : 'bytes', `bit(${field.columnLength})`];
    case Types.GEOMETRY:
      return ['bytes', 'geometry'];
    case Types.JSON:
    case Types.ENUM:
    case Types.SET:
      return ['string', 'text'];
    default:
      return isBinary ? ['bytes', 'binary'] : ['string', 'text'];
  }
}

/** The form of a value that columns decode: bytes for the kind `bytes`, else text. */
export function rawOf(bytes: Buffer, { kind, type }: ColumnInfo): string | Buffer {
  if (kind === 'bytes') return bytes;
  if (type.startsWith('bit(')) return String(bytes.at(-1) ?? 0);
  const text = bytes.toString('utf8');
  if (kind === 'timestamp with zone') return `${text}+00`; // the session's zone
  return type === 'year' ? `${text}-01-01` : text;
}
