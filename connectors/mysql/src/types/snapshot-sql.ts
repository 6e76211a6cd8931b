import type { ColumnDefinition } from './column.ts';

/** A session in which the text protocol prints what codecs read: UTF-8, UTC, nothing rounded or padded. */
export const SNAPSHOT_SESSION: readonly string[] = [
  "SET NAMES utf8mb4, time_zone = '+00:00', sql_mode = ''",
];

/** What to select in place of the column, so that the text is exact; ends with `AS` and the column's name. */
export function selectExpression(column: ColumnDefinition): string {
  const name = `\`${column.name.replaceAll('`', '``')}\``;
  // A FLOAT is printed with six digits.
  return column.type === 'float' ? `${name} + 0e0 AS ${name}` : name;
}
