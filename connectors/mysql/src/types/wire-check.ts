import type { WireColumn } from '../binlog/events/table-map.ts';
import { valueUnreadable } from '../binlog/errors.ts';
import type { ColumnDefinition } from './column.ts';

/** @throws MillraceError when the column has another form in the binlog than its type has */
export function mustBe(
  column: ColumnDefinition,
  wire: WireColumn,
  ...types: readonly number[]
): void {
  if (!types.includes(wire.type))
    throw valueUnreadable(
      column.type,
      `column "${column.name}" is of type ${wire.type} in the binlog, and ${types.join(' or ')} is expected`,
    );
}
