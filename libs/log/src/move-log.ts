import { dirname } from 'node:path';
import { damagedFile } from './errors.ts';
import type { Durability } from './durability.ts';
import type { LogState } from './log-state.ts';
import type { PartitionLog } from './partition-log.ts';
import { ProducerSnapshots } from './producer-snapshots.ts';
import { readBatches } from './read-batches.ts';

/** Read and copied at a time. */
const COPY_BYTES = 1024 * 1024;

/**
 * Copies batches behind the end of `copy` until it has all that the log has now. Answers how many bytes. `onCopied` is
 * told of each step, may take its time, and ends the copying by false.
 */
export async function copyBatches(
  from: PartitionLog,
  copy: PartitionLog,
  onCopied: (bytes: number) => Promise<boolean>,
): Promise<number> {
  let copiedBytes = 0;
  for (;;) {
    const offset = Math.max(copy.logEndOffset, from.logStartOffset);
    const bytesMax = Math.min(COPY_BYTES, from.config['segment.bytes']);
    const read = await from.read(offset, bytesMax, { minOneMessage: true, upTo: 'log-end' });
    if (read === 'offset-out-of-range' || read.bytes.byteLength === 0) return copiedBytes;
    copiedBytes += read.bytes.byteLength;
    // The bytes may be shared with readers; a follower's append keeps them as they are.
    const result = await copy.appendAsFollower(read.bytes);
    if (result.kind === 'refused') throw result.error;
    if (!(await onCopied(read.bytes.byteLength))) return copiedBytes;
  }
}

export interface Adoption {
  readonly state: LogState;
  readonly durability: Durability;
  readonly copy: PartitionLog;
  readonly to: string;
  readonly aside: string;
}

/** In the turn of the log, with nothing that waits for a flush: it goes on with the files of its copy. */
export async function adoptFolder(
  { state, durability, copy, to, aside }: Adoption,
  copied: LogState,
): Promise<void> {
  const { disk } = state.ports;
  if (state.findRefusal() !== undefined) throw damagedFile(state.folder, 'the log is not usable');
  // The reader takes the batches by the log's own limits; nothing is appended meanwhile.
  const { truncations } = state;
  await copyRest(state, copied, copy);
  if (copied.logEndOffset !== state.logEndOffset || truncations !== state.truncations) {
    throw damagedFile(
      copied.folder,
      `it ends at ${copied.logEndOffset}, not ${state.logEndOffset}`,
    );
  }
  await copy.flush();
  copied.active.finishIndexes();
  await copied.active.saveIndexes(true);
  await copied.snapshots.save(copied.logEndOffset, state.producers);
  const from = state.folder;
  await disk.rename(copied.folder, to);
  // INV-4: from here on both folders hold all of the log; a start keeps one of them.
  await disk.syncFolder(dirname(to));
  await disk.rename(from, aside);
  await disk.syncFolder(dirname(from));

  state.truncations += 1;
  state.tail.clear();
  state.segments.moveTo(aside);
  await state.segments.release();
  copied.segments.moveTo(to);
  state.segments = copied.segments;
  state.snapshots = new ProducerSnapshots(to, disk);
  state.folder = to;
  copied.isClosed = true;
  state.epochs.markDirty();
  await durability.saveEpochs();
}

/** As `copyBatches`, from within the turn of the log that is copied. */
async function copyRest(state: LogState, copied: LogState, copy: PartitionLog): Promise<void> {
  const limit = state.logEndOffset;
  const bytesMax = Math.min(COPY_BYTES, state.config['segment.bytes']);
  for (let offset = copied.logEndOffset; offset < limit;) {
    const segment = state.segments.at(offset);
    const { offsets } = await segment.indexes();
    const wanted = { offset, bytesMax, limit, minOne: true };
    const found = await state.ports.files.use(segment.file, (handle) =>
      readBatches({ handle, end: segment.bytes }, offsets.entryFor(offset), wanted),
    );
    if (found === 'damaged') throw damagedFile(segment.file.path, 'its batches are not right');
    if (found === undefined) {
      // Compaction left nothing here; at the end the copy begins a segment where the log does.
      offset = Math.max(offset, state.segments.after(segment)?.baseOffset ?? limit);
      if (offset === limit) await copy.rollAt(limit);
      continue;
    }
    const result = await copy.appendAsFollower(found.bytes);
    if (result.kind === 'refused') throw result.error;
    offset = copied.logEndOffset;
  }
}
