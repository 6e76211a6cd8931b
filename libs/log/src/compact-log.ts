import { must } from '@millrace/foundation';
import type { CleanedGroup, CompactionJob, CompactionRunner } from './compaction-job.ts';
import { findDirty } from './compaction.ts';
import { damagedFile } from './errors.ts';
import type { LogState } from './log-state.ts';
import type { Segment } from './segment.ts';

/** How a compaction is done: by whom, and within which bounds. */
export interface CompactionRun {
  readonly runner: CompactionRunner;
  /** Keys held in memory (INV-6). */
  readonly keysMax: number;
  /** `log.cleaner.io.max.bytes.per.second`, read and written together. */
  readonly bytesPerSecondMax: number;
  /** Read at a time. */
  readonly bufferBytes: number;
}

/** Compacts the closed segments of a log as far as the key map goes. Answers up to which offset it is clean now. */
export async function compactLog(
  state: LogState,
  cleanedUpTo: number,
  run: CompactionRun,
): Promise<number> {
  const nowMs = state.ports.clock.nowMs();
  const { segments, dirty } = await findDirty(state.segments.closed, cleanedUpTo, {
    config: state.config,
    limit: state.lastStableOffset,
    nowMs,
  });
  const [firstDirty] = dirty;
  if (firstDirty === undefined) return cleanedUpTo;
  const { truncations } = state;
  const fromOffset = Math.max(cleanedUpTo, firstDirty.baseOffset);
  state.isCompacting = true;
  try {
    const job = jobOf(state, segments, fromOffset, nowMs, run);
    const outcome = await run.runner.run(job, (group) => {
      const replaced = segments.slice(group.first, group.first + group.count);
      return state.exclusive.run(() => swap(state, replaced, group, truncations));
    });
    return outcome.isComplete ? Math.max(cleanedUpTo, outcome.endOffset) : cleanedUpTo;
  } finally {
    state.isCompacting = false;
  }
}

function jobOf(
  state: LogState,
  segments: readonly Segment[],
  fromOffset: number,
  nowMs: number,
  run: CompactionRun,
): CompactionJob {
  const { config, folder, producers } = state;
  const lastOffsets: [number, number][] = [];
  for (const { producerId, batches } of producers.values()) {
    const last = batches.at(-1);
    if (last !== undefined) lastOffsets.push([producerId, last.lastOffset]);
  }
  return {
    folder,
    segments: segments.map(({ baseOffset, nextOffset, bytes, aborted }) => ({
      baseOffset,
      nextOffset,
      bytes,
      aborted: [...aborted],
    })),
    fromOffset,
    keysMax: run.keysMax,
    bytesPerSecondMax: run.bytesPerSecondMax,
    bufferBytes: run.bufferBytes,
    aborted: [...state.segments.abortedBetween(0, state.lastStableOffset)],
    lastOffsets,
    nowMs,
    deleteRetentionMs: config['delete.retention.ms'],
    segmentBytes: config['segment.bytes'],
    indexIntervalBytes: config['index.interval.bytes'],
  };
}

/** Puts a compacted segment in the place of those it was made from. Any crash leaves the old or the new. */
async function swap(
  state: LogState,
  replaced: readonly Segment[],
  group: CleanedGroup,
  truncations: number,
): Promise<boolean> {
  const { disk, indexes } = state.ports;
  const base = must(replaced[0], 'a group has segments').baseOffset;
  const target = state.segments.newSegment(base);
  target.file.path = target.pathOf('.log.cleaned');
  const isStale = replaced.some((segment) => !state.segments.all.includes(segment));
  if (isStale || state.isClosed || state.isOffline || truncations !== state.truncations) {
    await disk.remove(target.file.path);
    return false;
  }
  target.bytes = group.bytes;
  target.syncedBytes = group.bytes;
  target.nextOffset = must(replaced.at(-1), 'a group has segments').nextOffset;
  target.firstTimestampMs = group.firstTimestampMs;
  target.maxTimestampMs = group.maxTimestampMs;
  target.maxTimestampOffset = group.maxTimestampOffset;
  target.aborted = [...group.aborted];
  if (!target.takeIndexes(group.offsets, group.times)) {
    throw damagedFile(target.file.path, 'its indexes are not right');
  }
  await state.segments.exchange(replaced, target, state.config['file.delete.delay.ms']);
  state.tail.dropThrough(target.nextOffset);
  await disk.syncFolder(state.folder);
  await target.saveIndexes(true);
  indexes.touch(target);
  const gone = new Set(replaced.slice(1).map((segment) => segment.baseOffset));
  await state.snapshots.removeWhere((offset) => gone.has(offset));
  return true;
}
