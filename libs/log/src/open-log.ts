import { join } from 'node:path';
import type { DiskEntry } from './disk.ts';
import { damagedFile } from './errors.ts';
import { parseOffsetFileName } from './files.ts';
import { LeaderEpochs } from './leader-epochs.ts';
import { parseProperties } from './checkpoint-files.ts';
import type { PartitionLogOptions } from './log-types.ts';
import { PartitionLog } from './partition-log.ts';
import { ProducerStates } from './producer-states.ts';
import { replayProducers } from './replay-producers.ts';
import { Segment, SEGMENT_SUFFIXES, type SegmentPorts } from './segment.ts';

/** A length field beyond it is damage, unless `max.message.bytes` allows more. */
const BATCH_BYTES_MAX = 128 * 1024 * 1024;

export interface OpenLogOptions extends Omit<PartitionLogOptions, 'topicId'> {
  /** The last process stopped cleanly: all is durable and the indexes are right. */
  readonly isClean: boolean;
  /** From the checkpoint: all below is durable and was right. */
  readonly recoveryPoint: number;
  /** From the checkpoint; the first segment's base when higher. */
  readonly logStartOffset: number;
  readonly producersMax: number;
}

/**
 * Opens the folder of a partition, or begins a log in it. After an unclean stop every batch from the
 * recovery point on is read and checked; at the first one that isn't right the log is cut and later
 * segments go (INV-7: such bytes were never acknowledged as durable, or the disk has lost them).
 */
export async function openPartitionLog(options: OpenLogOptions): Promise<PartitionLog> {
  const { folder, ports } = options;
  const { disk, clock } = ports;
  const owner: { log?: PartitionLog } = {};
  const segmentPorts: SegmentPorts = {
    disk,
    files: ports.files,
    indexes: ports.indexes,
    onSyncFailed: (error) => owner.log?.failDisk(error),
  };
  const entries = await finishInterrupted(options, await disk.list(folder), segmentPorts);
  const found = entries
    .map((entry) => ({ size: entry.size, base: parseOffsetFileName(entry.name, '.log') }))
    .filter((entry): entry is { size: number; base: number } => entry.base !== undefined)
    .sort((left, right) => left.base - right.base);
  const names = new Set(entries.map((entry) => entry.name));
  let segments: Segment[] = [];
  for (const [index, { base, size }] of found.entries()) {
    const segment = new Segment(folder, base, clock.nowMs(), segmentPorts);
    segment.bytes = size;
    segment.syncedBytes = size;
    segment.nextOffset = found[index + 1]?.base ?? base;
    if (names.has(`${String(base).padStart(20, '0')}.txnindex`)) await segment.loadAborted();
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
  const epochs = await readEpochs(options, end);
  const producers = new ProducerStates({ producersMax: options.producersMax });
  await replayProducers({
    disk,
    folder,
    segments,
    producers,
    epochs,
    snapshotOffsetMax: Math.min(end, recoveredFrom.offset),
    nowMs: clock.nowMs(),
  });
  const topicId = await readTopicId(options);
  const log = new PartitionLog(
    { ...options, topicId },
    {
      segments,
      producers,
      epochs,
      logStartOffset: Math.min(Math.max(options.logStartOffset, segments[0]?.baseOffset ?? 0), end),
      recoveryPoint: end,
      segmentPorts,
    },
  );
  owner.log = log;
  return log;
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
  for (const swap of swaps) {
    const name = swap.name.slice(0, -'.swap'.length);
    const base = parseOffsetFileName(name, '.log');
    if (base === undefined) {
      await ports.disk.rename(join(folder, swap.name), join(folder, name));
      continue;
    }
    const compacted = new Segment(folder, base, 0, segmentPorts);
    compacted.file.path = join(folder, swap.name);
    await compacted.scan(0, swap.size, false, Infinity, (header) => {
      compacted.nextOffset = header.baseOffset + header.lastOffsetDelta + 1;
      return undefined;
    });
    await ports.files.close(compacted.file);
    for (const entry of entries) {
      const old = parseOffsetFileName(entry.name, '.log');
      if (old === undefined || old < base || old >= Math.max(compacted.nextOffset, base + 1))
        continue;
      for (const suffix of SEGMENT_SUFFIXES) {
        await ports.disk.remove(join(folder, String(old).padStart(20, '0') + suffix));
      }
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
    if (!isLast) segment.finishIndexes();
    // Saved at once: whoever opens the folder next may trust them.
    await segment.saveIndexes(true);
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

async function readEpochs(options: OpenLogOptions, end: number): Promise<LeaderEpochs> {
  const path = join(options.folder, 'leader-epoch-checkpoint');
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
