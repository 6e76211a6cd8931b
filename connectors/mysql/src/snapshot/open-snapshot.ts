import type { Clock, Logger } from '@millrace/foundation';
import type { Table } from '../catalog.ts';
import type { OffsetPosition } from '../position.ts';
import type { TaskRecords } from '../row-record.ts';
import type { Tables } from '../schema/tables.ts';
import type { Settings } from '../settings.ts';
import { snapshotTable } from './chunks.ts';
import { openMoment, type Moment } from './moment.ts';
import { NO_PROGRESS, type Progress } from './progress.ts';
import { TableSnapshot } from './snapshot.ts';

export interface OpenSnapshotOptions {
  readonly settings: Settings;
  readonly tables: Tables;
  readonly task: TaskRecords;
  readonly clock: Clock;
  readonly log: Logger;
  /** An earlier attempt: what it did, and where the stream begins for it. */
  readonly resume: { readonly position: OffsetPosition; readonly progress: Progress } | null;
  readonly signal: AbortSignal;
}

export async function openSnapshot(options: OpenSnapshotOptions): Promise<TableSnapshot> {
  const { clock, log, resume, settings, signal, tables, task } = options;
  const moment = await openMoment({ settings, clock, log, signal });
  try {
    const progress = resume?.progress ?? NO_PROGRESS;
    const wanted = ordered(
      moment.tables.filter((table) => settings.snapshotsTable(table.database, table.name)),
      settings,
    );
    const shapes = moment.tables.map((table) => [table, tables.describe(table)] as const);
    const shapeOf = new Map(shapes);
    const left = wanted.filter((table) => !progress.done.has(`${table.database}.${table.name}`));
    const streamFrom = resume?.position ?? positionOf(moment);
    log.info(
      {
        file: streamFrom.file,
        position: streamFrom.position,
        gtids: streamFrom.gtids,
        tables: wanted.length,
        left: left.length,
      },
      resume === null ? 'snapshot begins' : 'snapshot goes on',
    );
    return new TableSnapshot({
      settings,
      task,
      clock,
      log,
      moment,
      tables: left.flatMap((table) => {
        const shape = shapeOf.get(table);
        if (shape === undefined) return [];
        const override = settings.selectOverrides.get(
          `${table.database}.${table.name}`.toLowerCase(),
        );
        return [
          snapshotTable(table, shape, {
            override,
            rowsPerChunk: settings.config['snapshot.fetch.size'],
          }),
        ];
      }),
      tableCount: wanted.length,
      progress,
      streamFrom,
      micros: clock.nowMs() * 1000,
    });
  } catch (error) {
    await moment[Symbol.asyncDispose]();
    throw error;
  }
}

/** As the include list names them, or by size, else by name. */
function ordered(tables: readonly Table[], settings: Settings): readonly Table[] {
  const order = settings.config['snapshot.tables.order.by.row.count'];
  if (order === 'disabled') return tables;
  const sign = order === 'ascending' ? 1 : -1;
  return tables.toSorted((left, right) => sign * (left.rowCountEstimate - right.rowCountEstimate));
}

function positionOf({ facts, position }: Moment): OffsetPosition {
  return {
    file: position?.file ?? '',
    position: position?.position ?? 0,
    gtids: position?.gtids === '' ? null : (position?.gtids ?? null),
    eventsToSkip: 0,
    rowsToSkip: 0,
    server: facts.identity,
  };
}
