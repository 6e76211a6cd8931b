import type { SourceTask, SourceTaskContext } from '@millrace/connector-api';
import { isAborted, isRetriable, MillraceError, must } from '@millrace/foundation';
import type { SourceRecord } from '@millrace/record';
import { databaseOf, type SourceDatabase } from './database.ts';
import { querySubject, tableSubject, type Subject } from './plan.ts';
import { BEGINNING, positionOf, type Position } from './position.ts';
import { Reader } from './reader.ts';
import { isWanted, taskOf } from './selection.ts';
import { fullName, type SourceSession } from './session.ts';
import { settingsFrom, usesTimestamp, type Settings } from './settings.ts';

/** Keys that the connector adds to the configuration of each task. */
export const TASK_KEYS = { index: 'millrace.task.index', count: 'millrace.task.count' } as const;

/** How long `poll` waits for rows before it returns none. */
const POLL_WAIT_MS = 2_000;

/** Reads its share of the tables, or the query, over one connection. */
export class JdbcSourceTask implements SourceTask {
  #context: SourceTaskContext | undefined;
  #settings: Settings | undefined;
  #database: SourceDatabase | undefined;
  #session: SourceSession | undefined;
  readonly #stopped = new AbortController();
  readonly #readers = new Map<string, Reader>();
  #tablesDueMs = 0;
  #rows = 0;
  #failures = 0;

  async start(context: SourceTaskContext, signal: AbortSignal): Promise<void> {
    this.#context = context;
    const settings = settingsFrom(context.config);
    this.#settings = settings;
    this.#database = databaseOf(settings.connection.url.subprotocol);
    this.#tablesDueMs = context.clock.monotonicMs();
    const session = await this.#connected(signal);
    if (settings.query === null) await this.#findTables(session);
    else await this.#read(session, querySubject(settings.query, settings));
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const { clock } = this.#known();
    const untilMs = clock.monotonicMs() + POLL_WAIT_MS;
    for (;;) {
      if (isAborted(signal)) throw signal.reason;
      const records = await this.#step(signal);
      if (records.length > 0) return records;
      const nowMs = clock.monotonicMs();
      if (nowMs >= untilMs) return [];
      const dueMs = Math.max(nowMs, Math.min(untilMs, this.#nextDueMs()));
      if (dueMs > nowMs) await clock.sleep(dueMs - nowMs, signal);
    }
  }

  metrics(): Readonly<Record<string, number>> {
    const readers = [...this.#readers.values()];
    return {
      rows_read: this.#rows,
      tables: readers.length,
      transactions_waited_for: readers.reduce((sum, { transactionsWaitedFor: n }) => sum + n, 0),
      transaction_waits: readers.reduce((sum, { waits }) => sum + waits, 0),
    };
  }

  async stop(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
    this.#stopped.abort(new Error('the task was stopped'));
  }

  async #step(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const { settings, clock } = this.#known();
    try {
      const session = await this.#connected(signal);
      if (settings.query === null && clock.monotonicMs() >= this.#tablesDueMs && !this.#isReading())
        await this.#findTables(session);
      const reader = this.#next(clock.monotonicMs());
      const records = (await reader?.step(session)) ?? [];
      this.#failures = 0;
      this.#rows += records.length;
      return records;
    } catch (error) {
      this.#abandonSession(error);
      if (isAborted(signal)) throw signal.reason;
      throw this.#judged(error);
    }
  }

  /** `query.retry.attempts` says after how many passing faults in a row to give up. */
  #judged(error: unknown): unknown {
    const { settings } = this.#known();
    if (!isRetriable(error) || settings.queryAttemptsMax < 0) return error;
    this.#failures++;
    if (this.#failures <= settings.queryAttemptsMax) return error;
    return new MillraceError({
      code: 'jdbc.attempts_exhausted',
      retry: 'fatal',
      message: `${error instanceof Error ? error.message : String(error)} (after ${settings.queryAttemptsMax} more attempts)`,
      hint: 'mend the database, or raise query.retry.attempts (-1: for ever)',
      cause: error,
    });
  }

  /** The one that is being read, else the one that has waited longest. */
  #next(nowMs: number): Reader | undefined {
    let next: Reader | undefined;
    for (const reader of this.#readers.values()) {
      if (reader.isReading) return reader;
      if (reader.dueMs <= nowMs && (next === undefined || reader.dueMs < next.dueMs)) next = reader;
    }
    return next;
  }

  #isReading(): boolean {
    return [...this.#readers.values()].some(({ isReading }) => isReading);
  }

  #nextDueMs(): number {
    const { settings } = this.#known();
    const tables = settings.query === null ? [this.#tablesDueMs] : [];
    return Math.min(...tables, ...[...this.#readers.values()].map(({ dueMs }) => dueMs));
  }

  async #connected(signal: AbortSignal): Promise<SourceSession> {
    const { settings, context, database } = this.#known();
    if (this.#session?.isUsable === true) return this.#session;
    this.#abandonSession(new Error('the connection was lost'));
    const session = await database.open({
      settings: settings.connection,
      clock: context.clock,
      random: context.random,
      log: context.log,
      applicationName: `millrace ${context.connector}`,
      signal: AbortSignal.any([signal, this.#stopped.signal]),
    });
    this.#session = session;
    return session;
  }

  #abandonSession(reason: unknown): void {
    this.#session?.destroy(reason);
    this.#session = undefined;
    for (const reader of this.#readers.values()) reader.reset();
  }

  async #findTables(session: SourceSession): Promise<void> {
    const { settings, context, database, clock } = this.#known();
    const { catalogPattern, schemaPattern, tableTypes: types } = settings;
    const tables = await session.tables({ catalogPattern, schemaPattern, types });
    const tasks = Number(context.config[TASK_KEYS.count] ?? 1);
    const task = Number(context.config[TASK_KEYS.index] ?? 0);
    const wanted = tables.filter(
      (table) => isWanted(table, settings) && taskOf(table, tasks) === task,
    );
    const names = new Set(wanted.map(fullName));
    for (const name of this.#readers.keys()) if (!names.has(name)) this.#readers.delete(name);
    for (const table of wanted)
      if (!this.#readers.has(fullName(table)))
        await this.#read(session, tableSubject(table, settings, database.words), fullName(table));
    this.#tablesDueMs = clock.monotonicMs() + settings.tablePollIntervalMs;
  }

  async #read(session: SourceSession, subject: Subject, name = ''): Promise<void> {
    const { settings, context, database, clock } = this.#known();
    const position = await this.#position(session, subject);
    const ports = { settings, words: database.words, clock, log: context.log };
    this.#readers.set(name, new Reader(subject, position, ports));
  }

  async #position(session: SourceSession, { partitions }: Subject): Promise<Position> {
    const { settings, context } = this.#known();
    if (settings.mode === 'bulk') return BEGINNING;
    for (const partition of partitions) {
      const offset = context.offsets.find(partition);
      if (offset !== undefined) return positionOf(offset);
    }
    const { timestampInitialMs: initialMs } = settings;
    if (initialMs === null || !usesTimestamp(settings)) return BEGINNING;
    const timestamp = initialMs === -1 ? await session.now() : BigInt(initialMs) * 1000n;
    return { ...BEGINNING, timestamp };
  }

  #known() {
    const context = must(this.#context, 'the task is started before it is used');
    return {
      context,
      clock: context.clock,
      settings: must(this.#settings, 'the task is started before it is used'),
      database: must(this.#database, 'the task is started before it is used'),
    };
  }
}
