import { unreachable } from '@millrace/foundation';
import type { Translated } from '../postgres/translate-type.ts';
import type { ColumnType } from '../model/types.ts';

/** More characters would fill a row of 64 KiB with one column. */
const VARCHAR_MAX = 4_000;
/** An index holds 3072 bytes, and a character takes up to four. */
const KEY_CHARACTERS_MAX = 191;
const DECIMAL_DIGITS_MAX = 65;
const DECIMAL_SCALE_MAX = 30;

/** The MySQL type for what a column of PostgreSQL holds. `isKey`: it stands in a key, where texts must be short. */
export function mysqlTypeFor(type: ColumnType, isKey: boolean): Translated {
  const longText: Translated = isKey
    ? {
        sql: `varchar(${KEY_CHARACTERS_MAX})`,
        note: `a key holds at most ${KEY_CHARACTERS_MAX} characters`,
      }
    : { sql: 'longtext' };
  switch (type.kind) {
    case 'boolean':
      return { sql: 'tinyint(1)' };
    case 'integer':
      return { sql: integerType(type.bits, type.isUnsigned) };
    case 'decimal':
      return decimalType(type);
    case 'money':
      return { sql: 'decimal(19,2)' };
    case 'float':
      return { sql: type.bits === 32 ? 'float' : 'double' };
    case 'char':
      return type.length <= 255 ? { sql: `char(${type.length})` } : { sql: 'longtext' };
    case 'varchar':
      return type.length <= (isKey ? 768 : VARCHAR_MAX)
        ? { sql: `varchar(${type.length})` }
        : longText;
    case 'text':
    case 'other':
      return longText;
    case 'xml':
    case 'search':
      return { sql: 'longtext' };
    case 'range':
      return { sql: 'varchar(255)' };
    case 'inet':
      return { sql: 'varchar(50)' };
    case 'enum':
      return { sql: `enum(${type.labels.map(label).join(', ')})` };
    case 'set':
      return { sql: `set(${type.labels.map(label).join(', ')})` };
    case 'binary':
    case 'varbinary':
      return { sql: `${type.kind}(${type.length})` };
    case 'blob':
      return isKey
        ? { sql: 'varbinary(767)', note: 'a key holds at most 767 bytes' }
        : { sql: 'longblob' };
    case 'bits':
      return type.length !== undefined && type.length <= 64 && !type.isVarying
        ? { sql: `bit(${type.length})` }
        : { sql: 'longblob', note: 'the bytes of the bits, the lowest first' };
    case 'date':
      return { sql: 'date' };
    case 'time':
      return type.hasZone ? { sql: 'varchar(24)' } : { sql: `time(${type.precision})` };
    case 'timestamp':
      return type.hasZone
        ? { sql: `datetime(${type.precision})`, note: 'the moment in UTC' }
        : { sql: `datetime(${type.precision})` };
    case 'interval':
      return { sql: 'varchar(64)', note: 'a text in ISO 8601' };
    case 'year':
      return { sql: 'year' };
    case 'json':
    case 'pair-map':
    case 'array':
      return { sql: 'json' };
    case 'uuid':
      return { sql: 'char(36)' };
    case 'geometry':
      return { sql: type.shape === 'point' ? 'point' : 'geometry' };
    case 'vector':
      return { sql: 'json' };
    default:
      return unreachable(type);
  }
}

function integerType(bits: 8 | 16 | 24 | 32 | 64, isUnsigned: boolean): string {
  const name = { 8: 'tinyint', 16: 'smallint', 24: 'mediumint', 32: 'int', 64: 'bigint' }[bits];
  return isUnsigned ? `${name} unsigned` : name;
}

function decimalType(type: Extract<ColumnType, { readonly kind: 'decimal' }>): Translated {
  const { precision, scale = 0 } = type;
  if (precision === undefined)
    return {
      sql: `decimal(${DECIMAL_DIGITS_MAX},${DECIMAL_SCALE_MAX})`,
      note: `at most ${DECIMAL_DIGITS_MAX} digits, ${DECIMAL_SCALE_MAX} of them behind the point; neither NaN nor infinity`,
    };
  // A negative scale rounds to tens: the digits before the point are more.
  const digits = scale < 0 ? precision - scale : Math.max(precision, scale);
  const fraction = Math.max(0, scale);
  return digits <= DECIMAL_DIGITS_MAX && fraction <= DECIMAL_SCALE_MAX
    ? { sql: `decimal(${digits},${fraction})` }
    : {
        sql: `decimal(${Math.min(digits, DECIMAL_DIGITS_MAX)},${Math.min(fraction, DECIMAL_SCALE_MAX)})`,
        note: 'MySQL has fewer digits; longer numbers are refused',
      };
}

function label(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
