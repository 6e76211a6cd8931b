import type { ColumnDefinition } from './column.ts';
import type { ColumnCodec } from './codec.ts';
import type { ValueSettings } from './value-settings.ts';

/** How the values of a column are carried; undefined: its type is unknown and the column is left out. */
export function codecOf(
  _column: ColumnDefinition,
  _settings: ValueSettings,
  _table: string,
): ColumnCodec | undefined {
  throw new Error('not built yet');
}
