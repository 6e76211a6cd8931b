import type { SlotGuard } from './guard/slot-guard.ts';
import type { SnapshotFigures } from './snapshot/table-snapshot.ts';
import type { ChangeStream } from './stream/change-stream.ts';
import type { Started } from './task-start.ts';

export interface TaskFigures {
  readonly changes: ChangeStream | undefined;
  readonly isInSnapshot: boolean;
  readonly snapshot: SnapshotFigures;
  /** Of connections that are closed. */
  readonly streamedRows: number;
  readonly guard: SlotGuard | undefined;
}

export const NO_SNAPSHOT: SnapshotFigures = {
  tableCount: 0,
  tablesDone: 0,
  rowCount: 0,
  rowsEstimate: 0,
  durationMs: 0,
};

/** What a running task tells of itself, under the names of its metrics. */
export function taskMetrics(
  { backOff, desk, state }: Started,
  { changes, guard, isInSnapshot, snapshot, streamedRows }: TaskFigures,
): Readonly<Record<string, number>> {
  const figures = changes?.figures;
  const confirmed = state.progress.confirmedLsn;
  const lagMs =
    figures === undefined || figures.isCaughtUp || figures.commitMicros === 0
      ? 0
      : Math.max(0, state.context.clock.nowMs() - figures.commitMicros / 1000);
  return {
    connected: changes !== undefined || isInSnapshot ? 1 : 0,
    source_lag_ms: lagMs,
    wal_behind_bytes:
      figures === undefined || confirmed === 0 ? 0 : Math.max(0, figures.serverLsn - confirmed),
    confirmed_lsn: confirmed,
    rows_captured_total: snapshot.rowCount + streamedRows + (figures?.rowCount ?? 0),
    snapshot_running: isInSnapshot ? 1 : 0,
    snapshot_tables_total: snapshot.tableCount,
    snapshot_tables_done: snapshot.tablesDone,
    snapshot_rows_total: snapshot.rowCount,
    snapshot_rows_estimated: snapshot.rowsEstimate,
    snapshot_duration_seconds: Math.round(snapshot.durationMs / 1000),
    ...desk.figures,
    reconnect_attempts: backOff.attempts,
    ...guard?.metrics,
    transactions_in_progress: figures?.inProgressCount ?? 0,
    transactions_spilled_bytes: figures?.spilledBytes ?? 0,
  };
}
