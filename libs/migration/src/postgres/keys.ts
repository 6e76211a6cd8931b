import type { Check, ForeignKey, Index, IndexColumn } from '../model/catalog.ts';
import { text, type Row, type Session } from '../server/session-api.ts';
import { byOid, namesOf, oidArray } from './grouping.ts';

export interface TableKeys {
  readonly primaryKey: readonly string[];
  readonly primaryKeyName: string | null;
  /** Whole, plain and not deferrable. */
  readonly uniqueKeys: readonly { readonly name: string; readonly columns: readonly string[] }[];
  /** Of `REPLICA IDENTITY USING INDEX`. */
  readonly identityKey: readonly string[] | undefined;
  readonly indexes: readonly Index[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly checks: readonly Check[];
}

export async function readKeys(
  session: Session,
  oids: readonly string[],
): Promise<ReadonlyMap<string, TableKeys>> {
  const parameter = [oidArray(oids)];
  const indexes = byOid(await session.query(INDEXES, parameter));
  const constraints = byOid(await session.query(CONSTRAINTS, parameter));
  return new Map(
    oids.map((oid) => [oid, keysOf(indexes.get(oid) ?? [], constraints.get(oid) ?? [])]),
  );
}

const INDEXES = `
  SELECT i.indrelid AS table_oid, c.relname AS name, am.amname AS method, i.indisprimary AS is_primary,
    i.indisunique AS is_unique, i.indisreplident AS is_identity, i.indpred IS NOT NULL AS is_partial,
    i.indexprs IS NOT NULL AS has_expressions, i.indimmediate AS is_immediate,
    coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_are_equal,
    pg_get_indexdef(i.indexrelid) AS definition,
    pg_get_constraintdef(k.oid) AS constraint_definition, k.conname AS constraint_name,
    (SELECT json_agg(a.attname ORDER BY p.at) FROM unnest(i.indkey::int[]) WITH ORDINALITY p(number, at)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = p.number WHERE p.at <= i.indnkeyatts) AS columns,
    (SELECT json_agg((o.flags & 1) ORDER BY o.at) FROM unnest(i.indoption::int[]) WITH ORDINALITY o(flags, at)
      WHERE o.at <= i.indnkeyatts) AS descending
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam
    LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u')
  WHERE i.indrelid = ANY($1::oid[]) AND i.indislive
    AND NOT EXISTS (SELECT FROM pg_constraint x WHERE x.conindid = i.indexrelid AND x.contype = 'x')
  ORDER BY i.indrelid, c.relname`;

const CONSTRAINTS = `
  SELECT k.conrelid AS table_oid, k.conname AS name, k.contype AS kind, pg_get_constraintdef(k.oid) AS definition,
    tn.nspname AS target_schema, tc.relname AS target_name, k.confdeltype AS on_delete, k.confupdtype AS on_update,
    (SELECT json_agg(a.attname ORDER BY p.at) FROM unnest(k.conkey) WITH ORDINALITY p(number, at)
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.number) AS columns,
    (SELECT json_agg(a.attname ORDER BY p.at) FROM unnest(k.confkey) WITH ORDINALITY p(number, at)
      JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = p.number) AS target_columns
  FROM pg_constraint k LEFT JOIN pg_class tc ON tc.oid = k.confrelid LEFT JOIN pg_namespace tn ON tn.oid = tc.relnamespace
  WHERE k.conrelid = ANY($1::oid[]) AND k.contype IN ('f', 'c')
  ORDER BY k.conrelid, k.conname`;

function keysOf(indexRows: readonly Row[], constraintRows: readonly Row[]): TableKeys {
  const primary = indexRows.find((row) => isTrue(row, 'is_primary'));
  const identity = indexRows.find((row) => isTrue(row, 'is_identity'));
  const indexes = indexRows.filter((row) => row !== primary).map(indexOf);
  const plain = indexRows.filter(
    (row) =>
      isTrue(row, 'is_unique') &&
      isTrue(row, 'is_immediate') &&
      !isTrue(row, 'is_partial') &&
      !isTrue(row, 'has_expressions'),
  );
  return {
    primaryKey: primary === undefined ? [] : namesOf(primary, 'columns'),
    primaryKeyName: primary === undefined ? null : text(primary, 'name'),
    uniqueKeys: plain.map((row) => ({ name: text(row, 'name'), columns: namesOf(row, 'columns') })),
    identityKey: identity === undefined ? undefined : namesOf(identity, 'columns'),
    indexes,
    foreignKeys: constraintRows.filter((row) => text(row, 'kind') === 'f').map(foreignKeyOf),
    checks: constraintRows
      .filter((row) => text(row, 'kind') === 'c')
      .map((row) => ({ name: text(row, 'name'), native: text(row, 'definition') })),
  };
}

function isTrue(row: Row, column: string): boolean {
  return row[column] === 't';
}

function indexOf(row: Row): Index {
  const constraint = row['constraint_definition'] ?? null;
  return {
    name: text(row, 'name'),
    isUnique: isTrue(row, 'is_unique'),
    columns: isTrue(row, 'has_expressions') ? undefined : indexColumns(row),
    isPartial: isTrue(row, 'is_partial'),
    nullsAreEqual: isTrue(row, 'nulls_are_equal'),
    method: text(row, 'method'),
    native: constraint ?? text(row, 'definition'),
    isConstraint: constraint !== null,
  };
}

function indexColumns(row: Row): readonly IndexColumn[] {
  const descending = namesOf(row, 'descending');
  return namesOf(row, 'columns').map((name, at) => ({
    name,
    isDescending: descending[at] === '1',
  }));
}

const ACTIONS: Readonly<Record<string, string>> = {
  a: 'NO ACTION',
  r: 'RESTRICT',
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
};

function foreignKeyOf(row: Row): ForeignKey {
  return {
    name: text(row, 'name'),
    columns: namesOf(row, 'columns'),
    target: { schema: text(row, 'target_schema'), name: text(row, 'target_name') },
    targetColumns: namesOf(row, 'target_columns'),
    onDelete: ACTIONS[text(row, 'on_delete')] ?? 'NO ACTION',
    onUpdate: ACTIONS[text(row, 'on_update')] ?? 'NO ACTION',
    native: text(row, 'definition'),
  };
}
