import type {
  AlteredSinkOffset,
  RecordFailure,
  SinkRun,
  TopicPartition,
  TopicPartitionOffset,
} from '@millrace/connector-api';
import { must } from '@millrace/foundation';
import type { Change } from '../change.ts';
import { tableNotTransactional, TargetError } from '../../errors.ts';
import type {
  DialectPorts,
  DialectWriter,
  ExactlyOnceBatch,
  IndexedChange,
  RunResult,
  WriteResult,
} from '../dialect/dialect.ts';
import { RunEncoder } from '../run/run-encoder.ts';
import { lastOffsets, RunWriter } from '../run/run-writer.ts';
import type { Want } from './drafts.ts';
import { keyOf, OffsetLedger, type OffsetMove } from './offsets.ts';
import { encodeRow, keyText, type Plan } from './plan.ts';
import { PlanCache } from './plan-cache.ts';
import type { Operation } from './reduce.ts';
import type { Database, Session } from './session.ts';
import type { Table } from './table.ts';
import { Tables } from './tables.ts';
import { OffsetsMoved, Transactions, type Commitment } from './transactions.ts';

type WriteChange = Extract<Change, { kind: 'write' }>;

/** Batches of changes to transactions of one database, whichever its kind. */
export class BatchWriter implements DialectWriter {
  readonly #database: Database;
  readonly #ports: DialectPorts;
  readonly #tables: Tables;
  readonly #plans: PlanCache;
  readonly #transactions: Transactions;
  readonly #ledger: OffsetLedger;
  /** Undefined where records are only written one by one. */
  readonly #runs: RunWriter | undefined;
  readonly #stopping = new AbortController();
  #session: Session | undefined;

  constructor(database: Database, ports: DialectPorts) {
    this.#database = database;
    this.#ports = ports;
    this.#tables = new Tables(database, ports.settings, ports.log);
    this.#plans = new PlanCache(database, ports.settings);
    this.#transactions = new Transactions(database, ports.settings, ports.log);
    this.#ledger = new OffsetLedger(ports.connector);
    const { rowForm } = database;
    if (rowForm !== undefined && RunEncoder.fits(ports.settings))
      this.#runs = new RunWriter(ports.settings, rowForm);
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.#open(signal);
  }

  async write(
    changes: readonly IndexedChange[],
    signal: AbortSignal,
    once?: ExactlyOnceBatch,
  ): Promise<WriteResult> {
    const write = (): Promise<WriteResult> =>
      once === undefined ? this.#write(changes, signal) : this.#writeOnce(changes, once, signal);
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof TargetError) || error.scope !== 'stale') throw error;
      // Somebody changed a table under us: look again, once.
      this.#forget();
      return await write();
    }
  }

  async writeRun(
    run: SinkRun,
    isOnce: boolean,
    signal: AbortSignal,
  ): Promise<RunResult | undefined> {
    if (this.#runs === undefined) return undefined;
    const session = await this.#open(signal);
    const moves = isOnce ? this.#ledger.moves(lastOffsets(run)) : [];
    const ports = {
      findPlan: (topic: string, change: WriteChange) =>
        this.#planOf(session, topic, change, signal),
      findDeletePlan: (topic: string, change: Change) => this.#deletePlanOf(topic, change),
      begin: () => this.#ledger.advance(session, moves, signal),
    };
    const result = await this.#runs.write(run, session, ports, signal);
    if (result !== undefined) this.#ledger.committed(moves);
    return result;
  }

  async claim(
    partitions: readonly TopicPartition[],
    signal: AbortSignal,
  ): Promise<readonly TopicPartitionOffset[]> {
    return this.#ledger.claim(await this.#open(signal), partitions, signal);
  }

  release(partitions: readonly TopicPartition[]): void {
    this.#ledger.release(partitions);
  }

  async alter(offsets: readonly AlteredSinkOffset[], signal: AbortSignal): Promise<void> {
    const session = await this.#open(signal);
    await session.offsets.alter(this.#ports.connector, offsets, signal);
  }

  async close(): Promise<void> {
    this.#stopping.abort(new Error('the sink is stopped'));
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }

  async #open(signal: AbortSignal): Promise<Session> {
    if (this.#session?.isUsable === true) return this.#session;
    this.#forget();
    const combined = AbortSignal.any([signal, this.#stopping.signal]);
    this.#session = await this.#database.open(this.#ports, combined);
    return this.#session;
  }

  /** The tables may be other ones now, and staging tables are shaped like them: both are looked up anew. */
  #forget(): void {
    this.#tables.forget();
    this.#plans.forget();
    this.#runs?.forget();
    this.#session?.destroy(new Error('opened anew'));
    this.#session = undefined;
  }

  /** Undefined when the table is not ready for rows of this shape. @throws TargetError */
  async #planOf(
    session: Session,
    topic: string,
    change: WriteChange,
    signal: AbortSignal,
  ): Promise<Plan | undefined> {
    const failures: RecordFailure[] = [];
    const list = [{ index: 0, topic, change }];
    const table = await this.#ensure(session, change.table, list, failures, signal);
    const plan = this.#plans.find(table, topic, change);
    this.#checkKey(table, keyNames(plan), 'write');
    return failures.length > 0 ? undefined : plan;
  }

  #deletePlanOf(topic: string, change: Change): Plan | undefined {
    if (change.kind !== 'delete') return undefined;
    const table = this.#tables.find(change.table);
    return table === undefined ? undefined : this.#plans.find(table, topic, change);
  }

  /** A batch of which a part is in the target already, by a COMMIT whose answer was lost, is written without it. */
  async #writeOnce(
    changes: readonly IndexedChange[],
    once: ExactlyOnceBatch,
    signal: AbortSignal,
  ): Promise<WriteResult> {
    const moves = this.#ledger.moves(once.offsets);
    try {
      return await this.#writeMoving(changes, once, moves, signal);
    } catch (error) {
      if (!(error instanceof OffsetsMoved)) throw error;
    }
    const stored = await this.#ledger.refresh(await this.#open(signal), moves, signal);
    const isLeft = ({ index }: { readonly index: number }): boolean => {
      const place = must(once.offsets[index], 'each record has an offset');
      return place.offset >= (stored.get(keyOf(place)) ?? 0);
    };
    const left = { ...once, failures: once.failures.filter(isLeft) };
    const movesLeft = this.#ledger.moves(once.offsets);
    return this.#writeMoving(changes.filter(isLeft), left, movesLeft, signal);
  }

  async #writeMoving(
    changes: readonly IndexedChange[],
    once: ExactlyOnceBatch,
    moves: readonly OffsetMove[],
    signal: AbortSignal,
  ): Promise<WriteResult> {
    const result = await this.#write(changes, signal, {
      begin: async (session) => {
        if (!(await this.#ledger.advance(session, moves, signal))) throw new OffsetsMoved();
      },
      beforeCommit: async (failures) => {
        const all = [...once.failures, ...failures];
        if (all.length > 0) await once.report(all);
      },
    });
    this.#ledger.committed(moves);
    return result;
  }

  async #write(
    changes: readonly IndexedChange[],
    signal: AbortSignal,
    commitment?: Commitment,
  ): Promise<WriteResult> {
    const session = await this.#open(signal);
    const failures: RecordFailure[] = [];
    const operations = await this.#prepare(session, changes, failures, signal);
    if (operations.length === 0 && commitment === undefined)
      return { failures, rows: 0, deletes: 0, unmatched: 0, isSplit: false };
    const outcome = await this.#transactions.apply(
      session,
      operations,
      signal,
      commitment && withFailures(commitment, failures),
    );
    return {
      ...outcome.written,
      isSplit: outcome.isSplit,
      failures: [...failures, ...outcome.failures].sort((left, right) => left.index - right.index),
    };
  }

  /** Everything that needs no transaction: tables, columns, and the text of each value. */
  async #prepare(
    session: Session,
    changes: readonly IndexedChange[],
    failures: RecordFailure[],
    signal: AbortSignal,
  ): Promise<Operation[]> {
    const byTable = new Map<string, IndexedChange[]>();
    for (const change of changes) {
      const list = byTable.get(change.change.table);
      if (list === undefined) byTable.set(change.change.table, [change]);
      else list.push(change);
    }
    const operations: Operation[] = [];
    for (const [name, list] of byTable) {
      try {
        const encoded = await this.#encodeList(session, name, list, signal);
        operations.push(...encoded.operations);
        failures.push(...encoded.failures);
      } catch (error) {
        // One table that can't be written doesn't stop the others: its records go by the error strategy.
        if (!(error instanceof TargetError) || error.scope !== 'record') throw error;
        for (const { index } of list) failures.push({ index, error });
      }
    }
    const failed = new Set(failures.map((failure) => failure.index));
    return operations
      .filter((operation) => !failed.has(operation.index))
      .sort((left, right) => left.index - right.index);
  }

  /** What is refused by what we remember of the table may fit it by now: somebody has widened a type meanwhile. */
  async #encodeList(
    session: Session,
    name: string,
    list: readonly IndexedChange[],
    signal: AbortSignal,
  ): Promise<{ readonly operations: readonly Operation[]; readonly failures: RecordFailure[] }> {
    for (let isAgain = false; ; isAgain = true) {
      const operations: Operation[] = [];
      const failures: RecordFailure[] = [];
      const table = await this.#ensure(session, name, list, failures, signal);
      this.#encode(table, list, operations, failures);
      const isRefused = failures.some(({ error }) => error.code === 'jdbc.value_not_representable');
      if (isAgain || !isRefused || !(await this.#tables.hasChanged(session, name, table, signal)))
        return { operations, failures };
    }
  }

  async #ensure(
    session: Session,
    name: string,
    list: readonly IndexedChange[],
    failures: RecordFailure[],
    signal: AbortSignal,
  ): Promise<Table> {
    const table = await this.#tables.ensure(session, name, () => wantsOf(list), signal);
    if (this.#ports.settings.isExactlyOnce && table.unsafeEngine !== null)
      throw tableNotTransactional(table.sql, table.unsafeEngine);
    const lacking = this.#lacking(table, list);
    if (lacking.fields.size === 0) return table;
    try {
      return await this.#tables.widen(session, name, table, lacking.fields, wantsOf(list), signal);
    } catch (error) {
      if (!(error instanceof TargetError) || error.scope !== 'record') throw error;
      for (const index of lacking.indexes) failures.push({ index, error });
      return table;
    }
  }

  /**
   * Fields without a column: those that have a value, and, where columns may be added, those that a schema names, since
   * a schema tells their type before there is a value.
   */
  #lacking(
    table: Table,
    list: readonly IndexedChange[],
  ): { readonly fields: ReadonlySet<string>; readonly indexes: readonly number[] } {
    const fields = new Set<string>();
    const indexes: number[] = [];
    for (const { change, topic, index } of list) {
      if (change.kind === 'truncate') continue;
      const plan = this.#plans.find(table, topic, change);
      if (plan.missing.length === 0) continue;
      const row = change.kind === 'write' ? change.row : null;
      const isTyped = this.#ports.settings.addColumns && (row?.schema ?? null) !== null;
      const lost = plan.missing.filter(
        (field) => isTyped || (change.key?.fields[field] ?? row?.fields[field] ?? null) !== null,
      );
      if (lost.length > 0) indexes.push(index);
      for (const field of lost) fields.add(field);
    }
    return { fields, indexes };
  }

  #encode(
    table: Table,
    list: readonly IndexedChange[],
    operations: Operation[],
    failures: RecordFailure[],
  ): void {
    for (const { change, topic, index } of list) {
      try {
        const plan = this.#plans.find(table, topic, change);
        if (change.kind === 'truncate') {
          operations.push({ index, kind: 'truncate', plan, key: '', values: [] });
          continue;
        }
        this.#checkKey(table, keyNames(plan), change.kind);
        const values = encodeRow(plan, change.key, change.kind === 'write' ? change.row : null);
        const key = plan.keyCount === 0 ? '' : keyText(values, plan.keyCount);
        operations.push({ index, kind: change.kind, plan, key, values });
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        failures.push({ index, error });
      }
    }
  }

  #checkedKeys = new WeakSet<Table>();

  /** Once for each table: it is the same key for all its records. */
  #checkKey(table: Table, keys: readonly string[], kind: 'write' | 'delete'): void {
    const { insertMode, keyMode } = this.#ports.settings;
    const needsUnique = insertMode === 'upsert' || (insertMode === 'insert' && keyMode === 'kafka');
    if (!needsUnique || kind === 'delete' || this.#checkedKeys.has(table)) return;
    this.#tables.checkUniqueKey(table, keys);
    this.#checkedKeys.add(table);
  }
}

function keyNames({ columns, keyCount }: Plan): readonly string[] {
  return columns.slice(0, keyCount).map((column) => column.name);
}

function withFailures(commitment: Commitment, before: readonly RecordFailure[]): Commitment {
  return {
    begin: commitment.begin,
    beforeCommit: (failures) => commitment.beforeCommit([...before, ...failures]),
  };
}

function wantsOf(list: readonly IndexedChange[]): Want[] {
  return list.flatMap(({ change, topic }) =>
    change.kind === 'write' ? [{ topic, key: change.key, row: change.row }] : [],
  );
}
