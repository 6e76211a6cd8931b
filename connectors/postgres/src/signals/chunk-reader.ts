import type {
  Chunk,
  ChunkMarks,
  ChunkRequest,
  ChunkRow,
  ChunkSource,
  IncrementalTable,
  KeyValues,
} from '@millrace/cdc';
import type { Clock, Logger } from '@millrace/foundation';
import { quoteName, quoteTable, quoteText, readTable, readTables, type Table } from '../catalog.ts';
import { CopySession } from '../copy-session.ts';
import { parseLsn } from '../position.ts';
import { publishedTables } from '../publication.ts';
import type { Relations, SessionSource } from '../relations.ts';
import type { Settings } from '../settings.ts';
import { chunkSql, chunkTableOf, maximumKeySql, readKeys, type ChunkTable } from './chunk-table.ts';
import { keyValueOf } from './key-types.ts';

/** A row of a chunk as the server sent it. */
export interface ChunkBytes {
  readonly chunked: ChunkTable;
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

export interface ChunkReaderOptions {
  readonly settings: Settings;
  readonly sessions: SessionSource;
  readonly relations: Relations;
  readonly clock: Clock;
  readonly log: Logger;
  /** Transactions that the stream has delivered of late. */
  readonly delivered: () => Iterable<number>;
  readonly signal: AbortSignal;
}

/** A chunk of wider rows is cut short. */
const CHUNK_BYTES_MAX = 32 << 20;
/** Longer than the server leaves a commit in memory that nobody waits for (three rounds of its WAL writer). */
const UNFLUSHED_MAX_MS = 1000;

/**
 * Chunks of PostgreSQL's tables. Where a chunk stands in the stream is known by the log position at its snapshot: what
 * the chunk has seen was committed before. The rows in the signal table are written for others to see, and push the
 * stream on; without a signal table, or read-only, nothing is written.
 */
export class ChunkReader implements ChunkSource<ChunkBytes>, ChunkMarks {
  readonly #options: ChunkReaderOptions;
  #session: CopySession | undefined;
  #chunked: { readonly table: IncrementalTable; readonly chunked: ChunkTable } | undefined;
  #signalTable: Table | undefined;
  #openedAt = '';
  #passLsn = Infinity;
  #closedMs = 0;
  #isInRecovery = false;
  #rowsMax = Infinity;

  constructor(options: ChunkReaderOptions) {
    this.#options = options;
  }

  /** Once the stream is past this position it has delivered all that the chunk has seen. */
  get passLsn(): number {
    return this.#passLsn;
  }

  /** The table whose chunk waits. */
  get chunked(): ChunkTable | undefined {
    return this.#chunked?.chunked;
  }

  /**
   * An idle server does not write out the end of its log. What is not written after a while holds no commit that the
   * chunk has seen, so the position that is written suffices.
   */
  async relax(): Promise<void> {
    const { clock, sessions } = this.#options;
    if (this.#isInRecovery || clock.monotonicMs() - this.#closedMs < UNFLUSHED_MAX_MS) return;
    this.#closedMs = clock.monotonicMs();
    const [row] = await (
      await sessions()
    ).query('SELECT pg_catalog.pg_current_wal_flush_lsn()::text AS lsn');
    this.#passLsn = Math.min(this.#passLsn, parseLsn(row?.['lsn'] ?? '0/0'));
  }

  async readMaximumKey(
    table: IncrementalTable,
  ): Promise<KeyValues | 'empty' | 'no-key' | 'unknown'> {
    const found = await this.#findTable(table.id);
    if (found === undefined) return 'unknown';
    const chunked = await this.#describe(found, table);
    if (chunked === undefined) return 'no-key';
    this.#rowsMax = Infinity;
    const session = await this.#copySession();
    const [row] = await session.query(
      `ROLLBACK; ${maximumKeySql(chunked, table.condition)}`,
      this.#options.signal,
    );
    if (row === undefined) return 'empty';
    return chunked.key.map(({ typeOid }, index) => keyValueOf(row[index] ?? null, typeOid));
  }

  async readChunk(request: ChunkRequest): Promise<Chunk<ChunkBytes> | null> {
    const { signal } = this.#options;
    const chunked = await this.#describeAgain(request.table);
    if (chunked === undefined) return { rows: [], isLast: true };
    const session = await this.#copySession();
    // A position of our own only with marks in between would do too, but costs more.
    const [moment] = await session.query(
      `ROLLBACK; BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; ${MOMENT}`,
      signal,
    );
    const [snapshot, lsn, isInRecovery] = moment ?? [];
    this.#isInRecovery = isInRecovery === 't';
    if (!this.#isInRecovery && this.#isBehindStream(snapshot ?? '')) return null;
    this.#passLsn = parseLsn(lsn ?? '0/0');
    const rows: ChunkRow<ChunkBytes>[] = [];
    let bytes = 0;
    const rowsMax = Math.min(request.rowsMax, this.#rowsMax);
    await session.copy(
      chunkSql(chunked, request, request.table.condition, rowsMax),
      (buffer, start, end) => {
        bytes += end - start;
        rows.push({
          ...readKeys(chunked, buffer, start, end),
          row: { chunked, buffer, start, end },
        });
        // Rows with the same key must not be parted.
        return bytes < CHUNK_BYTES_MAX || chunked.hasTies;
      },
      signal,
    );
    const isCutShort = !session.isUsable;
    if (isCutShort) this.#rowsMax = Math.max(1, Math.floor(rows.length / 2));
    else await session.query('COMMIT', signal);
    return { rows, isLast: !isCutShort && rows.length < rowsMax };
  }

  async open(chunkId: string): Promise<void> {
    this.#openedAt = new Date(this.#options.clock.nowMs()).toISOString();
    await this.#writeMark(
      `${chunkId}-open`,
      'snapshot-window-open',
      `{"openWindowTimestamp": "${this.#openedAt}"}`,
    );
  }

  async close(chunkId: string): Promise<void> {
    const { clock, settings } = this.#options;
    const strategy = settings.config['incremental.snapshot.watermarking.strategy'].toLowerCase();
    if (strategy === 'insert_delete') await this.#deleteMark(`${chunkId}-open`);
    else {
      const closedAt = new Date(clock.nowMs()).toISOString();
      await this.#writeMark(
        `${chunkId}-close`,
        'snapshot-window-close',
        `{"openWindowTimestamp": "${this.#openedAt}", "closeWindowTimestamp": "${closedAt}"}`,
      );
    }
    this.#closedMs = clock.monotonicMs();
  }

  async dispose(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#passLsn = Infinity;
    await session?.close();
  }

  /** All tables that signals may name, with the tables themselves. */
  async capturedTables(): Promise<readonly Table[]> {
    const { sessions, settings } = this.#options;
    const tables = await readTables(await sessions(), settings.capturesTable);
    return publishedTables(tables, settings).filter(
      (table) => !settings.isSignalTable(table.schema, table.name),
    );
  }

  /**
   * A server that waits for its standbys hides a commit that the stream has delivered already: a chunk read now would
   * have rows that are older than what was delivered.
   */
  #isBehindStream(snapshot: string): boolean {
    const [, xmax = '0', running = ''] = snapshot.split(':');
    const { delivered, log } = this.#options;
    const next = Number(BigInt(xmax) & 0xffff_ffffn);
    const inProgress = new Set(
      running === '' ? [] : running.split(',').map((xid) => Number(BigInt(xid) & 0xffff_ffffn)),
    );
    let isBehind = false;
    // Transaction numbers go round: what is less than half a round ahead is later.
    for (const txId of delivered()) isBehind ||= ((txId - next) | 0) >= 0 || inProgress.has(txId);
    if (isBehind)
      log.debug({ snapshot }, 'a commit that was streamed is not visible yet; the chunk waits');
    return isBehind;
  }

  async #findTable(id: string): Promise<Table | undefined> {
    const tables = await this.capturedTables();
    return tables.find((table) => `${table.schema}.${table.name}` === id);
  }

  async #describeAgain(table: IncrementalTable): Promise<ChunkTable | undefined> {
    const known = this.#chunked;
    const oid = known?.table.id === table.id ? known.chunked.table.oid : undefined;
    const found =
      oid === undefined
        ? await this.#findTable(table.id)
        : await readTable(await this.#options.sessions(), oid);
    return found === undefined ? undefined : this.#describe(found, table);
  }

  async #describe(found: Table, table: IncrementalTable): Promise<ChunkTable | undefined> {
    const { relations, sessions, settings } = this.#options;
    const shape = await relations.describeAside(await sessions(), found);
    const chunked = chunkTableOf(found, shape, table, settings);
    this.#chunked = chunked === undefined ? undefined : { table, chunked };
    return chunked;
  }

  async #copySession(): Promise<CopySession> {
    if (this.#session?.isUsable === true) return this.#session;
    const { clock, settings, signal } = this.#options;
    this.#session = await CopySession.open(
      settings,
      { clock, bytesMax: settings.queueBytesMax },
      signal,
    );
    return this.#session;
  }

  async #writeMark(id: string, type: string, data: string): Promise<void> {
    const table = await this.#writableSignalTable();
    if (table === undefined) return;
    const session = await this.#options.sessions();
    await session.query(
      `INSERT INTO ${quoteTable(table)} VALUES (${quoteText(id)}, ${quoteText(type)}, ${quoteText(data)})`,
    );
  }

  async #deleteMark(id: string): Promise<void> {
    const table = await this.#writableSignalTable();
    const column = table?.columns[0]?.name;
    if (table === undefined || column === undefined) return;
    const session = await this.#options.sessions();
    await session.query(
      `DELETE FROM ${quoteTable(table)} WHERE ${quoteName(column)} = ${quoteText(id)}`,
    );
  }

  async #writableSignalTable(): Promise<Table | undefined> {
    const { sessions, settings } = this.#options;
    if (settings.config['signal.data.collection'] === null || settings.config['read.only'])
      return undefined;
    this.#signalTable ??= (await readTables(await sessions(), settings.isSignalTable))[0];
    return this.#signalTable;
  }
}

/** Snapshot and position of the transaction that begins with it. */
const MOMENT = `SELECT pg_catalog.txid_current_snapshot()::text,
  CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
    ELSE pg_catalog.pg_current_wal_insert_lsn() END::text,
  pg_catalog.pg_is_in_recovery()`;
