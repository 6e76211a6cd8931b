import type { Clock } from '@millrace/foundation';
import { quoteText } from '../catalog.ts';
import { CopySession } from '../copy-session.ts';
import type { Settings } from '../settings.ts';
import type { SnapshotChunk } from './snapshot-plan.ts';

/** A connection that reads chunks; the next statement is sent before the last one has ended, so it never waits. */
export interface Lane {
  readonly copy: CopySession;
  /** Sent and not ended, in order. */
  readonly chunks: SnapshotChunk[];
}

export interface LaneOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly count: number;
  /** The snapshot that a slot exported; null: one is taken now. */
  readonly snapshotName: string | null;
  readonly signal: AbortSignal;
}

/** The server is ahead by what the kernel holds anyway; more than that only leaves the processor's cache. */
const READ_AHEAD_BYTES_MAX = 1 << 20;

const ISOLATION: Readonly<Record<string, string>> = {
  serializable: 'SERIALIZABLE',
  repeatable_read: 'REPEATABLE READ',
  read_committed: 'READ COMMITTED',
  read_uncommitted: 'READ UNCOMMITTED',
};

/** Connections that all see the same moment. Once resolved, whoever exported the snapshot may let it go. */
export async function openLanes(options: LaneOptions): Promise<readonly Lane[]> {
  const { settings, clock, count, signal } = options;
  const lanes: Lane[] = [];
  let snapshotName = options.snapshotName;
  try {
    for (let index = 0; index < count; index++) {
      const copy = await CopySession.open(
        settings,
        {
          clock,
          bytesMax: Math.min(READ_AHEAD_BYTES_MAX, Math.ceil(settings.queueBytesMax / count)),
        },
        signal,
      );
      lanes.push({ copy, chunks: [] });
      // One moment for all tables, whatever the setting; without a slot there is none to stand at, and it decides.
      const isolation =
        snapshotName === null && count === 1
          ? (ISOLATION[settings.config['snapshot.isolation.mode']] ?? 'REPEATABLE READ')
          : 'REPEATABLE READ';
      await copy.query(`BEGIN TRANSACTION ISOLATION LEVEL ${isolation} READ ONLY`, signal);
      if (snapshotName !== null)
        await copy.query(`SET TRANSACTION SNAPSHOT ${quoteText(snapshotName)}`, signal);
      else if (count > 1)
        snapshotName =
          (await copy.query('SELECT pg_catalog.pg_export_snapshot()', signal))[0]?.[0] ?? null;
    }
    return lanes;
  } catch (error) {
    await closeLanes(lanes);
    throw error;
  }
}

export async function closeLanes(lanes: readonly Lane[], timeoutMs = 2000): Promise<void> {
  await Promise.all(lanes.map((lane) => lane.copy.close(timeoutMs)));
}

/** Until one of them has news, or time is up. */
export async function waitForAny(
  lanes: readonly Lane[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const [only] = lanes;
  if (only === undefined) return;
  if (lanes.length === 1) {
    await only.copy.socket.waitForBytes(timeoutMs, signal);
    return;
  }
  const woken = new AbortController();
  const either = AbortSignal.any([signal, woken.signal]);
  const waits = lanes.map((lane) => lane.copy.socket.waitForBytes(timeoutMs, either));
  try {
    await Promise.race(waits);
  } finally {
    woken.abort();
    await Promise.allSettled(waits);
  }
}
