import type { Column } from '../model/catalog.ts';
import type { Form, Sides } from './canonical.ts';
import { canonicalJson, canonicalNumber } from './finish.ts';

const asText = (c: string): string => `CONVERT(${c} USING utf8mb4)`;
const asChars = (c: string): string => `CAST(${c} AS CHAR CHARACTER SET utf8mb4)`;

/** MySQL 9.6 and later have neither MD5 nor SHA1. */
export function mysqlDigest(sql: string): string {
  return `SHA2(${sql}, 256)`;
}

/** The same texts as `postgresForm`; `undefined` where there is no common one. */
export function mysqlForm({ type }: Column, sides: Sides): Form | undefined {
  const isSameFamily = sides.source === sides.target;
  switch (type.kind) {
    case 'boolean':
    case 'integer':
    case 'year':
      return { sql: (c) => asChars(`${c} + 0`) };
    case 'enum':
    case 'set':
    case 'varchar':
    case 'inet':
    case 'range':
      return { sql: asText };
    case 'uuid':
      return { sql: (c) => `LOWER(${asChars(c)})` };
    case 'char':
      return { sql: (c) => `TRIM(TRAILING ' ' FROM ${asText(c)})` };
    case 'bits':
      return { sql: (c) => `LPAD(BIN(${c} + 0), ${type.length ?? 1}, '0')` };
    case 'decimal':
    case 'money':
      return { sql: decimal };
    case 'float':
      // CAST to text rounds what is longer than 22 characters; the answer to a SELECT does not.
      return isSameFamily && sides.isSameProduct
        ? { sql: (c) => asChars(`${c} + 0e0`) }
        : { sql: (c) => `${c} + 0e0`, finish: canonicalNumber };
    case 'text':
    case 'xml':
    case 'search':
    case 'other':
      return { sql: (c) => mysqlDigest(asText(c)) };
    case 'binary':
    case 'varbinary':
    case 'blob':
      return { sql: (c) => mysqlDigest(c) };
    case 'date':
      return { sql: (c) => `DATE_FORMAT(${c}, '%Y-%m-%d')` };
    case 'time':
      return type.hasZone ? undefined : { sql: (c) => `TIME_FORMAT(${c}, '%H:%i:%s.%f')` };
    case 'timestamp':
      return { sql: (c) => `DATE_FORMAT(${c}, '%Y-%m-%d %H:%i:%s.%f')` };
    case 'json':
      return isSameFamily && sides.isSameProduct
        ? { sql: (c) => mysqlDigest(asChars(c)) }
        : { sql: asChars, finish: canonicalJson };
    case 'pair-map':
    case 'array':
      return { sql: asChars, finish: canonicalJson };
    case 'geometry':
      return isSameFamily
        ? { sql: (c) => `CONCAT(ST_SRID(${c}), ' ', ${mysqlDigest(`ST_AsBinary(${c})`)})` }
        : undefined;
    case 'vector':
      return isSameFamily ? { sql: (c) => mysqlDigest(c) } : undefined;
    case 'interval':
      return undefined;
  }
}

/** Of a key column: the value itself, not a digest of it. */
export function mysqlKeyForm(column: Column, sides: Sides): Form {
  switch (column.type.kind) {
    case 'binary':
    case 'varbinary':
    case 'blob':
      return { sql: (c) => `LOWER(HEX(${c}))`, literal: (text) => `x'${text}'` };
    case 'bits':
      return { ...(mysqlForm(column, sides) ?? { sql: asChars }), literal: (text) => `b'${text}'` };
    case 'text':
    case 'xml':
    case 'search':
    case 'other':
    case 'json':
    case 'pair-map':
    case 'array':
    case 'vector':
      return { sql: asText };
    default:
      return mysqlForm(column, sides) ?? { sql: asChars };
  }
}

/** Without zeros at the end of the fraction. */
function decimal(c: string): string {
  const text = asChars(`${c} + 0`);
  return `IF(LOCATE('.', ${text}) > 0, TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM ${text})), ${text})`;
}
