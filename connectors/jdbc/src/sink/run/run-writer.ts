import type { SinkRun, TopicPartitionOffset } from '@millrace/connector-api';
import { must } from '@millrace/foundation';
import { changeOf } from '../change.ts';
import type { RunResult } from '../dialect/dialect.ts';
import type { Settings } from '../settings.ts';
import { encodeRow, type Plan } from '../write/plan.ts';
import type { ConflictRule, RowSet, Session } from '../write/session.ts';
import { referenceDepths } from '../write/steps.ts';
import type { Table } from '../write/table.ts';
import { inTransaction } from '../write/transactions.ts';
import { nextTurn, RowStream, SLICE_RECORDS } from './row-stream.ts';
import { RunEncoder, type FindPlan, type Learning } from './run-encoder.ts';
import type { RowForm } from './row-form.ts';
import type { EncodedRows } from './run-rows.ts';

export interface RunPorts {
  readonly findPlan: FindPlan;
  /** The plan for deletes of a record. */
  readonly findDeletePlan: (topic: string, change: ReturnType<typeof changeOf>) => Plan | undefined;
  /** Within the transaction; false when nothing may be written. */
  readonly begin: (session: Session) => Promise<boolean>;
}

/** What is to be done for the rows of a run, in this order. */
interface RunWork {
  readonly deletes: readonly RowSet[];
  readonly inserts: readonly EncodedRows[];
  readonly skipped: number;
}

/** Runs that are not streamed after one that turned out to be another. */
const STREAM_REST = 16;

/** The run is not taken, or its offsets are not those that are stored: nothing was written. */
class Refused extends Error {
  override readonly name = 'Refused';
}

/** What was streamed is not the whole: it is taken back, and the run is written when all of it is known. */
class OtherRun extends Error {
  override readonly name = 'OtherRun';
}

/** Writes runs of records in one transaction each. */
export class RunWriter {
  readonly #settings: Settings;
  readonly #encoder: RunEncoder;
  readonly #rule: ConflictRule;
  /** Runs that are not streamed. */
  #streamRest = 0;

  constructor(settings: Settings, form: RowForm) {
    this.#settings = settings;
    this.#encoder = new RunEncoder(settings, form);
    this.#rule = settings.insertMode === 'insert' ? 'fail' : 'update';
  }

  forget(): void {
    this.#encoder.forget();
  }

  /** Undefined: nothing was written. @throws MillraceError, and then it is not known whether anything was */
  async write(
    run: SinkRun,
    session: Session,
    ports: RunPorts,
    signal: AbortSignal,
  ): Promise<RunResult | undefined> {
    let result: RunResult | undefined;
    try {
      this.#encoder.begin(run, ports.findPlan);
      if (await this.#encoder.take(SLICE_RECORDS, 'all'))
        result =
          (await this.#writeStreaming(run, session, ports, signal)) ??
          (await this.#writeWhole(run, session, ports, signal));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    } finally {
      if (result === undefined) {
        // What was sent may still be on its way; and perhaps a table has changed since its records were learnt.
        this.#encoder.abandon();
        this.#encoder.forget();
      }
    }
    return result;
  }

  /** When all rows are there. @throws Refused */
  async #writeWhole(
    run: SinkRun,
    session: Session,
    ports: RunPorts,
    signal: AbortSignal,
  ): Promise<RunResult> {
    const work = await this.#workOf(run, ports);
    for (const rows of work.inserts) await session.prepareRows?.(rows, this.#rule, signal);
    return inTransaction(session, signal, async () => {
      if (!(await ports.begin(session))) throw new Refused();
      return this.#apply(work, session, signal);
    });
  }

  /**
   * Sends rows while more of them are made, as far as the run goes on as it began: rows of one table that may all be
   * new. Undefined: nothing was written. @throws Refused
   */
  async #writeStreaming(
    run: SinkRun,
    session: Session,
    ports: RunPorts,
    signal: AbortSignal,
  ): Promise<RunResult | undefined> {
    const encoder = this.#encoder;
    const rows = encoder.onlyRows;
    if (rows === undefined || session.streamRows === undefined || this.#streamRest-- > 0)
      return undefined;
    this.#streamRest = 0;
    const { table, columns, keyCount } = rows.plan;
    const target = { table, columns, keyCount };
    await session.prepareRows?.(target, this.#rule, signal);
    const stream = new RowStream(encoder, rows);
    try {
      return await inTransaction(session, signal, async () => {
        if (!(await ports.begin(session))) throw new Refused();
        const isTaken = await session.streamRows?.(target, this.#rule, stream.chunks(), signal);
        stream.end();
        if (isTaken !== true) {
          const work = await this.#workOf(run, ports, 'known');
          // Nothing was prepared for others.
          if (work.inserts.some((set) => set.table !== table)) throw new OtherRun();
          return this.#apply(work, session, signal);
        }
        if (!stream.isWhole) throw new OtherRun();
        return { rows: rows.count, deletes: 0, skipped: encoder.skipped };
      });
    } catch (error) {
      if (!(error instanceof OtherRun)) throw error;
      this.#streamRest = STREAM_REST;
      return undefined;
    }
  }

  /** @throws Refused; OtherRun for records that can't be taken with what is known */
  async #workOf(run: SinkRun, ports: RunPorts, learning: Learning = 'all'): Promise<RunWork> {
    const encoder = this.#encoder;
    while (!encoder.isAtEnd) {
      if (!(await encoder.take(SLICE_RECORDS, learning)))
        throw learning === 'all' ? new Refused() : new OtherRun();
      await nextTurn();
    }
    const encoded = encoder.encoded();
    if (encoded === undefined) throw new Refused();
    const { tables, out, skipped } = encoded;
    const deletes: RowSet[] = [];
    const inserts: EncodedRows[] = [];
    for (const table of tables) {
      if (this.#settings.insertMode === 'insert') {
        inserts.push(table.all(out));
        continue;
      }
      const { rows, deletedRecords } = table.lastOfKeys(out);
      if (rows.count > 0) inserts.push(rows);
      if (deletedRecords.length === 0) continue;
      const set = this.#deletesOf(run, deletedRecords, ports);
      if (set === undefined) throw new Refused();
      deletes.push(set);
    }
    const depths = referenceDepths([...deletes, ...inserts].map((set) => set.table));
    const depth = (set: { readonly table: Table }): number => depths.get(set.table.id) ?? 0;
    return {
      deletes: deletes.sort((a, b) => depth(b) - depth(a)),
      inserts: inserts.sort((a, b) => depth(a) - depth(b)),
      skipped,
    };
  }

  /** Deletes are fewer than rows mostly, and small: they are read the usual way. */
  #deletesOf(run: SinkRun, records: readonly number[], ports: RunPorts): RowSet | undefined {
    let plan: Plan | undefined;
    const rows: (readonly (string | null)[])[] = [];
    for (const index of records) {
      const change = changeOf(run.record(index), this.#settings);
      if (change.kind !== 'delete') return undefined;
      const { topic } = must(run.records[index], 'a record of the run');
      const found = ports.findDeletePlan(topic, change);
      if (found === undefined || (plan !== undefined && !hasSameColumns(plan, found)))
        return undefined;
      plan = found;
      rows.push(encodeRow(found, change.key, null));
    }
    if (plan === undefined) return undefined;
    const { table, columns, keyCount } = plan;
    return { table, columns, keyCount, rows };
  }

  async #apply(
    { deletes, inserts, skipped }: RunWork,
    session: Session,
    signal: AbortSignal,
  ): Promise<RunResult> {
    for (const set of deletes) await session.delete(set, signal);
    for (const rows of inserts) await session.insertRows?.(rows, this.#rule, signal);
    const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
    return {
      rows: sum(inserts.map((rows) => rows.count)),
      deletes: sum(deletes.map((set) => set.rows.length)),
      skipped,
    };
  }
}

function hasSameColumns(left: Plan, right: Plan): boolean {
  return (
    left.table === right.table &&
    left.columns.length === right.columns.length &&
    left.columns.every((column, index) => column === right.columns[index])
  );
}

/** Of each partition the last offset that a run holds: it moves as far. */
export function* lastOffsets({ records }: SinkRun): Generator<TopicPartitionOffset> {
  for (const [index, record] of records.entries()) {
    const next = records[index + 1];
    if (next?.topic !== record.topic || next.partition !== record.partition) yield record;
  }
}
