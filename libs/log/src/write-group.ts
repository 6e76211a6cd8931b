import { isControl, openBatchSync, readControlMarker } from '@millrace/kafka-protocol';
import type { CheckedBatch } from './check-append.ts';
import type { LeaderEpochs } from './leader-epochs.ts';
import type { OpenFiles } from './open-files.ts';
import type { ProducerStates } from './producer-states.ts';
import type { Segment } from './segment.ts';
import type { Group, QueuedAppend } from './stage-group.ts';

/** Writes a group behind what the segment holds. When it throws, nothing of it is in the file. */
export async function writeGroup(files: OpenFiles, segment: Segment, group: Group): Promise<void> {
  const position = segment.bytes;
  await files.use(segment.file, async (handle) => {
    segment.file.isDirty = true;
    try {
      await handle.write(position, group.slices);
    } catch (error) {
      // Rests of the failed write must not come back to life at the next recovery.
      await handle.truncate(position);
      throw error;
    }
  });
}

/** What is kept in memory of the batches of a log. */
export interface Memory {
  readonly segment: Segment;
  readonly epochs: LeaderEpochs;
  readonly producers: ProducerStates;
  readonly indexIntervalBytes: number;
}

/** The group is in the file: notes it in everything that is kept in memory. */
export function noteGroup(group: Group, memory: Memory): void {
  const { segment, epochs, indexIntervalBytes } = memory;
  let position = segment.bytes;
  for (const append of group.appends) {
    const { result } = append;
    if (result === undefined || result.isDuplicate) continue;
    let offset = result.baseOffset;
    for (const { at, size, header } of append.batches) {
      if (append.origin === 'follower') offset = header.baseOffset;
      const lastOffset = offset + header.lastOffsetDelta;
      const timestampMs =
        result.logAppendTimeMs >= 0 ? result.logAppendTimeMs : header.maxTimestamp;
      segment.noteBatch(lastOffset, timestampMs, position, size, indexIntervalBytes);
      const epoch = append.origin === 'follower' ? header.partitionLeaderEpoch : append.leaderEpoch;
      epochs.assign(epoch, offset);
      if (header.producerId >= 0) {
        noteProducer(memory, append, at, header, offset, timestampMs, group.nowMs);
      }
      position += size;
      offset = lastOffset + 1;
    }
  }
}

function noteProducer(
  { segment, producers }: Memory,
  append: QueuedAppend,
  at: number,
  header: CheckedBatch['header'],
  offset: number,
  timestampMs: number,
  nowMs: number,
): void {
  const marker = isControl(header.attributes)
    ? readControlMarker(openBatchSync(append.bytes, at))
    : undefined;
  const stamped = { ...header, maxTimestamp: timestampMs };
  const ended = producers.replay(stamped, offset, marker, nowMs);
  if (ended?.isAborted !== true) return;
  segment.aborted.push({
    producerId: ended.producerId,
    firstOffset: ended.firstOffset,
    lastOffset: ended.lastOffset,
    lastStableOffset: Math.min(producers.firstOpenOffset(), ended.lastOffset + 1),
  });
}
