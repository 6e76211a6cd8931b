import type { Prerequisite } from '../model/catalog.ts';
import { text, type Row, type Session } from '../server/session-api.ts';
import { namesOf, oidArray } from './grouping.ts';
import { quoteName, quoteText } from './quote.ts';

/** Schemas, extensions and types of one's own that the columns of these tables are made of, in order. */
export async function readPrerequisites(
  session: Session,
  schemas: readonly string[],
  oids: readonly string[],
): Promise<readonly Prerequisite[]> {
  const types = await session.query(TYPES, [oidArray(oids)]);
  const fromExtensions = types.filter((row) => row['extension'] != null);
  const own = types.filter((row) => row['extension'] == null);
  const extensions = new Map(fromExtensions.map((row) => [text(row, 'extension'), row]));
  const needed = new Set([...schemas, ...own.map((row) => text(row, 'schema'))]);
  return [
    ...[...needed].map(schemaOf),
    ...[...extensions].map(([name, row]) => extensionOf(name, text(row, 'extension_schema'))),
    ...own.map(typeOf),
  ];
}

/** With everything that a type is made of: elements, bases of domains, attributes. Deepest first. */
const TYPES = `
  WITH RECURSIVE used(oid, depth) AS (
    SELECT a.atttypid, 0 FROM pg_attribute a WHERE a.attrelid = ANY($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
    UNION
    SELECT part.oid, used.depth + 1 FROM used JOIN pg_type t ON t.oid = used.oid,
      LATERAL (SELECT t.typelem AS oid WHERE t.typelem <> 0 UNION ALL SELECT t.typbasetype WHERE t.typbasetype <> 0
        UNION ALL SELECT a.atttypid FROM pg_attribute a WHERE a.attrelid = t.typrelid AND t.typrelid <> 0 AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE r.rngtypid = t.oid) part
    WHERE used.depth < 16
  )
  SELECT n.nspname AS schema, t.typname AS name, t.typtype AS kind, max(used.depth) AS depth,
    e.extname AS extension, en.nspname AS extension_schema,
    format_type(t.typbasetype, t.typtypmod) AS base, t.typnotnull AS required, t.typdefault AS default_expression,
    (SELECT json_agg(l.enumlabel ORDER BY l.enumsortorder) FROM pg_enum l WHERE l.enumtypid = t.oid) AS labels,
    (SELECT json_agg(pg_get_constraintdef(k.oid) ORDER BY k.conname) FROM pg_constraint k
      WHERE k.contypid = t.oid AND k.contype = 'c') AS checks,
    (SELECT json_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
      FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS attributes,
    (SELECT format_type(r.rngsubtype, NULL) FROM pg_range r WHERE r.rngtypid = t.oid) AS subtype
  FROM used JOIN pg_type t ON t.oid = used.oid JOIN pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
    LEFT JOIN pg_extension e ON e.oid = d.refobjid LEFT JOIN pg_namespace en ON en.oid = e.extnamespace
  WHERE n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema' AND t.typcategory <> 'A'
  GROUP BY t.oid, n.nspname, t.typname, t.typtype, e.extname, en.nspname, t.typbasetype, t.typtypmod, t.typnotnull, t.typdefault, t.typrelid
  ORDER BY max(used.depth) DESC, 1, 2`;

function schemaOf(name: string): Prerequisite {
  return { kind: 'schema', name, sql: `CREATE SCHEMA IF NOT EXISTS ${quoteName(name)}` };
}

function extensionOf(name: string, schema: string): Prerequisite {
  return {
    kind: 'extension',
    name,
    sql: `CREATE EXTENSION IF NOT EXISTS ${quoteName(name)} WITH SCHEMA ${quoteName(schema)}`,
  };
}

function typeOf(row: Row): Prerequisite {
  const name = `${quoteName(text(row, 'schema'))}.${quoteName(text(row, 'name'))}`;
  return { kind: 'type', name, sql: unlessThere(definitionOf(row, name)) };
}

function definitionOf(row: Row, name: string): string {
  switch (text(row, 'kind')) {
    case 'e':
      return `CREATE TYPE ${name} AS ENUM (${namesOf(row, 'labels').map(quoteText).join(', ')})`;
    case 'd': {
      const fallback =
        row['default_expression'] == null ? '' : ` DEFAULT ${text(row, 'default_expression')}`;
      const required = text(row, 'required') === 't' ? ' NOT NULL' : '';
      const checks = namesOf(row, 'checks').map((check) => ` ${check}`);
      return `CREATE DOMAIN ${name} AS ${text(row, 'base')}${fallback}${required}${checks.join('')}`;
    }
    case 'r':
      return `CREATE TYPE ${name} AS RANGE (SUBTYPE = ${text(row, 'subtype')})`;
    default:
      return `CREATE TYPE ${name} AS (${namesOf(row, 'attributes').join(', ')})`;
  }
}

/** Types have no IF NOT EXISTS. */
function unlessThere(sql: string): string {
  return `DO $millrace$ BEGIN ${sql}; EXCEPTION WHEN duplicate_object THEN NULL; END $millrace$`;
}
