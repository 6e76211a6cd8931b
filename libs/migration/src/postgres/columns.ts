import type { Column } from '../model/catalog.ts';
import { count, text, type Row, type Session } from '../server/session-api.ts';
import { postgresColumnType, postgresDefault, type TypeFacts } from './column-type.ts';
import { byOid, namesOf, oidArray } from './grouping.ts';

/** Of each table, in their order. Domains count as what they are made of; their own text stands in `nativeType`. */
export async function readColumns(
  session: Session,
  oids: readonly string[],
): Promise<ReadonlyMap<string, readonly Column[]>> {
  const rows = byOid(await session.query(COLUMNS, [oidArray(oids)]));
  return new Map([...rows].map(([oid, columns]) => [oid, columns.map(columnOf)]));
}

const COLUMNS = `
  SELECT a.attrelid AS table_oid, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS formatted,
    a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) AS required,
    pg_get_expr(d.adbin, d.adrelid) AS default_expression, a.attidentity AS identity, a.attgenerated AS generated,
    col_description(a.attrelid, a.attnum) AS comment,
    CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation
      THEN (SELECT quote_ident(cn.nspname) || '.' || quote_ident(c.collname) FROM pg_collation c
        JOIN pg_namespace cn ON cn.oid = c.collnamespace WHERE c.oid = a.attcollation) END AS collation,
    b.typname AS base, b.typtype AS kind, CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS modifier,
    (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e
      WHERE e.enumtypid = CASE WHEN b.typelem <> 0 AND b.typcategory = 'A' THEN el.oid ELSE b.oid END) AS labels,
    b.typcategory AS category, el.typname AS element, el.typtype AS element_kind,
    EXISTS (SELECT FROM pg_depend x JOIN pg_proc p ON p.oid = x.refobjid AND x.refclassid = 'pg_proc'::regclass
      JOIN pg_namespace pn ON pn.oid = p.pronamespace
      WHERE x.classid = 'pg_attrdef'::regclass AND x.objid = d.oid AND pn.nspname <> 'pg_catalog'
        AND NOT EXISTS (SELECT FROM pg_depend pe WHERE pe.classid = 'pg_proc'::regclass AND pe.objid = p.oid AND pe.deptype = 'e')) AS calls_own_function
  FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
    LEFT JOIN pg_type el ON el.oid = b.typelem AND b.typcategory = 'A'
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = ANY($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY a.attrelid, a.attnum`;

function columnOf(row: Row): Column {
  const expression = row['default_expression'] ?? null;
  const isGenerated = text(row, 'generated') !== '';
  const callsOwn = text(row, 'calls_own_function') === 't';
  const nativeDefault = isGenerated || callsOwn ? null : expression;
  return {
    name: text(row, 'name'),
    type: postgresColumnType(factsOf(row)),
    nativeType: text(row, 'formatted'),
    isNullable: text(row, 'required') !== 't',
    default: callsOwn ? { kind: 'expression' } : postgresDefault(nativeDefault),
    nativeDefault,
    identity: identityOf(text(row, 'identity')),
    generated:
      isGenerated && expression !== null
        ? { expression, isStored: text(row, 'generated') === 's' }
        : null,
    comment: row['comment'] ?? null,
    collation: row['collation'] ?? null,
    charset: null,
  };
}

function identityOf(letter: string): Column['identity'] {
  if (letter === 'a') return 'always';
  return letter === 'd' ? 'by-default' : null;
}

function factsOf(row: Row): TypeFacts {
  const labels = namesOf(row, 'labels');
  const modifier = row['modifier'] == null ? -1 : count(row, 'modifier');
  const formatted = text(row, 'formatted');
  const isArray = text(row, 'category') === 'A' && row['element'] != null;
  const element: TypeFacts | null = isArray
    ? {
        base: text(row, 'element'),
        formatted: formatted.replace(/(\[\])+$/, ''),
        kind: text(row, 'element_kind'),
        modifier,
        labels,
        element: null,
      }
    : null;
  return { base: text(row, 'base'), formatted, kind: text(row, 'kind'), modifier, labels, element };
}
