import type { Column, Table } from '../../write/table.ts';
import { columnType, type CatalogType } from './column.ts';
import type { PostgresConnection, Row } from './connection.ts';
import { quoteName } from './ddl.ts';

const RELATION = `
  SELECT c.oid::int8::text AS oid, n.nspname AS schema, c.relname AS name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relname = $1 AND c.relkind IN ('r', 'p', 'f', 'v')
     AND ($2::text IS NULL AND pg_catalog.pg_table_is_visible(c.oid) OR n.nspname = $2)
   LIMIT 1`;

/** A domain is followed to its base type, also for casts: assignment checks its rules, where a cast would cut text. */
const COLUMNS = `
  WITH RECURSIVE base AS (
    SELECT a.attnum, a.atttypid AS type, a.atttypmod AS modifier FROM pg_catalog.pg_attribute a
     WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT b.attnum, t.typbasetype, t.typtypmod FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.type
     WHERE t.typtype = 'd'
  )
  SELECT a.attname AS name, a.attnotnull AS required, a.atthasdef OR a.attidentity <> '' AS has_default,
         a.attgenerated <> '' AS generated, t.typname AS type_name, t.typtype AS type_type, t.typcategory AS category,
         b.modifier, pg_catalog.format_type(b.type, -1) AS cast_name,
         pg_catalog.format_type(a.atttypid, a.atttypmod) AS full_name,
         e.typname AS element_name, e.typtype AS element_type, e.typcategory AS element_category,
         pg_catalog.format_type(e.oid, -1) AS element_cast
    FROM pg_catalog.pg_attribute a
    JOIN base b ON b.attnum = a.attnum
    JOIN pg_catalog.pg_type t ON t.oid = b.type AND t.typtype <> 'd'
    LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
   WHERE a.attrelid = $1::oid
   ORDER BY a.attnum`;

const KEYS = `
  SELECT i.indisprimary AS is_primary, array_agg(a.attname::text ORDER BY k.place) AS columns
    FROM pg_catalog.pg_index i
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
   WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indimmediate
     AND i.indpred IS NULL AND i.indexprs IS NULL AND k.place <= i.indnkeyatts
   GROUP BY i.indexrelid, i.indisprimary
   ORDER BY i.indisprimary DESC, i.indexrelid`;

const REFERENCES = `
  SELECT DISTINCT confrelid::int8::text AS oid FROM pg_catalog.pg_constraint WHERE conrelid = $1::oid AND contype = 'f'`;

/** The table as it is now, or undefined. `schema` null: by the search path. */
export async function readTable(
  connection: PostgresConnection,
  schema: string | null,
  name: string,
  signal: AbortSignal,
): Promise<Table | undefined> {
  const doing = `read the definition of table "${name}"`;
  const [relation] = await connection.query(RELATION, doing, signal, [name, schema]);
  if (relation === undefined) return undefined;
  const oid = text(relation, 'oid');
  const columns = await connection.query(COLUMNS, doing, signal, [oid]);
  const keys = await connection.query(KEYS, doing, signal, [oid]);
  const references = await connection.query(REFERENCES, doing, signal, [oid]);
  const found = { schema: text(relation, 'schema'), name: text(relation, 'name') };
  return {
    id: oid,
    ...found,
    sql: `${quoteName(found.schema)}.${quoteName(found.name)}`,
    columns: new Map(columns.map((row) => [text(row, 'name'), columnOf(row)])),
    uniqueKeys: keys.map((row) => names(row['columns'])),
    hasOtherUnique: false, // ON CONFLICT names its index, so others are of no concern
    unsafeEngine: null,
    references: references.map((row) => text(row, 'oid')),
  };
}

const EXTENSION_TYPES = `
  SELECT typname AS name FROM pg_catalog.pg_type
   WHERE typname IN ('ltree', 'geometry', 'geography', 'hstore', 'citext', 'vector') AND pg_catalog.pg_type_is_visible(oid)`;

export async function readExtensionTypes(
  connection: PostgresConnection,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const rows = await connection.query(EXTENSION_TYPES, 'read the types of the server', signal);
  return new Set(rows.map((row) => text(row, 'name')));
}

function columnOf(row: Row): Column {
  const type: CatalogType = {
    type_name: text(row, 'type_name'),
    type_type: text(row, 'type_type'),
    category: text(row, 'category'),
    cast_name: text(row, 'cast_name'),
    full_name: text(row, 'full_name'),
    modifier: Number(row['modifier']),
  };
  const element: CatalogType | null =
    typeof row['element_name'] === 'string'
      ? {
          type_name: row['element_name'],
          type_type: text(row, 'element_type'),
          category: text(row, 'element_category'),
          cast_name: text(row, 'element_cast'),
          full_name: text(row, 'element_cast'),
          modifier: -1,
        }
      : null;
  return {
    name: text(row, 'name'),
    type: columnType(type, element),
    isRequired: row['required'] === true,
    hasDefault: row['has_default'] === true,
    isGenerated: row['generated'] === true,
  };
}

function names(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function text(row: Row, name: string): string {
  return String(row[name]);
}
