import type { Clock, LogFields, Logger } from '@millrace/foundation';
import type { SourceRecord } from '@millrace/record';
import type { ColumnInfo, RawRow } from './columns.ts';
import { sourceFault } from './errors.ts';
import { shapeOf, type Subject } from './plan.ts';
import { offsetOf, type Position } from './position.ts';
import { QueryText, type Horizon, type QueryShape } from './query.ts';
import { RowRecords } from './row-records.ts';
import type { OpenTransactions, RowCursor, SourceSession, SqlWords } from './session.ts';
import type { Settings } from './settings.ts';
import { parseInstant } from './temporal.ts';

export interface ReaderPorts {
  readonly settings: Settings;
  readonly words: SqlWords;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is read, and how far. */
interface Round {
  readonly shape: QueryShape;
  readonly horizon: Horizon;
}

interface Waiting {
  readonly round: Round;
  readonly sinceMs: number;
  transactions: OpenTransactions;
  warnedMs: number;
}

interface Reading {
  readonly cursor: RowCursor;
  readonly shape: QueryShape;
  readonly incrementingAt: number;
  readonly timestampsAt: readonly number[];
  /** Read and not handed on: only the row behind it tells whether its timestamp is complete. */
  held: RawRow | undefined;
}

const EVERYTHING: Horizon = { incrementing: null, timestamp: null };
const WARN_EVERY_MS = 60_000;
/** How soon to look again whether transactions have ended. */
const WAIT_MS = 100;
const TRANSACTIONS_NAMED_MAX = 10;

/**
 * Reads one table or query, over and over. A round: see how far it goes and which transactions are open; when these
 * have ended, read the rows up to there. So a row that is committed late is never behind the position (INV-2).
 */
export class Reader {
  readonly subject: Subject;
  readonly #ports: ReaderPorts;
  readonly #records: RowRecords;
  #position: Position;
  #committable: bigint | null;
  #waiting: Waiting | undefined;
  #reading: Reading | undefined;
  #dueMs = 0;
  #waits = 0;

  constructor(subject: Subject, position: Position, ports: ReaderPorts) {
    this.subject = subject;
    this.#position = position;
    this.#committable = position.timestamp;
    this.#ports = ports;
    this.#records = new RowRecords(subject, ports.settings.values);
  }

  /** When there is something to do, by the monotonic clock. */
  get dueMs(): number {
    return this.#dueMs;
  }

  get isReading(): boolean {
    return this.#reading !== undefined;
  }

  /** How many transactions hold its rows back now. */
  get transactionsWaitedFor(): number {
    return this.#waiting?.transactions.size ?? 0;
  }

  /** Rounds that had to wait for a transaction. */
  get waits(): number {
    return this.#waits;
  }

  /** The session is gone: what was not handed on is read again. */
  reset(): void {
    this.#reading = undefined;
    this.#waiting = undefined;
    if (this.#ports.settings.mode === 'timestamp')
      this.#position = { ...this.#position, timestamp: this.#committable };
  }

  /** The next rows; none when a round begins, waits or ends. */
  async step(session: SourceSession): Promise<readonly SourceRecord[]> {
    if (this.#reading !== undefined) return this.#next(this.#reading);
    const round = await this.#finalRound(session);
    if (round === undefined) return [];
    this.#reading = await this.#open(session, round);
    return this.#next(this.#reading);
  }

  async #finalRound(session: SourceSession): Promise<Round | undefined> {
    const { settings, clock } = this.#ports;
    if (settings.mode === 'bulk')
      return { shape: shapeOf(this.subject, [], settings), horizon: EVERYTHING };
    if (this.#waiting === undefined) {
      const shape = await this.#shape(session);
      const horizon = await this.#horizon(session, shape);
      if (horizon === undefined) {
        this.#endRound();
        return undefined;
      }
      const transactions = await this.#transactions(session, shape);
      if (transactions.size === 0) return { shape, horizon };
      const nowMs = clock.monotonicMs();
      this.#waits++;
      this.#waiting = { round: { shape, horizon }, sinceMs: nowMs, warnedMs: nowMs, transactions };
    } else {
      const { transactions, round } = this.#waiting;
      const open = await this.#transactions(session, round.shape);
      this.#waiting.transactions = new Map([...transactions].filter(([id]) => open.has(id)));
    }
    return this.#stillWaits(this.#waiting);
  }

  #stillWaits(waiting: Waiting): Round | undefined {
    const { settings, clock, log } = this.#ports;
    const nowMs = clock.monotonicMs();
    const waitedMs = nowMs - waiting.sinceMs;
    const isOver = settings.transactionWaitMaxMs >= 0 && waitedMs >= settings.transactionWaitMaxMs;
    if (waiting.transactions.size === 0 || isOver) {
      if (waiting.transactions.size > 0)
        log.warn(
          this.#waitFields(waiting),
          'rows of a transaction that is still open may be missed',
        );
      this.#waiting = undefined;
      return waiting.round;
    }
    if (nowMs - waiting.warnedMs >= WARN_EVERY_MS) {
      waiting.warnedMs = nowMs;
      log.warn(
        { ...this.#waitFields(waiting), waitedMs },
        'waits for transactions that are open, since they may commit rows below those that can be seen; end them, or set transaction.wait.max.ms',
      );
    }
    this.#dueMs = nowMs + WAIT_MS;
    return undefined;
  }

  #waitFields({ transactions }: Waiting): LogFields {
    return {
      subject: this.subject.name,
      transactions: [...transactions.values()].slice(0, TRANSACTIONS_NAMED_MAX),
    };
  }

  async #transactions(session: SourceSession, shape: QueryShape): Promise<OpenTransactions> {
    if (this.#ports.settings.transactionWaitMaxMs === 0) return new Map();
    const { table } = this.subject;
    const isByNumber = shape.timestamps.length === 0;
    const scope = table !== null && isByNumber ? { writersOf: table } : 'all';
    return (await session.openTransactions(scope)) ?? new Map();
  }

  /** Undefined: there is nothing new. */
  async #horizon(session: SourceSession, shape: QueryShape): Promise<Horizon | undefined> {
    const { settings, words } = this.#ports;
    if (shape.timestamps.length > 0) {
      const now = await session.now();
      return { incrementing: null, timestamp: now - BigInt(settings.timestampDelayMs) * 1000n };
    }
    const text = await session.scalar(new QueryText(shape, words).maximum(this.#position));
    return text === null ? undefined : { incrementing: BigInt(text), timestamp: null };
  }

  async #shape(session: SourceSession): Promise<QueryShape> {
    const columns = await session.describe(this.subject.from);
    return shapeOf(this.subject, columns, this.#ports.settings);
  }

  async #open(session: SourceSession, { shape, horizon }: Round): Promise<Reading> {
    const text = new QueryText(shape, this.#ports.words);
    const cursor = await session.open(text.rows(this.#position, horizon));
    this.#records.describe(cursor.columns);
    const at = (column: ColumnInfo): number =>
      cursor.columns.findIndex(({ name }) => name === column.name);
    return {
      cursor,
      shape,
      incrementingAt: shape.incrementing === null ? -1 : at(shape.incrementing),
      timestampsAt: shape.timestamps.map(at),
      held: undefined,
    };
  }

  async #next(reading: Reading): Promise<readonly SourceRecord[]> {
    const { rowsMax, bytesMax } = this.#ports.settings;
    const rows = await reading.cursor.next(rowsMax, bytesMax);
    const isAtEnd = rows.length === 0;
    const known = reading.held === undefined ? rows : [reading.held, ...rows];
    const records: SourceRecord[] = [];
    const count = isAtEnd ? known.length : known.length - 1;
    for (let index = 0; index < count; index++) {
      const row = known[index];
      if (row !== undefined) records.push(this.#record(reading, row, known[index + 1]));
    }
    reading.held = isAtEnd ? undefined : known.at(-1);
    if (isAtEnd) {
      await reading.cursor.close();
      this.#reading = undefined;
      this.#endRound();
    }
    return records;
  }

  #record(reading: Reading, row: RawRow, next: RawRow | undefined): SourceRecord {
    const timestamp = this.#timestamp(reading, row);
    const incrementing = this.#incrementing(reading, row);
    this.#position = { timestamp, incrementing };
    // Rows of one timestamp can't be told apart: until the last of them, a restart begins with the first again.
    const isComplete = next === undefined || timestamp !== this.#timestamp(reading, next);
    if (incrementing !== null || isComplete) this.#committable = timestamp;
    const offset = offsetOf({ incrementing, timestamp: this.#committable });
    return this.#records.record(row, offset);
  }

  #timestamp({ timestampsAt, shape }: Reading, row: RawRow): bigint | null {
    if (timestampsAt.length === 0) return null;
    const text = timestampsAt.map((at) => row[at] ?? null).find((value) => value !== null);
    const instant = parseInstant(String(text), shape.zone);
    if (instant !== undefined) return instant;
    throw sourceFault(
      'jdbc.timestamp_unreadable',
      `${this.subject.name} has the timestamp ${String(text)}, which is no instant`,
      'mend the row: such a value has no place in the order by which rows are read',
    );
  }

  #incrementing({ incrementingAt }: Reading, row: RawRow): bigint | null {
    return incrementingAt < 0 ? null : BigInt(String(row[incrementingAt]));
  }

  #endRound(): void {
    this.#dueMs = this.#ports.clock.monotonicMs() + this.#ports.settings.pollIntervalMs;
  }
}
