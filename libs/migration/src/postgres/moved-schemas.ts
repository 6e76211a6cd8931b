import type { Catalog, Index, Table } from '../model/catalog.ts';
import { quoteName } from './quote.ts';

/**
 * The catalogue with every schema called as in the target, also within types, defaults and definitions. Those come from
 * the server with an empty search path, so that each name of one's own stands behind that of its schema.
 */
export function withSchemasMoved(catalog: Catalog, rename: (schema: string) => string): Catalog {
  const schemas = new Set([
    ...catalog.tables.map(({ schema }) => schema),
    ...catalog.sequences.map(({ schema }) => schema),
  ]);
  const moves = [...schemas].filter((schema) => rename(schema) !== schema);
  if (moves.length === 0) return catalog;
  const moved = (sql: string): string =>
    moves.reduce((text, schema) => moveOne(text, schema, rename(schema)), sql);
  const maybe = (sql: string | null): string | null => (sql === null ? null : moved(sql));
  const index = (each: Index): Index => ({ ...each, native: moved(each.native) });
  const table = (each: Table): Table => ({
    ...each,
    columns: each.columns.map((column) => ({
      ...column,
      nativeType: moved(column.nativeType),
      nativeDefault: maybe(column.nativeDefault),
      generated:
        column.generated === null
          ? null
          : { ...column.generated, expression: moved(column.generated.expression) },
    })),
    indexes: each.indexes.map(index),
    checks: each.checks.map((check) => ({ ...check, native: moved(check.native) })),
  });
  return {
    ...catalog,
    tables: catalog.tables.map(table),
    prerequisites: catalog.prerequisites.map((each) => ({ ...each, sql: moved(each.sql) })),
  };
}

/** `sales.` and `"sales".`, but not `presales.`, and not within a longer quoted name. */
function moveOne(sql: string, from: string, to: string): string {
  const bare = from.replaceAll(/[.\\+*?^${}()|[\]]/g, String.raw`\$&`);
  const quoted = quoteName(from).replaceAll(/[.\\+*?^${}()|[\]]/g, String.raw`\$&`);
  const pattern = new RegExp(`(?<![\\w$"])(?:${bare}|${quoted})(?=\\.)`, 'g');
  return sql
    .replace(pattern, () => quoteName(to))
    .replace(new RegExp(`(?<=SCHEMA (?:IF NOT EXISTS )?)${quoted}`, 'g'), () => quoteName(to));
}
