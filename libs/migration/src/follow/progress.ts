import { shownTable } from '../model/catalog.ts';
import type { TablePair } from '../schema/schema-plan.ts';
import { lagOf, type Offsets } from './migration-log.ts';
import type { Metric } from './connect-rest.ts';

export interface TableProgress {
  readonly table: string;
  /** The server's guess; undefined when it has none. */
  readonly rowsExpected: number | undefined;
  /** In the target, and written for good. */
  readonly rowsWritten: number;
  readonly rowsPerSecond: number;
  /** Undefined while nothing can be said. */
  readonly secondsLeft: number | undefined;
  readonly isDone: boolean;
}

export interface Progress {
  readonly phase: 'copying' | 'following';
  readonly tables: readonly TableProgress[];
  readonly rowsWritten: number;
  readonly rowsPerSecond: number;
  /** Records in the log that the target does not have. */
  readonly lagRecords: number;
  /** How old the oldest change is that the target does not have; 0 when it has everything. */
  readonly lagMs: number;
  /** The target has everything that was in the log at the reading before. */
  readonly isInStep: boolean;
}

export interface Reading {
  readonly atMs: number;
  readonly ends: Offsets;
  readonly committed: Offsets;
  readonly metrics: readonly Metric[];
  readonly offset: Readonly<Record<string, unknown>> | undefined;
}

const WINDOW_READINGS = 10;
const OPEN_READINGS_MAX = 100;

/** Turns readings into progress: rates are over the last few of them. */
export class ProgressMeter {
  readonly #pairs: readonly TablePair[];
  readonly #topicOf: (pair: TablePair) => string;
  readonly #source: string;
  readonly #window: Reading[] = [];
  /** Readings whose records are not all in the target, the oldest first. */
  #open: Pick<Reading, 'atMs' | 'ends'>[] = [];
  /** Where the snapshot ended in the log, once it has. */
  #copyEnds: Offsets | undefined;

  constructor(
    pairs: readonly TablePair[],
    topicOf: (pair: TablePair) => string,
    source: string,
    isCopied: boolean,
  ) {
    this.#pairs = pairs;
    this.#topicOf = topicOf;
    this.#source = source;
    this.#copyEnds = isCopied ? new Map() : undefined;
  }

  /** Every row of the snapshot is in the target. */
  get isCopied(): boolean {
    const last = this.#window.at(-1);
    if (this.#copyEnds === undefined || last === undefined) return false;
    return lagOf(this.#copyEnds, last.committed) === 0;
  }

  add(reading: Reading): Progress {
    const before = this.#window.at(-1);
    this.#window.push(reading);
    if (this.#window.length > WINDOW_READINGS) this.#window.shift();
    if (this.#copyEnds === undefined && isSnapshotRead(reading, this.#source))
      this.#copyEnds = reading.ends;
    const first = this.#window[0] ?? reading;
    const seconds = Math.max(0.001, (reading.atMs - first.atMs) / 1_000);
    const tables = this.#pairs.map((pair) => this.#table(pair, reading, first, seconds));
    return {
      phase: this.isCopied ? 'following' : 'copying',
      tables,
      rowsWritten: sum(tables, ({ rowsWritten }) => rowsWritten),
      rowsPerSecond: sum(tables, ({ rowsPerSecond }) => rowsPerSecond),
      lagRecords: lagOf(reading.ends, reading.committed),
      lagMs: Math.max(
        metric(reading.metrics, this.#source, 'source_lag_ms') ?? 0,
        this.#sinkLagMs(reading),
      ),
      isInStep:
        this.isCopied && before !== undefined && lagOf(before.ends, reading.committed) === 0,
    };
  }

  /** Since the first reading whose records the target does not have all. */
  #sinkLagMs(reading: Reading): number {
    while (this.#open[0] !== undefined && lagOf(this.#open[0].ends, reading.committed) === 0)
      this.#open.shift();
    if (lagOf(reading.ends, reading.committed) > 0) this.#open.push(reading);
    // INV-6: of a lag of hours every second reading is enough.
    if (this.#open.length > OPEN_READINGS_MAX)
      this.#open = this.#open.filter((_each, at) => at % 2 === 0);
    return reading.atMs - (this.#open[0]?.atMs ?? reading.atMs);
  }

  #table(pair: TablePair, reading: Reading, first: Reading, seconds: number): TableProgress {
    const topic = this.#topicOf(pair);
    const rowsWritten = reading.committed.get(topic) ?? 0;
    const rowsPerSecond = Math.max(0, (rowsWritten - (first.committed.get(topic) ?? 0)) / seconds);
    const rowsExpected = this.#copyEnds?.get(topic) ?? pair.source.rowEstimate;
    const isDone = this.#copyEnds !== undefined && rowsWritten >= (this.#copyEnds.get(topic) ?? 0);
    const left = rowsExpected === undefined ? undefined : Math.max(0, rowsExpected - rowsWritten);
    return {
      table: shownTable(pair.source),
      rowsExpected,
      rowsWritten,
      rowsPerSecond,
      secondsLeft: isDone ? 0 : secondsLeft(left, rowsPerSecond),
      isDone,
    };
  }
}

function secondsLeft(rows: number | undefined, perSecond: number): number | undefined {
  return rows === undefined || perSecond <= 0 ? undefined : rows / perSecond;
}

/** The offset says so once there is one; the figures say it of a snapshot of empty tables, which has none. */
function isSnapshotRead({ offset, metrics }: Reading, source: string): boolean {
  const total = metric(metrics, source, 'snapshot_tables_total');
  const done = metric(metrics, source, 'snapshot_tables_done');
  if (metric(metrics, source, 'snapshot_running') === 1) return false;
  if (total !== undefined && total > 0 && total === done) return true;
  return offset !== undefined && offset['snapshot'] == null;
}

function metric(metrics: readonly Metric[], connector: string, ending: string): number | undefined {
  return metrics.find((each) => each.connector === connector && each.name.endsWith(ending))?.value;
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
