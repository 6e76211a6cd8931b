import type { TableMap } from '../binlog/events/table-map.ts';
import type { ColumnDefinition } from './column.ts';

/** The columns as `binlog_row_metadata=FULL` describes them; null without it. */
export function columnsOf(_table: TableMap): readonly ColumnDefinition[] | null {
  throw new Error('not built yet');
}

/**
 * Why these columns can't be those of the binlog's table map: each a sentence; none when they fit. Where full metadata
 * is there, names, signs and labels are compared too.
 */
export function mismatches(
  _columns: readonly ColumnDefinition[],
  _table: TableMap,
): readonly string[] {
  throw new Error('not built yet');
}
