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
import { RunEncoder, type EncodedRun, type FindPlan } from './run-encoder.ts';
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

/** The offsets of a run are not those that are stored. */
class Refused extends Error {
  override readonly name = 'Refused';
}

/** Writes runs of records in one transaction each. */
export class RunWriter {
  readonly #settings: Settings;
  readonly #encoder: RunEncoder;

  constructor(settings: Settings, form: RowForm) {
    this.#settings = settings;
    this.#encoder = new RunEncoder(settings, form);
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
      const encoded = await this.#encoder.encode(run, ports.findPlan);
      const work = encoded === undefined ? undefined : this.#workOf(run, encoded, ports);
      if (work !== undefined) result = await this.#apply(work, session, ports, signal);
    } catch (error) {
      this.#encoder.abandon();
      if (!(error instanceof Refused)) throw error;
    } finally {
      // Perhaps a table has changed since its records were learnt.
      if (result === undefined) this.#encoder.forget();
    }
    return result;
  }

  #workOf(
    run: SinkRun,
    { tables, out, skipped }: EncodedRun,
    ports: RunPorts,
  ): RunWork | undefined {
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
      if (set === undefined) return undefined;
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
    ports: RunPorts,
    signal: AbortSignal,
  ): Promise<RunResult> {
    const rule: ConflictRule = this.#settings.insertMode === 'insert' ? 'fail' : 'update';
    for (const rows of inserts) await session.prepareRows?.(rows, rule, signal);
    await inTransaction(session, signal, async () => {
      if (!(await ports.begin(session))) throw new Refused();
      for (const set of deletes) await session.delete(set, signal);
      for (const rows of inserts) await session.insertRows?.(rows, rule, signal);
    });
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
