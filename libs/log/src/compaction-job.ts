import type { Clock } from '@millrace/foundation';
import type { AbortedTransaction } from './aborted-transactions.ts';
import {
  abortedAmong,
  cleanRules,
  copyCleaned,
  groupSegments,
  mapKeys,
  type Reading,
} from './compaction.ts';
import type { Disk } from './disk.ts';
import { OpenFiles } from './open-files.ts';
import { IndexMemory } from './index-memory.ts';
import { Segment, type SegmentPorts } from './segment.ts';
import { Throttle } from './throttle.ts';

/** A compaction as data, so that another thread can do it. */
export interface CompactionJob {
  readonly folder: string;
  /** All that may be cleaned, from the log start on. */
  readonly segments: readonly SegmentSpec[];
  /** Records from here on supersede older ones. */
  readonly fromOffset: number;
  readonly keysMax: number;
  readonly bytesPerSecondMax: number;
  readonly bufferBytes: number;
  readonly aborted: readonly AbortedTransaction[];
  /** Producer id and the last offset of its last batch: that one stays as an empty batch. */
  readonly lastOffsets: readonly (readonly [producerId: number, lastOffset: number])[];
  readonly nowMs: number;
  readonly deleteRetentionMs: number;
  readonly segmentBytes: number;
  readonly indexIntervalBytes: number;
}

export interface SegmentSpec {
  readonly baseOffset: number;
  readonly nextOffset: number;
  readonly bytes: number;
  readonly aborted: readonly AbortedTransaction[];
}

/** What has been copied into a `.cleaned` file, durably: the segments `first` to `first + count` of the job. */
export interface CleanedGroup {
  readonly first: number;
  readonly count: number;
  readonly bytes: number;
  readonly firstTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly maxTimestampOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** The bytes of the index files. */
  readonly offsets: Uint8Array;
  readonly times: Uint8Array;
}

export interface CompactionOutcome {
  /** Not when a group could not be put in place: the log has changed meanwhile. */
  readonly isComplete: boolean;
  readonly endOffset: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** How full the key map was, 0 to 1. */
  readonly mapFill: number;
}

/** Puts a group in the place of its segments. False: the rest is not wanted. */
export type TakeGroup = (group: CleanedGroup) => Promise<boolean>;

export interface CompactionRunner {
  run(job: CompactionJob, takeGroup: TakeGroup): Promise<CompactionOutcome>;
  /** Nothing will come for a while. */
  rest(): Promise<void>;
}

/** On this thread. */
export class InlineCompaction implements CompactionRunner {
  readonly #disk: Disk;
  readonly #clock: Clock;

  constructor(disk: Disk, clock: Clock) {
    this.#disk = disk;
    this.#clock = clock;
  }

  run(job: CompactionJob, takeGroup: TakeGroup): Promise<CompactionOutcome> {
    return runCompaction(job, this.#disk, this.#clock, takeGroup);
  }

  rest(): Promise<void> {
    return Promise.resolve();
  }
}

/** Files that one compaction holds open: each segment is read from begin to end. */
const FILES_MAX = 8;

/** Both passes: the last offset of each key, then copies of what stays, group by group. */
export async function runCompaction(
  job: CompactionJob,
  disk: Disk,
  clock: Clock,
  takeGroup: TakeGroup,
): Promise<CompactionOutcome> {
  const files = new OpenFiles(disk, FILES_MAX);
  const ports: SegmentPorts = {
    disk,
    files,
    indexes: new IndexMemory(0),
    isReader: true,
    onSyncFailed: () => undefined,
  };
  const segments = job.segments.map((spec) => segmentOf(job.folder, spec, ports));
  const throttle = new Throttle(clock, job.bytesPerSecondMax);
  const reading: Reading = { files, throttle, bufferBytes: job.bufferBytes };
  try {
    const isAborted = abortedAmong(job.aborted);
    const dirty = segments.filter(({ nextOffset }) => nextOffset > job.fromOffset);
    const map = await mapKeys(dirty, reading, job.fromOffset, job.keysMax, isAborted);
    const outcome = { endOffset: map.endOffset, mapFill: map.offsets.fill, bytesWritten: 0 };
    // Not one batch fits in the map.
    if (map.endOffset <= job.fromOffset) {
      return { ...outcome, isComplete: false, bytesRead: throttle.bytes };
    }
    const { rules, onKept } = cleanRules(map.offsets, isAborted, job);
    const cleanable = segments.filter(({ baseOffset }) => baseOffset < map.endOffset);
    let first = 0;
    for (const group of groupSegments(cleanable, job.segmentBytes)) {
      const [base] = group;
      if (base === undefined) continue;
      const target = new Segment(job.folder, base.baseOffset, 0, ports);
      target.file.path = target.pathOf('.log.cleaned');
      await copyCleaned(group, {
        ...reading,
        disk,
        target,
        rules,
        onKept,
        indexIntervalBytes: job.indexIntervalBytes,
      });
      for (const segment of group) await files.close(segment.file);
      outcome.bytesWritten += target.bytes;
      const isTaken = await takeGroup({
        first,
        count: group.length,
        bytes: target.bytes,
        firstTimestampMs: target.firstTimestampMs,
        maxTimestampMs: target.maxTimestampMs,
        maxTimestampOffset: target.maxTimestampOffset,
        aborted: target.aborted,
        ...target.encodeIndexes(),
      });
      first += group.length;
      if (!isTaken) return { ...outcome, isComplete: false, bytesRead: throttle.bytes };
    }
    return { ...outcome, isComplete: true, bytesRead: throttle.bytes };
  } finally {
    for (const segment of segments) await files.close(segment.file);
  }
}

function segmentOf(folder: string, spec: SegmentSpec, ports: SegmentPorts): Segment {
  const segment = new Segment(folder, spec.baseOffset, 0, ports);
  segment.bytes = spec.bytes;
  segment.nextOffset = spec.nextOffset;
  segment.aborted = [...spec.aborted];
  return segment;
}
