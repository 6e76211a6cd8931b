import {
  chunkOrder,
  chunkPredicate,
  type Chunk,
  type ChunkColumn,
  type ChunkMarks,
  type ChunkRequest,
  type ChunkRow,
  type ChunkSource,
  type IncrementalTable,
  type KeyValues,
} from '@millrace/cdc';
import { jsonText } from '@millrace/record';
import type { Clock, Logger } from '@millrace/foundation';
import { parseGtidSet } from '../binlog/gtid/gtid-set.ts';
import {
  quoteName,
  quoteTable,
  quoteText,
  readTables,
  type CatalogColumn,
  type Table,
} from '../catalog.ts';
import { Session } from '../connection.ts';
import { readBinlogEnd, readServerFacts, readSnapshotPosition, type BinlogEnd } from '../server.ts';
import type { Settings } from '../settings.ts';
import { RowQuery, type ReceivedRow } from '../snapshot/row-query.ts';
import type { SessionSource, Tables } from '../schema/tables.ts';
import { textForm, type RowForm } from '../table-shape.ts';
import { decodeRow } from '../types/render-row.ts';
import { emptyFields, type RowFields } from '../types/row.ts';
import { selectExpression } from '../types/snapshot-sql.ts';
import { readTextRow } from '../types/text-row.ts';
import { keyLiteral, keyValueOf } from './key-types.ts';

/** A row of a chunk as the server sent it. */
export interface ChunkBytes {
  readonly form: RowForm;
  readonly row: ReceivedRow;
}

/** Where the stream stands. */
export interface StreamPlace {
  readonly file: string;
  readonly position: number;
  readonly gtids: string | null;
}

export interface ChunkReaderOptions {
  readonly settings: Settings;
  readonly sessions: SessionSource;
  readonly tables: Tables;
  readonly clock: Clock;
  readonly log: Logger;
  /** What the stream has delivered; null: it does not run. */
  readonly delivered: () => StreamPlace | null;
  readonly signal: AbortSignal;
}

interface ChunkTable {
  readonly table: Table;
  readonly form: RowForm;
  readonly key: readonly (ChunkColumn & {
    readonly column: CatalogColumn;
    readonly place: number;
  })[];
  readonly selection: string;
}

const STYLE = { nulls: 'first', comparesRows: false } as const;
/** How often a chunk is tried that would be older than the stream, and the wait in between. */
const BEHIND_TRIES_MAX = 200;
const BEHIND_WAIT_MS = 10;

/**
 * Chunks of tables. Where a chunk stands in the stream is known by the end of the binlog after it was read: what it has
 * seen was written before. The rows in the signal table are written for others to see, and push the stream on; without
 * a signal table, or read-only, nothing is written.
 */
export class ChunkReader implements ChunkSource<ChunkBytes>, ChunkMarks {
  readonly #options: ChunkReaderOptions;
  #session: Session | undefined;
  #chunked: { readonly id: string; readonly chunked: ChunkTable } | undefined;
  #signalTable: Table | undefined;
  #openedAt = '';
  #pass: BinlogEnd | null = null;

  constructor(options: ChunkReaderOptions) {
    this.#options = options;
  }

  /** Whether the stream has delivered all that the chunk has seen. */
  isPassedBy(place: StreamPlace): boolean {
    const pass = this.#pass;
    if (pass === null) return true;
    const { flavour } = this.#options.settings;
    // An idle server that was asked by GTIDs does not say where in the file we are.
    if (
      pass.gtids !== null &&
      place.gtids !== null &&
      parseGtidSet(flavour, place.gtids).includes(parseGtidSet(flavour, pass.gtids))
    )
      return true;
    if (pass.file === place.file) return place.position >= pass.position;
    return numberOf(place.file) > numberOf(pass.file);
  }

  async readMaximumKey(
    request: IncrementalTable,
  ): Promise<KeyValues | 'empty' | 'no-key' | 'unknown'> {
    const table = (await this.capturedTables()).find((each) => idOf(each) === request.id);
    if (table === undefined) return 'unknown';
    const chunked = this.#describe(table, request);
    if (chunked === undefined) return 'no-key';
    const names = chunked.key.map((column) => column.sql).join(', ');
    const order = chunkOrder(chunked.key, 'descending');
    const [row] = await this.#rows(
      `SELECT ${names} FROM ${quoteTable(table)}${where([request.condition])} ORDER BY ${order} LIMIT 1`,
    );
    if (row === undefined) return 'empty';
    readTextRow(row.buffer, row.start, row.end, FIELDS);
    return chunked.key.map(({ column }, index) => keyValueOf(bytesAt(FIELDS, index), column));
  }

  async readChunk(request: ChunkRequest): Promise<Chunk<ChunkBytes>> {
    const { id, condition } = request.table;
    const table = (await this.capturedTables()).find((each) => idOf(each) === id);
    const chunked = table === undefined ? undefined : this.#describe(table, request.table);
    if (chunked === undefined) return { rows: [], isLast: true };
    const predicate = chunkPredicate(chunked.key, request, STYLE);
    const sql =
      `SELECT ${chunked.selection} FROM ${quoteTable(chunked.table)}` +
      `${where([predicate, condition])} ORDER BY ${chunkOrder(chunked.key)} LIMIT ${request.rowsMax}`;
    const rows = await this.#readBesideStream(sql);
    return {
      rows: rows.map((row) => chunkRow(chunked, row)),
      isLast: rows.length < request.rowsMax,
    };
  }

  async open(chunkId: string): Promise<void> {
    this.#openedAt = new Date(this.#options.clock.nowMs()).toISOString();
    const data = `{"openWindowTimestamp": "${this.#openedAt}"}`;
    await this.#writeMark(`${chunkId}-open`, 'snapshot-window-open', data);
  }

  async close(chunkId: string): Promise<void> {
    const { clock, settings } = this.#options;
    const strategy = settings.config['incremental.snapshot.watermarking.strategy'].toLowerCase();
    if (strategy === 'insert_delete') await this.#deleteMark(`${chunkId}-open`);
    else {
      const closedAt = new Date(clock.nowMs()).toISOString();
      const data = `{"openWindowTimestamp": "${this.#openedAt}", "closeWindowTimestamp": "${closedAt}"}`;
      await this.#writeMark(`${chunkId}-close`, 'snapshot-window-close', data);
    }
  }

  async dispose(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#pass = null;
    await session?.close(this.#options.clock);
  }

  /** All tables that signals may name. */
  async capturedTables(): Promise<readonly Table[]> {
    const { sessions, settings } = this.#options;
    return readTables(
      await sessions(),
      settings.flavour,
      (database, name) =>
        settings.capturesTable(database, name) && !settings.isSignalTable(database, name),
    );
  }

  /**
   * The stream may bring a transaction before the server shows it to others (a replica is waited for): a chunk read
   * now would have rows that are older than what was delivered. So the snapshot must hold all that was delivered.
   */
  async #readBesideStream(sql: string): Promise<readonly ReceivedRow[]> {
    const { clock, delivered, log, signal } = this.#options;
    const session = await this.#chunkSession();
    const facts = await readServerFacts(session);
    for (let attempt = 0; ; attempt++) {
      const place = delivered();
      const isVisible = facts.flavour === 'mysql' ? await this.#hasExecuted(session, place) : true;
      await session.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT');
      const at = facts.flavour === 'mariadb' ? await readSnapshotPosition(session) : null;
      if (isVisible && (at === null || place === null || isAtOrBehind(at, place))) break;
      await session.execute('ROLLBACK');
      if (attempt === BEHIND_TRIES_MAX) {
        log.warn(
          {},
          'the server does not show what it has streamed; the chunk is read all the same',
        );
        await session.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT');
        break;
      }
      await clock.sleep(BEHIND_WAIT_MS, signal);
    }
    const rows = await this.#rows(sql);
    await session.execute('COMMIT');
    this.#pass = await readBinlogEnd(session, facts);
    return rows;
  }

  async #hasExecuted(session: Session, place: StreamPlace | null): Promise<boolean> {
    if (place?.gtids === null || place === null || place.gtids === '') return true;
    const [row] = await session.query('SELECT @@GLOBAL.gtid_executed AS executed');
    const executed = parseGtidSet('mysql', (row?.['executed'] ?? '').replaceAll(/\s/g, ''));
    return executed.includes(parseGtidSet('mysql', place.gtids));
  }

  async #rows(sql: string): Promise<readonly ReceivedRow[]> {
    const { clock, settings, signal } = this.#options;
    const { connection } = await this.#chunkSession();
    const query = new RowQuery({ connection, sql, clock, bytesMax: settings.queueBytesMax });
    const rows: ReceivedRow[] = [];
    try {
      while (!query.isDone) {
        await query.wait(WAIT_MS, signal);
        for (let row = query.take(); row !== undefined; row = query.take()) rows.push(row);
      }
      await query.wait(0, signal); // throws what ended it
    } catch (error) {
      signal.throwIfAborted();
      throw (await this.#chunkSession()).classify(error);
    }
    return rows;
  }

  async #chunkSession(): Promise<Session> {
    if (this.#session?.isUsable === true) return this.#session;
    this.#session = await Session.open(this.#options.settings, this.#options.signal);
    return this.#session;
  }

  #describe(table: Table, request: IncrementalTable): ChunkTable | undefined {
    const { settings, tables } = this.#options;
    const known = this.#chunked;
    const names = keyNamesOf(table, request, settings);
    if (names.length === 0) return undefined;
    const shape = tables.describe(table);
    const captured = shape.columns.map((column) => column.index);
    const keyColumns = names.flatMap(
      (name) => table.columns.find((column) => column.name === name) ?? [],
    );
    if (keyColumns.length !== names.length) return undefined;
    const keyIndexes = keyColumns.map((column) => table.columns.indexOf(column));
    const selected = [...new Set([...captured, ...keyIndexes])];
    const chunked: ChunkTable = {
      table,
      // Converters go on with what they compiled for the shape.
      form:
        known?.id === request.id && known.chunked.form.shape === shape
          ? known.chunked.form
          : textForm(shape, selected),
      key: keyColumns.map((column, index) => ({
        sql: quoteName(column.name),
        isNullable: column.isOptional,
        literal: keyLiteral,
        column,
        place: selected.indexOf(keyIndexes[index] ?? 0),
      })),
      selection: selected
        .flatMap((index) => {
          const column = table.columns[index];
          return column === undefined ? [] : [selectExpression(column)];
        })
        .join(', '),
    };
    this.#chunked = { id: request.id, chunked };
    return chunked;
  }

  async #writeMark(id: string, type: string, data: string): Promise<void> {
    const table = await this.#writableSignalTable();
    if (table === undefined) return;
    const session = await this.#options.sessions();
    await session.execute(
      `INSERT INTO ${quoteTable(table)} VALUES (${quoteText(id)}, ${quoteText(type)}, ${quoteText(data)})`,
    );
  }

  async #deleteMark(id: string): Promise<void> {
    const table = await this.#writableSignalTable();
    const column = table?.columns[0]?.name;
    if (table === undefined || column === undefined) return;
    const session = await this.#options.sessions();
    await session.execute(
      `DELETE FROM ${quoteTable(table)} WHERE ${quoteName(column)} = ${quoteText(id)}`,
    );
  }

  async #writableSignalTable(): Promise<Table | undefined> {
    const { sessions, settings } = this.#options;
    if (settings.config['signal.data.collection'] === null || settings.config['read.only'])
      return undefined;
    this.#signalTable ??= (
      await readTables(await sessions(), settings.flavour, settings.isSignalTable)
    )[0];
    return this.#signalTable;
  }
}

const WAIT_MS = 1000;
const FIELDS = emptyFields();

function idOf(table: Table): string {
  return `${table.database}.${table.name}`;
}

function keyNamesOf(
  table: Table,
  request: IncrementalTable,
  settings: Settings,
): readonly string[] {
  if (request.surrogateKey !== null) return [request.surrogateKey];
  if (table.primaryKey.length > 0) return table.primaryKey;
  if (table.uniqueKey.length > 0) return table.uniqueKey;
  return settings.keyColumns.find((rule) => rule.matchesTable(idOf(table)))?.columns ?? [];
}

function where(conditions: readonly (string | null)[]): string {
  const given = conditions.filter((condition) => condition !== null && condition.trim() !== '');
  return given.length === 0 ? '' : ` WHERE ${given.map((one) => `(${one ?? ''})`).join(' AND ')}`;
}

function bytesAt(row: RowFields, index: number): Buffer | null {
  const start = row.at[index * 2] ?? -1;
  return start < 0 ? null : row.buffer.subarray(start, row.at[index * 2 + 1]);
}

function chunkRow(chunked: ChunkTable, row: ReceivedRow): ChunkRow<ChunkBytes> {
  readTextRow(row.buffer, row.start, row.end, FIELDS);
  return {
    key: chunked.key.map(({ column, place }) => keyValueOf(bytesAt(FIELDS, place), column)),
    identity: identityOf(chunked.form, FIELDS),
    row: { form: chunked.form, row },
  };
}

/**
 * The same text for the same row, from a chunk and from the stream: its key, or all of it where it has none.
 */
export function identityOf(form: RowForm, fields: RowFields): string {
  const { keySchema, rowSchema } = form.shape;
  return keySchema === null
    ? jsonText(rowSchema, decodeRow(form.columns, fields))
    : jsonText(keySchema, decodeRow(form.keyColumns, fields));
}

function isAtOrBehind(at: BinlogEnd, place: StreamPlace): boolean {
  if (at.file === place.file) return at.position >= place.position;
  return numberOf(at.file) >= numberOf(place.file);
}

/** Files of one server are numbered. */
function numberOf(file: string): number {
  return Number(file.slice(file.lastIndexOf('.') + 1));
}
