import { join } from 'node:path';
import type { DiskEntry } from './disk.ts';
import { damagedFile } from './errors.ts';
import { offsetFileName, parseOffsetFileName } from './files.ts';
import { LeaderEpochs } from './leader-epochs.ts';
import { parseProperties } from './checkpoint-files.ts';
import type { LogSummary } from './log-summary.ts';
import type { PartitionLogOptions } from './log-types.ts';
import { PartitionLog } from './partition-log.ts';
import { ProducerStates } from './producer-states.ts';
import { loadSnapshotAt, replayProducers } from './replay-producers.ts';
import { Segment, SEGMENT_SUFFIXES, type SegmentPorts } from './segment.ts';

/** A length field beyond it is damage, unless `max.message.bytes` allows more. */
const BATCH_BYTES_MAX = 128 * 1024 * 1024;
const EPOCH_FILE = 'leader-epoch-checkpoint';

export interface OpenLogOptions extends Omit<PartitionLogOptions, 'topicId'> {
  /** The last process stopped cleanly: all is durable and the indexes are right. */
  readonly isClean: boolean;
  /** From the checkpoint: all below is durable and was right. */
  readonly recoveryPoint: number;
  /** From the checkpoint; the first segment's base when higher. */
  readonly logStartOffset: number;
  readonly producersMax: number;
  /** What the last process left when it stopped cleanly. */
  readonly summary?: LogSummary | undefined;
}

/**
 * Opens the folder of a partition, or begins a log in it. After an unclean stop every batch from the
 * recovery point on is read and checked; at the first one that isn't right the log is cut and later
 * segments go (INV-7: such bytes were never acknowledged as durable, or the disk has lost them).
 */
export async function openPartitionLog(options: OpenLogOptions): Promise<PartitionLog> {
  const { ports } = options;
  const { disk } = ports;
  const owner: { log?: PartitionLog } = {};
  const segmentPorts: SegmentPorts = {
    disk,
    files: ports.files,
    indexes: ports.indexes,
    onSyncFailed: (error) => owner.log?.failDisk(error),
  };
  const opening = { options, segmentPorts, owner };
  return (await openBySummary(opening)) ?? (await openByFiles(opening));
}

interface Opening {
  readonly options: OpenLogOptions;
  readonly segmentPorts: SegmentPorts;
  readonly owner: { log?: PartitionLog };
}

/** Without a look into the files, by what the last process left when it stopped cleanly. */
async function openBySummary({
  options,
  segmentPorts,
  owner,
}: Opening): Promise<PartitionLog | undefined> {
  const { folder, ports, summary, isClean } = options;
  const last = summary?.segments.at(-1);
  if (!isClean || summary === undefined || last === undefined) return undefined;
  const nowMs = ports.clock.nowMs();
  const path = join(folder, offsetFileName(last.baseOffset, '.log'));
  if ((await ports.disk.sizeOf(path)) !== last.bytes) return undefined;
  const segments: Segment[] = [];
  for (const [index, found] of summary.segments.entries()) {
    const segment = new Segment(folder, found.baseOffset, nowMs, segmentPorts);
    segment.bytes = found.bytes;
    segment.syncedBytes = found.bytes;
    segment.nextOffset = summary.segments[index + 1]?.baseOffset ?? summary.logEndOffset;
    segment.firstTimestampMs = found.firstTimestampMs;
    segment.maxTimestampMs = found.maxTimestampMs;
    segment.maxTimestampOffset = found.maxTimestampOffset;
    if (found.hasAborted === true) await segment.loadAborted();
    segments.push(segment);
  }
  const end = summary.logEndOffset;
  const producers = new ProducerStates({ producersMax: options.producersMax });
  if (summary.producers === undefined) {
    const isLoaded = await loadSnapshotAt(end, ports.disk, folder, producers, nowMs);
    if (!isLoaded) return undefined;
  } else {
    for (const state of summary.producers) producers.set({ ...state, lastSeenMs: nowMs });
  }
  const topicId = summary.topicId;
  owner.log = new PartitionLog(
    { ...options, topicId },
    {
      segments,
      producers,
      epochs: LeaderEpochs.of(summary.epochs),
      logStartOffset: summary.logStartOffset,
      recoveryPoint: end,
      segmentPorts,
      hasSnapshot: true,
      areNamesDurable: true,
    },
  );
  return owner.log;
}

async function openByFiles({ options, segmentPorts, owner }: Opening): Promise<PartitionLog> {
  const { folder, ports } = options;
  const { disk, clock } = ports;
  const entries = await finishInterrupted(options, await disk.list(folder), segmentPorts);
  const names = new Set(entries.map((entry) => entry.name));
  const bases: number[] = [];
  for (const name of names) {
    const base = parseOffsetFileName(name, '.log');
    if (base !== undefined) bases.push(base);
  }
  bases.sort((left, right) => left - right);
  let segments: Segment[] = [];
  for (const [index, base] of bases.entries()) {
    const segment = new Segment(folder, base, clock.nowMs(), segmentPorts);
    segment.bytes = (await disk.sizeOf(segment.pathOf('.log'))) ?? 0;
    segment.syncedBytes = segment.bytes;
    segment.nextOffset = bases[index + 1] ?? base;
    if (names.has(offsetFileName(base, '.txnindex'))) await segment.loadAborted();
    segments.push(segment);
  }
  const recoveredFrom = await recoverSegments(options, segments);
  segments = recoveredFrom.segments;
  if (segments.length === 0) {
    const segment = new Segment(folder, options.logStartOffset, clock.nowMs(), segmentPorts);
    await segment.create();
    segments.push(segment);
  }
  const end = segments.at(-1)?.nextOffset ?? 0;
  await removeSnapshotsBeyond(end, options, names);
  const epochs = names.has(EPOCH_FILE) ? await readEpochs(options, end) : new LeaderEpochs();
  const producers = new ProducerStates({ producersMax: options.producersMax });
  await replayProducers({
    disk,
    folder,
    segments,
    producers,
    epochs,
    snapshotOffsetMax: Math.min(end, recoveredFrom.offset),
    nowMs: clock.nowMs(),
    names: [...names],
  });
  await saveAborted(options, segments);
  const topicId = names.has('partition.metadata') ? await readTopicId(options) : undefined;
  owner.log = new PartitionLog(
    { ...options, topicId },
    {
      segments,
      producers,
      epochs,
      logStartOffset: Math.min(Math.max(options.logStartOffset, segments[0]?.baseOffset ?? 0), end),
      recoveryPoint: end,
      segmentPorts,
      hasSnapshot: false,
      areNamesDurable: recoveredFrom.offset === Infinity,
    },
  );
  return owner.log;
}

/** Removes what an earlier process left half done, finishes what it had decided, and answers what is there. */
async function finishInterrupted(
  options: OpenLogOptions,
  entries: readonly DiskEntry[],
  segmentPorts: SegmentPorts,
): Promise<readonly DiskEntry[]> {
  const { folder, ports } = options;
  const swaps = entries.filter((entry) => entry.name.endsWith('.swap'));
  const leftovers = entries.filter((entry) => /\.(deleted|cleaned|tmp)$/.test(entry.name));
  for (const entry of leftovers) await ports.disk.remove(join(folder, entry.name));
  // A compacted segment under its .swap name is complete: it replaces the ones it was made from.
  const swapNames = new Set(swaps.map((swap) => swap.name));
  for (const swap of swaps) {
    const name = swap.name.slice(0, -'.swap'.length);
    const base = parseOffsetFileName(name, '.log');
    if (base === undefined) {
      // An index whose segment has no `.log.swap` belongs to an exchange that was not begun.
      if (!swapNames.has(`${name.slice(0, 20)}.log.swap`)) {
        await ports.disk.remove(join(folder, swap.name));
      }
      continue;
    }
    const swapBytes = (await ports.disk.sizeOf(join(folder, swap.name))) ?? 0;
    const compacted = new Segment(folder, base, 0, segmentPorts);
    compacted.file.path = join(folder, swap.name);
    await compacted.scan(0, swapBytes, false, Infinity, (header) => {
      compacted.nextOffset = header.baseOffset + header.lastOffsetDelta + 1;
      return undefined;
    });
    await ports.files.close(compacted.file);
    for (const entry of entries) {
      const old = parseOffsetFileName(entry.name, '.log');
      if (old === undefined || old < base || old >= Math.max(compacted.nextOffset, base + 1))
        continue;
      for (const suffix of SEGMENT_SUFFIXES) {
        await ports.disk.remove(join(folder, offsetFileName(old, suffix)));
      }
    }
    // The aborted transactions first: without its `.log.swap` that file would not be taken for finished.
    for (const suffix of ['.txnindex', '.index', '.timeindex']) {
      const index = offsetFileName(base, suffix);
      if (!swapNames.has(`${index}.swap`)) continue;
      await ports.disk.rename(join(folder, `${index}.swap`), join(folder, index));
    }
    await ports.disk.rename(join(folder, swap.name), join(folder, name));
  }
  if (swaps.length > 0) await ports.disk.syncFolder(folder);
  return swaps.length + leftovers.length > 0 ? ports.disk.list(folder) : entries;
}

/** Checks what must be checked. Answers the segments that remain, and from which offset they were doubted. */
async function recoverSegments(
  options: OpenLogOptions,
  segments: Segment[],
): Promise<{ readonly segments: Segment[]; readonly offset: number }> {
  const interval = options.config['index.interval.bytes'];
  const active = segments.at(-1);
  if (active === undefined) return { segments, offset: options.logStartOffset };
  if (options.isClean && (await active.openTail(active.bytes, interval))) {
    return { segments, offset: Infinity };
  }
  // The segment that holds the recovery point, and all after it; without a clean stop the active one anyway.
  const batchBytesMax = Math.max(BATCH_BYTES_MAX, options.config['max.message.bytes']);
  const first = Math.max(
    0,
    Math.min(
      segments.length - 1,
      segments.findLastIndex((segment) => segment.baseOffset <= options.recoveryPoint),
    ),
  );
  const doubted = segments.slice(first);
  // INV-4: the names of files that are in use from here on are durable too.
  await options.ports.disk.syncFolder(options.folder);
  for (const [index, segment] of doubted.entries()) {
    const fileBytes = segment.bytes;
    const result = await segment.recover(fileBytes, interval, batchBytesMax);
    const isLast = index === doubted.length - 1;
    // Saved at once: no later recovery reads this segment again. Those of the active one are built again anyway.
    if (!isLast) {
      segment.finishIndexes();
      await segment.saveIndexes(true);
    }
    if (result.problem === undefined) continue;
    const later = doubted.slice(index + 1);
    const fields = {
      topic: options.topic,
      partition: options.partition,
      problem: result.problem,
      offset: segment.nextOffset,
      cutBytes: fileBytes - result.validEnd + later.reduce((sum, gone) => sum + gone.bytes, 0),
    };
    options.ports.log.warn(fields, 'recovery cut the log at the first batch that is not right');
    for (const gone of later.reverse()) {
      for (const suffix of SEGMENT_SUFFIXES) await options.ports.disk.remove(gone.pathOf(suffix));
      await options.ports.files.close(gone.file);
    }
    const kept = segments.slice(0, first + index + 1);
    return { segments: kept, offset: doubted[0]?.baseOffset ?? 0 };
  }
  return { segments, offset: doubted[0]?.baseOffset ?? 0 };
}

/** Of closed segments: the next start finds the recovery point, and a producer snapshot, behind them (INV-7). */
async function saveAborted(
  { ports, folder }: OpenLogOptions,
  segments: readonly Segment[],
): Promise<void> {
  let isAnySaved = false;
  for (const segment of segments.slice(0, -1)) {
    if (await segment.saveAborted(true)) isAnySaved = true;
  }
  if (isAnySaved) await ports.disk.syncFolder(folder);
}

/** Snapshots of records that were lost: other records get their offsets, and a later start would believe them. */
async function removeSnapshotsBeyond(
  end: number,
  { folder, ports }: OpenLogOptions,
  names: Set<string>,
): Promise<void> {
  for (const name of names) {
    if ((parseOffsetFileName(name, '.snapshot') ?? 0) <= end) continue;
    await ports.disk.remove(join(folder, name));
    names.delete(name);
  }
}

async function readEpochs(options: OpenLogOptions, end: number): Promise<LeaderEpochs> {
  const path = join(options.folder, EPOCH_FILE);
  const bytes = await options.ports.disk.readWhole(path);
  const epochs = bytes && LeaderEpochs.decode(Buffer.from(bytes).toString());
  if (bytes !== undefined && epochs === undefined) {
    const { ports, topic, partition } = options;
    ports.log.warn({ topic, partition }, 'the leader epoch file is damaged; epochs start anew');
  }
  if (epochs === undefined) return new LeaderEpochs();
  epochs.truncateFrom(end);
  return epochs;
}

/** `partition.metadata`: "version: 0" and "topic_id: …". */
async function readTopicId(options: OpenLogOptions): Promise<string | undefined> {
  const path = join(options.folder, 'partition.metadata');
  const bytes = await options.ports.disk.readWhole(path);
  if (bytes === undefined) return undefined;
  const text = Buffer.from(bytes).toString().replaceAll(': ', '=');
  const properties = parseProperties(text);
  const topicId = properties.get('topic_id');
  if (properties.get('version') !== '0' || topicId === undefined) {
    throw damagedFile(path, 'expected version: 0 and a topic_id');
  }
  return topicId;
}
