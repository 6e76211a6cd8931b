import type { Column } from '../model/catalog.ts';
import type { ColumnType } from '../model/types.ts';
import type { Form, Sides } from './canonical.ts';
import { canonicalJson, canonicalNumber } from './finish.ts';

const STAMP = `'YYYY-MM-DD HH24:MI:SS.US'`;
/** Values of these kinds may be long; their digest stands for them. */
const LONG: ReadonlySet<ColumnType['kind']> = new Set([
  'text',
  'json',
  'xml',
  'search',
  'pair-map',
  'array',
  'other',
  'vector',
]);

/** Of a text, as 64 hexadecimal digits. */
export function postgresDigest(sql: string): string {
  return `encode(sha256(convert_to(${sql}, 'UTF8')), 'hex')`;
}

/** Between PostgreSQL databases the server's own text, under fixed settings, says everything. */
export function postgresForm(column: Column, sides: Sides): Form | undefined {
  const { type } = column;
  if (sides.source === sides.target) {
    if (type.kind === 'blob') return { sql: (c) => `encode(sha256(${c}), 'hex')` };
    return LONG.has(type.kind)
      ? { sql: (c) => postgresDigest(`${c}::text`) }
      : { sql: (c) => `${c}::text` };
  }
  return crossForm(type);
}

/** Of a key column: the value itself, not a digest of it. */
export function postgresKeyForm(column: Column, sides: Sides): Form {
  const { kind } = column.type;
  if (kind === 'binary' || kind === 'varbinary' || kind === 'blob')
    return {
      sql: (c) => `encode(${c}, 'hex')`,
      literal: (text) => `decode('${text}', 'hex')`,
    };
  const form = LONG.has(kind) ? undefined : postgresForm(column, sides);
  return form ?? { sql: (c) => `${c}::text` };
}

function crossForm(type: ColumnType): Form | undefined {
  switch (type.kind) {
    case 'boolean':
      return { sql: (c) => `${c}::int::text` };
    case 'integer':
    case 'year':
    case 'enum':
    case 'set':
    case 'varchar':
    case 'range':
      return { sql: (c) => `${c}::text` };
    case 'inet':
      // As the server prints it: a cast adds the mask of a single address.
      return { sql: (c) => `CASE WHEN ${c} IS NOT NULL THEN format('%s', ${c}) END` };
    case 'bits':
      return { sql: (c) => `${c}::text` };
    case 'uuid':
      return { sql: (c) => `lower(${c}::text)` };
    case 'char':
      return { sql: (c) => `rtrim(${c}::text)` };
    case 'decimal':
    case 'money':
      return { sql: (c) => `trim_scale(${c}::numeric)::text` };
    case 'float':
      return { sql: (c) => `${c}::float8::text`, finish: canonicalNumber };
    case 'text':
    case 'xml':
    case 'search':
    case 'other':
      return { sql: (c) => postgresDigest(`${c}::text`) };
    case 'binary':
    case 'varbinary':
    case 'blob':
      return { sql: (c) => `encode(sha256(${c}), 'hex')` };
    case 'date':
      return { sql: (c) => `to_char(${c}, 'YYYY-MM-DD')` };
    case 'time':
      return type.hasZone ? undefined : { sql: durationText };
    case 'timestamp':
      return {
        sql: (c) => `to_char(${c}${type.hasZone ? ` AT TIME ZONE 'UTC'` : ''}, ${STAMP})`,
      };
    case 'json':
      return { sql: (c) => `${c}::text`, finish: canonicalJson };
    case 'pair-map':
    case 'array':
      return { sql: (c) => `to_json(${c})::text`, finish: canonicalJson };
    case 'interval':
    case 'geometry':
    case 'vector':
      return undefined;
  }
}

/** Of `time`, or of an `interval` that was made for MySQL's times, which may be negative or longer than a day. */
function durationText(c: string): string {
  const text = (interval: string): string => `to_char(${interval}, 'HH24:MI:SS.US')`;
  return `CASE WHEN ${c}::interval < '0' THEN '-' || ${text(`-(${c}::interval)`)} ELSE ${text(`${c}::interval`)} END`;
}
