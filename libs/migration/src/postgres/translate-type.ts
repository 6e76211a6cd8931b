import type { ColumnType } from '../model/types.ts';
import { unreachable } from '@millrace/foundation';

export interface Translated {
  readonly sql: string;
  /** What is lost or looks different, for the plan. */
  readonly note?: string;
}

/** The PostgreSQL type for what a column of another database holds. Enums get a type of their own, made elsewhere. */
export function postgresTypeFor(type: ColumnType): Translated {
  switch (type.kind) {
    case 'boolean':
      return { sql: 'boolean' };
    case 'integer':
      return { sql: integerType(type.bits, type.isUnsigned) };
    case 'decimal':
      return {
        sql:
          type.precision === undefined
            ? 'numeric'
            : `numeric(${type.precision},${type.scale ?? 0})`,
      };
    case 'money':
      return { sql: 'numeric(19,2)' };
    case 'float':
      return { sql: type.bits === 32 ? 'real' : 'double precision' };
    case 'char':
    case 'varchar':
      return { sql: type.length === 0 ? 'varchar' : `varchar(${type.length})` };
    case 'text':
    case 'xml':
    case 'search':
    case 'range':
    case 'inet':
    case 'other':
      return { sql: 'text' };
    case 'enum':
    case 'set':
      return { sql: 'text' };
    case 'binary':
    case 'varbinary':
    case 'blob':
      return { sql: 'bytea' };
    case 'bits':
      return { sql: type.length === undefined ? 'varbit' : `bit(${type.length})` };
    case 'date':
      return { sql: 'date' };
    case 'time':
      return {
        sql: `time(${type.precision})`,
        note: 'a time of day from 00:00 to 24:00; for longer and negative ones make the column interval, which is followed and compared as well',
      };
    case 'timestamp':
      return { sql: `${type.hasZone ? 'timestamptz' : 'timestamp'}(${type.precision})` };
    case 'interval':
      return { sql: 'interval' };
    case 'year':
      return { sql: 'smallint' };
    case 'json':
    case 'pair-map':
      return { sql: 'jsonb' };
    case 'uuid':
      return { sql: 'uuid' };
    case 'array':
      return { sql: `${postgresTypeFor(type.element).sql}[]` };
    case 'geometry':
      return type.shape === 'point'
        ? { sql: 'point' }
        : {
            sql: 'jsonb',
            note: 'a JSON object with the well-known binary of the shape, as base64',
          };
    case 'vector':
      return { sql: 'real[]' };
    default:
      return unreachable(type);
  }
}

function integerType(bits: 8 | 16 | 24 | 32 | 64, isUnsigned: boolean): string {
  if (bits === 64) return isUnsigned ? 'numeric(20,0)' : 'bigint';
  if (bits === 32) return isUnsigned ? 'bigint' : 'integer';
  if (bits === 24) return 'integer';
  return bits === 16 && isUnsigned ? 'integer' : 'smallint';
}
