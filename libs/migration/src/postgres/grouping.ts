import { text, type Row } from '../server/session-api.ts';
import { quoteNames } from './quote.ts';

/** Rows by the table that they belong to. */
export function byOid(rows: readonly Row[], column = 'table_oid'): ReadonlyMap<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const oid = text(row, column);
    const group = groups.get(oid);
    if (group === undefined) groups.set(oid, [row]);
    else group.push(row);
  }
  return groups;
}

/** For `= ANY($1::oid[])`. */
export function oidArray(oids: readonly string[]): string {
  return `{${oids.join(',')}}`;
}

/** An array of names that was turned into JSON. */
export function namesOf(row: Row, column: string): readonly string[] {
  const value = row[column];
  if (value == null) return [];
  const parsed: unknown = JSON.parse(value);
  return Array.isArray(parsed) ? parsed.map(String) : [];
}

export function listOf(names: readonly string[]): string {
  return quoteNames(names);
}
