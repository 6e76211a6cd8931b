import type { Row, Session } from './connection.ts';
import type { PostgresType, TypeCatalog } from './types/type-catalog.ts';

export interface TableColumn {
  readonly name: string;
  readonly typeOid: number;
  readonly typeModifier: number;
  readonly isNotNull: boolean;
  /** The default as an expression, or null. */
  readonly defaultExpression: string | null;
}

export interface Table {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly isPartitioned: boolean;
  readonly isPartition: boolean;
  /** `d` default, `f` full, `i` index, `n` nothing */
  readonly replicaIdentity: string;
  /** In order; without those that are generated, which the stream does not carry. */
  readonly columns: readonly TableColumn[];
  /** In the order of the key; empty without one. */
  readonly primaryKey: readonly string[];
  /** The first unique index by name: a key for want of a primary one. As in Debezium its columns may be nullable. */
  readonly uniqueKey: readonly string[];
  /** The columns of the index that REPLICA IDENTITY USING INDEX names; empty without one. */
  readonly identityKey: readonly string[];
  readonly rowCountEstimate: number;
}

/** `"schema"."table"`, safe in SQL. */
export function quoteTable(table: { readonly schema: string; readonly name: string }): string {
  return `${quoteName(table.schema)}.${quoteName(table.name)}`;
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export type TableFilter = (schema: string, table: string) => boolean;

/** All ordinary and partitioned tables that pass the filter, ordered by name. */
export async function readTables(session: Session, filter: TableFilter): Promise<readonly Table[]> {
  const rows =
    await session.query(`${TABLES} AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    ORDER BY n.nspname, c.relname`);
  const wanted = rows.filter((row) => filter(row['schema'] ?? '', row['name'] ?? ''));
  return readDetails(session, wanted);
}

/** One table as it is now; undefined when it is gone. */
export async function readTable(session: Session, oid: number): Promise<Table | undefined> {
  const rows = await session.query(`${TABLES} AND c.oid = ${oid}`);
  return (await readDetails(session, rows))[0];
}

const TABLES = `SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
    c.relispartition AS is_partition, c.relreplident AS identity, c.reltuples AS row_count
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'`;

async function readDetails(session: Session, tables: readonly Row[]): Promise<readonly Table[]> {
  if (tables.length === 0) return [];
  const oids = `{${tables.map((row) => row['oid']).join(',')}}`;
  const columns = await session.query(
    `SELECT a.attrelid AS table_oid, a.attnum AS number, a.attname AS name, a.atttypid AS type_oid,
       a.atttypmod AS type_modifier,
       a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) AS is_not_null,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS default_expression,
       a.attgenerated AS generated
     FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
       LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attrelid = ANY($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
     ORDER BY a.attrelid, a.attnum`,
    [oids],
  );
  const indexes = await session.query(
    `SELECT i.indrelid AS table_oid, i.indkey::text AS column_numbers, i.indnkeyatts AS key_count,
       i.indisprimary AS is_primary, i.indisreplident AS is_identity
     FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid = ANY($1::oid[]) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
       AND i.indexprs IS NULL
     ORDER BY i.indrelid, i.indisclustered DESC, c.relname`,
    [oids],
  );
  const columnsByTable = groupBy(columns);
  const indexesByTable = groupBy(indexes);
  return tables.map((row) =>
    tableOf(
      row,
      columnsByTable.get(row['oid'] ?? '') ?? [],
      indexesByTable.get(row['oid'] ?? '') ?? [],
    ),
  );
}

function groupBy(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = row['table_oid'] ?? '';
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

function tableOf(table: Row, columns: readonly Row[], indexes: readonly Row[]): Table {
  const byNumber = new Map(columns.map((column) => [column['number'] ?? '', column]));
  const keyOf = (index: Row): readonly Row[] =>
    (index['column_numbers'] ?? '')
      .split(' ')
      .slice(0, Number(index['key_count']))
      .map((number) => byNumber.get(number))
      .filter((column) => column !== undefined);
  const primary = indexes.find((index) => index['is_primary'] === 't');
  const identity = indexes.find((index) => index['is_identity'] === 't');
  const unique = indexes.map(keyOf).find((key) => key.length > 0);
  const names = (key: readonly Row[]): readonly string[] =>
    key.map((column) => column['name'] ?? '');
  return {
    oid: Number(table['oid']),
    schema: table['schema'] ?? '',
    name: table['name'] ?? '',
    isPartitioned: table['kind'] === 'p',
    isPartition: table['is_partition'] === 't',
    replicaIdentity: table['identity'] ?? 'd',
    columns: columns.filter((column) => column['generated'] === '').map(columnOf),
    primaryKey: primary === undefined ? [] : names(keyOf(primary)),
    uniqueKey: unique === undefined ? [] : names(unique),
    identityKey: identity === undefined ? [] : names(keyOf(identity)),
    rowCountEstimate: Math.max(0, Number(table['row_count'])),
  };
}

function columnOf(column: Row): TableColumn {
  return {
    name: column['name'] ?? '',
    typeOid: Number(column['type_oid']),
    typeModifier: Number(column['type_modifier']),
    isNotNull: column['is_not_null'] === 't',
    defaultExpression: column['default_expression'] ?? null,
  };
}

/** The types that were asked for so far, with those that they are made of. */
export class LoadedTypes implements TypeCatalog {
  readonly #types = new Map<number, PostgresType>();

  find(oid: number): PostgresType | undefined {
    return this.#types.get(oid);
  }

  /** Reads what is missing, and enums again: they may have new labels. */
  async load(session: Session, oids: readonly number[]): Promise<void> {
    let wanted = [...new Set(oids)].filter((oid) => {
      const known = this.#types.get(oid);
      return known === undefined || known.kind === 'e' || known.elementOid !== 0;
    });
    const asked = new Set<number>();
    while (wanted.length > 0) {
      for (const oid of wanted) asked.add(oid);
      const loaded = await readTypes(session, wanted);
      for (const type of loaded) this.#types.set(type.oid, type);
      wanted = loaded
        .flatMap((type) => [type.elementOid, type.baseOid])
        .filter((oid) => oid !== 0 && !asked.has(oid));
    }
  }
}

async function readTypes(
  session: Session,
  oids: readonly number[],
): Promise<readonly PostgresType[]> {
  const rows = await session.query(
    `SELECT t.oid, t.typname AS name, t.typtype AS kind, t.typbasetype AS base_oid,
       t.typtypmod AS base_modifier, t.typdelim AS delimiter,
       CASE WHEN t.typinput = 'pg_catalog.array_in'::pg_catalog.regproc THEN t.typelem ELSE 0 END AS element_oid,
       (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e
         WHERE e.enumtypid = t.oid) AS labels
     FROM pg_catalog.pg_type t WHERE t.oid = ANY($1::oid[])`,
    [`{${oids.join(',')}}`],
  );
  return rows.map((row) => ({
    oid: Number(row['oid']),
    name: row['name'] ?? '',
    kind: row['kind'] ?? 'b',
    elementOid: Number(row['element_oid']),
    baseOid: Number(row['base_oid']),
    baseModifier: Number(row['base_modifier']),
    delimiter: row['delimiter'] ?? ',',
    labels: labelsOf(row['labels'] ?? null),
  }));
}

function labelsOf(json: string | null): readonly string[] {
  const labels: unknown = json === null ? [] : JSON.parse(json);
  return Array.isArray(labels) ? labels.map(String) : [];
}
