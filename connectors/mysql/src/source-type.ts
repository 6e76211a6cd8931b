import type { ColumnDefinition } from './types/column.ts';

/** What Debezium tells of a column's type in its schema. */
export function sourceTypeParameters(column: ColumnDefinition): Readonly<Record<string, string>> {
  const type = column.type.toUpperCase();
  const labels = column.labels.length > 0 ? 1 : null;
  const length = column.length ?? labels;
  return {
    '__debezium.source.column.type': column.isUnsigned ? `${type} UNSIGNED` : type,
    ...(length === null ? {} : { '__debezium.source.column.length': String(length) }),
    ...(column.scale === null ? {} : { '__debezium.source.column.scale': String(column.scale) }),
    '__debezium.source.column.name': column.name,
  };
}
