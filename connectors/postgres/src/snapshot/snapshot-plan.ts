import { quoteName, quoteTable, type Table } from '../catalog.ts';
import type { Row, Session } from '../connection.ts';
import type { Settings } from '../settings.ts';
import type { TableShape } from '../table-shape.ts';
import type { BlockRange, SnapshotProgress } from './snapshot-progress.ts';

/** A part of a table that one COPY reads. */
export interface SnapshotChunk {
  readonly table: PlannedTable;
  readonly source: SnapshotSource;
  /** Null: all of it, by a statement that has no blocks. */
  readonly range: BlockRange | null;
  readonly sql: string;
}

/** A file of rows: the table itself, or a partition of it. */
export interface SnapshotSource {
  readonly id: string;
  readonly fileNode: number;
  readonly blockCount: number;
  readonly chunkBlocks: number;
  /** Null: it can't be read by blocks. */
  readonly sqlOfRange: ((range: BlockRange) => string) | null;
  readonly sql: string;
}

export interface PlannedTable {
  /** `schema.table` */
  readonly id: string;
  readonly shape: TableShape;
  readonly sources: readonly SnapshotSource[];
  readonly rowsEstimate: number;
}

/** A chunk has about `snapshot.fetch.size` rows, but no fewer blocks than make a COPY worth its while. */
const CHUNK_BLOCKS_MIN = 16;
const CHUNK_BLOCKS_MAX = 8192;
/** Of a table whose rows nobody has counted. */
const CHUNK_BLOCKS_UNKNOWN = 128;
/** Ranges of ctid are read as ranges since then, and by looking at all rows before. */
const RANGES_SINCE = 140_000;

export interface PlanOptions {
  readonly session: Session;
  readonly settings: Settings;
  readonly serverVersion: number;
}

/** Plans the reading of a table: which statements, over which blocks. */
export async function planTable(
  table: Table,
  shape: TableShape,
  select: string | null,
  options: PlanOptions,
): Promise<PlannedTable> {
  const id = `${table.schema}.${table.name}`;
  const planned = { id, shape, rowsEstimate: table.rowCountEstimate };
  const columns = selection(table, shape);
  if (select !== null) {
    const sql = `COPY (SELECT ${columns.list} FROM (${select.replace(/;\s*$/, '')}) AS rows_to_read) TO STDOUT`;
    return { ...planned, sources: [wholeSource(id, sql)] };
  }
  const files = await readFiles(table, options.session);
  if (files.length === 0) {
    // Nothing that we could tell apart by files: foreign partitions, say.
    const sql = `COPY (SELECT ${columns.list} FROM ${quoteTable(table)}) TO STDOUT`;
    return { ...planned, sources: [wholeSource(id, sql)] };
  }
  return { ...planned, sources: files.map((file) => sourceOf(table, file, columns, options)) };
}

/** `snapshot.tables.order.by.row.count`, by the server's estimates. */
export function orderByRowCount(tables: PlannedTable[], { config }: Settings): void {
  const order = config['snapshot.tables.order.by.row.count'];
  if (order === 'disabled') return;
  const sign = order === 'ascending' ? 1 : -1;
  tables.sort((left, right) => sign * (left.rowsEstimate - right.rowsEstimate));
}

function wholeSource(id: string, sql: string): SnapshotSource {
  return { id, fileNode: 0, blockCount: 0, chunkBlocks: 0, sqlOfRange: null, sql };
}

interface Columns {
  readonly list: string;
  /** Whether all columns of the table are read, in their order. */
  readonly isWhole: boolean;
}

/** Columns that nobody captures are not read: NULL keeps their place. */
function selection(table: Table, shape: TableShape): Columns {
  const captured = new Set(shape.columns.map((column) => column.name));
  return {
    list: table.columns
      .map((column) => (captured.has(column.name) ? quoteName(column.name) : 'NULL'))
      .join(', '),
    isWhole: captured.size === table.columns.length && captured.size > 0,
  };
}

function sourceOf(
  table: Table,
  file: Row,
  columns: Columns,
  { settings, serverVersion }: PlanOptions,
): SnapshotSource {
  const name = quoteTable({ schema: file['schema'] ?? '', name: file['name'] ?? '' });
  const id = `${file['schema'] ?? ''}.${file['name'] ?? ''}`;
  const query = `SELECT ${columns.list} FROM ONLY ${name}`;
  const sql =
    columns.isWhole && !table.isPartitioned
      ? `COPY ${name} (${columns.list}) TO STDOUT`
      : `COPY (${query}) TO STDOUT`;
  if (file['kind'] !== 'r' || serverVersion < RANGES_SINCE)
    return {
      ...wholeSource(
        id,
        file['kind'] === 'r' ? sql : `COPY (SELECT ${columns.list} FROM ${name}) TO STDOUT`,
      ),
      fileNode: Number(file['file_node'] ?? 0),
    };
  const blockCount = Number(file['blocks']);
  return {
    id,
    fileNode: Number(file['file_node']),
    blockCount,
    chunkBlocks: chunkBlocksOf(file, settings.config['snapshot.fetch.size']),
    sql,
    sqlOfRange: ([from, to]) =>
      `COPY (${query} WHERE ctid >= '(${from},0)'${to === null ? '' : ` AND ctid < '(${to},0)'`}) TO STDOUT`,
  };
}

function chunkBlocksOf(file: Row, rowsWanted: number): number {
  const rows = Number(file['rows']);
  const blocks = Number(file['counted_blocks']);
  if (rows <= 0 || blocks <= 0) return CHUNK_BLOCKS_UNKNOWN;
  const wanted = Math.ceil((rowsWanted * blocks) / rows);
  return Math.min(Math.max(wanted, CHUNK_BLOCKS_MIN), CHUNK_BLOCKS_MAX);
}

/** The table itself, or the leaves of a partitioned one. */
async function readFiles(table: Table, session: Session): Promise<readonly Row[]> {
  const which = table.isPartitioned
    ? `c.oid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(${table.oid}) t WHERE t.isleaf)`
    : `c.oid = ${table.oid}`;
  return session.query(
    `SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind,
       pg_catalog.pg_relation_filenode(c.oid) AS file_node,
       pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::bigint AS blocks,
       c.reltuples AS rows, c.relpages AS counted_blocks
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE ${which} AND c.relkind IN ('r', 'f') ORDER BY n.nspname, c.relname`,
  );
}

/** The chunks of a table that are left, made as they are asked for: a large table has many. */
export function* chunksOf(
  table: PlannedTable,
  progress: SnapshotProgress,
): Generator<SnapshotChunk, void, undefined> {
  for (const source of table.sources) {
    const { sqlOfRange } = source;
    const done = progress.doneBlocks(source.id, source.fileNode);
    if (sqlOfRange === null) {
      if (done.length === 0) yield { table, source, range: null, sql: source.sql };
      continue;
    }
    // A table of one chunk is read as a whole: that is cheaper for the server.
    if (done.length === 0 && source.blockCount <= source.chunkBlocks) {
      yield { table, source, range: [0, null], sql: source.sql };
      continue;
    }
    for (const range of rangesLeft(source, done))
      yield { table, source, range, sql: sqlOfRange(range) };
  }
}

/** What is not done, cut into chunks; the last one has no end, since the file may have grown. */
export function* rangesLeft(
  source: Pick<SnapshotSource, 'blockCount' | 'chunkBlocks'>,
  done: readonly BlockRange[],
): Generator<BlockRange, void, undefined> {
  let from = 0;
  for (const [start, end] of done) {
    for (; from < start; from = Math.min(from + source.chunkBlocks, start))
      yield [from, Math.min(from + source.chunkBlocks, start)];
    if (end === null) return;
    from = Math.max(from, end);
  }
  for (; from + source.chunkBlocks < source.blockCount; from += source.chunkBlocks)
    yield [from, from + source.chunkBlocks];
  yield [from, null];
}
