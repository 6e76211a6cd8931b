import { join } from 'node:path';
import { isControl, openBatchSync, readControlMarker } from '@millrace/kafka-protocol';
import type { Disk } from './disk.ts';
import { offsetFileName, parseOffsetFileName } from './files.ts';
import type { LeaderEpochs } from './leader-epochs.ts';
import { decodeProducerSnapshot } from './producer-snapshot.ts';
import type { ProducerStates } from './producer-states.ts';
import type { Segment } from './segment.ts';

export interface Replay {
  readonly disk: Disk;
  readonly folder: string;
  readonly segments: readonly Segment[];
  readonly producers: ProducerStates;
  readonly epochs: LeaderEpochs;
  /** Newer snapshots are not to be trusted. */
  readonly snapshotOffsetMax: number;
  readonly nowMs: number;
  /** The files of the folder, when they are known. */
  readonly names?: readonly string[];
}

/** Fills the producer states (and epochs) from the newest good snapshot and the batches after it. */
export async function replayProducers(replay: Replay): Promise<void> {
  const { producers, epochs, segments, nowMs } = replay;
  producers.clear();
  const from = await loadSnapshot(replay);
  for (const segment of segments) {
    if (segment.nextOffset <= from || segment.bytes === 0) continue;
    segment.aborted = segment.aborted.filter((entry) => entry.lastOffset < from);
    const position = from <= segment.baseOffset ? 0 : await segment.locate(from);
    await segment.scan(position, segment.bytes, false, Infinity, (header, _, __, bytes, at) => {
      if (header.baseOffset < from) return undefined;
      epochs.assign(header.partitionLeaderEpoch, header.baseOffset);
      if (header.producerId < 0) return undefined;
      const marker = isControl(header.attributes)
        ? readControlMarker(openBatchSync(bytes, at))
        : undefined;
      const ended = producers.replay(header, header.baseOffset, marker, nowMs);
      if (ended?.isAborted === true) {
        const lastStableOffset = Math.min(producers.firstOpenOffset(), ended.lastOffset + 1);
        segment.aborted.push({
          producerId: ended.producerId,
          firstOffset: ended.firstOffset,
          lastOffset: ended.lastOffset,
          lastStableOffset,
        });
      }
      return undefined;
    });
  }
}

/** The offset from which batches must be replayed. */
async function loadSnapshot(replay: Replay): Promise<number> {
  const { disk, folder, producers, snapshotOffsetMax, nowMs } = replay;
  const names = replay.names ?? (await disk.list(folder)).map(({ name }) => name);
  const offsets: number[] = [];
  for (const name of names) {
    const offset = parseOffsetFileName(name, '.snapshot');
    if (offset !== undefined && offset <= snapshotOffsetMax) offsets.push(offset);
  }
  for (const offset of offsets.sort((left, right) => right - left)) {
    if (await loadSnapshotAt(offset, disk, folder, producers, nowMs)) return offset;
  }
  return 0;
}

/** False when the snapshot of `offset` is not there or damaged. */
export async function loadSnapshotAt(
  offset: number,
  disk: Disk,
  folder: string,
  producers: ProducerStates,
  nowMs: number,
): Promise<boolean> {
  const bytes = await disk.readWhole(join(folder, offsetFileName(offset, '.snapshot')));
  const states = bytes && decodeProducerSnapshot(bytes, nowMs);
  if (states === undefined) return false;
  for (const state of states) producers.set(state);
  return true;
}
