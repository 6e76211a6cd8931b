import type { Plan } from '../handover.ts';
import type { CreatedSlot } from '../slot.ts';
import type { Started } from '../task-start.ts';
import type { SnapshotProgress } from './snapshot-progress.ts';
import { TableSnapshot } from './table-snapshot.ts';

type SnapshotParts = Omit<
  Parameters<typeof TableSnapshot.open>[0],
  'snapshotName' | 'lsn' | 'streamFromLsn' | 'done'
>;

/** The snapshot that a plan asks for. Whoever exported it is let go in any case. */
export async function openPlanned(
  started: Started,
  plan: Extract<Plan, { readonly kind: 'snapshot' }>,
  signal: AbortSignal,
): Promise<TableSnapshot> {
  const { settings, context } = started.state;
  try {
    await context.clock.sleep(settings.config['snapshot.delay.ms'], signal);
    return await TableSnapshot.open(
      {
        ...(await partsOf(started)),
        snapshotName: plan.slot?.snapshotName ?? null,
        lsn: plan.slot?.consistentLsn,
        streamFromLsn: plan.streamFromLsn,
        done: plan.done,
      },
      signal,
    );
  } finally {
    await plan.exporter?.close(context.clock);
  }
}

/** A snapshot that is read when the stream, which begins at `streamFromLsn`, has come to it. */
export async function openInStream(
  started: Started,
  exported: CreatedSlot,
  done: SnapshotProgress,
  streamFromLsn: number,
  signal: AbortSignal,
): Promise<TableSnapshot> {
  return TableSnapshot.open(
    {
      ...(await partsOf(started)),
      snapshotName: exported.snapshotName,
      lsn: exported.consistentLsn,
      streamFromLsn,
      done,
    },
    signal,
  );
}

async function partsOf({ state, control, serverVersion }: Started): Promise<SnapshotParts> {
  const { settings, context, relations, task, progress, notifier } = state;
  const { clock, log } = context;
  const session = await control.get();
  return { settings, relations, task, progress, notifier, clock, log, serverVersion, session };
}
