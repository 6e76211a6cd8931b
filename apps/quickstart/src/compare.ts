import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Client } from 'pg';
import { SHOP_TABLES } from './shop.ts';

export interface TableComparison {
  readonly table: string;
  readonly sourceRows: number;
  readonly targetRows: number;
  /** Rows that the JSON Lines file leaves when its events are replayed in order. */
  readonly fileRows: number;
  readonly sourceDigest: string;
  readonly targetDigest: string;
  readonly agrees: boolean;
}

interface Digest {
  readonly rows: number;
  readonly digest: string;
}

/** Source and target row by row, as a digest over all columns in key order; and the file by its keys. */
export async function compareShop(
  source: Client,
  target: Client,
  file: string,
): Promise<readonly TableComparison[]> {
  const fileRows = await replayFile(file);
  const comparisons: TableComparison[] = [];
  for (const { name, key } of SHOP_TABLES) {
    const columns = await columnsOf(source, name);
    const from = await digestTable(source, `"${name}"`, columns, key);
    const to = await digestTable(target, `"${targetTable(name)}"`, columns, key).catch(
      missingTable,
    );
    const inFile = fileRows.get(name)?.size ?? 0;
    comparisons.push({
      table: name,
      sourceRows: from.rows,
      targetRows: to.rows,
      fileRows: inFile,
      sourceDigest: from.digest,
      targetDigest: to.digest,
      agrees: from.digest === to.digest && from.rows === inFile,
    });
  }
  return comparisons;
}

/** The sink names its tables after the topic, with dots made underscores. */
export function targetTable(name: string): string {
  return `shop_public_${name}`;
}

async function columnsOf(client: Client, table: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ column_name: string }>(
    `select column_name from information_schema.columns where table_schema = 'public' and table_name = $1 order by ordinal_position`,
    [table],
  );
  return rows.map((row) => row.column_name);
}

async function digestTable(
  client: Client,
  table: string,
  columns: readonly string[],
  key: readonly string[],
): Promise<Digest> {
  // Concatenated as text, with nulls told apart from empty strings.
  const row = columns
    .map((column) => `coalesce('=' || "${column}"::text, 'null')`)
    .join(` || '|' || `);
  const { rows } = await client.query<{ count: string; digest: string | null }>(
    `select count(*) as count, md5(string_agg(${row}, E'\\n' order by ${key.map((column) => `"${column}"`).join(', ')})) as digest from ${table}`,
  );
  return { rows: Number(rows[0]?.count ?? 0), digest: rows[0]?.digest ?? 'empty' };
}

const UNDEFINED_TABLE = '42P01';

function missingTable(error: unknown): Digest {
  if (error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE)
    return { rows: 0, digest: 'no table yet' };
  throw error;
}

interface ChangeEvent {
  readonly op: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly source: { readonly table: string };
}

/** The keys that are left after all change events of the file, by table. */
async function replayFile(file: string): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const left = new Map<string, Set<string>>(SHOP_TABLES.map(({ name }) => [name, new Set()]));
  const keys = new Map<string, readonly string[]>(SHOP_TABLES.map(({ name, key }) => [name, key]));
  for await (const line of createInterface({
    input: createReadStream(file),
    crlfDelay: Infinity,
  })) {
    const event = changeEventOf(line);
    if (event === undefined) continue;
    const row = event.op === 'd' ? event.before : event.after;
    const key = (keys.get(event.source.table) ?? [])
      .map((column) => String(row?.[column]))
      .join('|');
    if (event.op === 'd') left.get(event.source.table)?.delete(key);
    else left.get(event.source.table)?.add(key);
  }
  return left;
}

/** undefined for a tombstone, which says only that the key is gone. */
function changeEventOf(line: string): ChangeEvent | undefined {
  if (line === '' || line === 'null') return undefined;
  // The lines are what the file sink has just written: change events in the envelope.
  return (JSON.parse(line) as ChangeEvent | null) ?? undefined;
}
