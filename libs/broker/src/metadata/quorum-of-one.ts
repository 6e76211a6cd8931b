import { join } from 'node:path';
import { RecordBatchBuilder } from '@millrace/kafka-protocol';
import type { Clock, Logger } from '@millrace/foundation';
import {
  DEFAULT_LOG_CONFIG,
  NEVER,
  openStandaloneLog,
  type Disk,
  type PartitionLog,
} from '@millrace/log';
import { damagedMetadata, metadataNotWritten, notSoleVoter } from '../errors.ts';
import {
  controlBatch,
  ControlType,
  kraftVersion,
  leaderChange,
  voterIdsOf,
  votersRecord,
  type ControlRecord,
  type Voter,
} from './control-batch.ts';
import { METADATA_TOPIC } from '../topic-names.ts';
import { applyMetadata } from './image-builder.ts';
import { EMPTY_IMAGE, type MetadataImage } from './metadata-image.ts';
import type { MetadataLog, QuorumState } from './metadata-log.ts';
import type { MetadataRecord } from './metadata-records.ts';
import { leaderState, readQuorumState, writeQuorumState } from './quorum-state.ts';
import { encodeMetadataRecord } from './record-codec.ts';
import { replay, type Replayed } from './replay.ts';
import {
  listSnapshots,
  readSnapshot,
  snapshotName,
  writeSnapshot,
  type SnapshotId,
} from './snapshots.ts';

export const METADATA_FOLDER = `${METADATA_TOPIC}-0`;
/** Kafka's own id of this topic. */
export const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';

export interface QuorumOfOneOptions {
  /** The first of `log.dirs`, locked by the caller. */
  readonly logDir: string;
  readonly voter: Voter;
  /** `metadata.log.segment.bytes` */
  readonly segmentBytes: number;
  /** `metadata.log.max.record.bytes.between.snapshots` */
  readonly bytesBetweenSnapshots: number;
  /** Made true together with the first record, in a log that has none. */
  readonly bootstrap: () => Promise<readonly MetadataRecord[]>;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The newest snapshot and one before it, should the newest be damaged. */
const SNAPSHOTS_KEPT = 2;

/**
 * The metadata log of a quorum of one voter: a partition folder as KRaft writes it. One decision is
 * one record batch, so that it is there whole or not at all; it is fsynced before it shows (INV-7).
 * Each start leads in a higher epoch. Bounded by snapshots (INV-6): after `bytesBetweenSnapshots` of
 * records the image is written to a checkpoint file, and the log before the last but one goes.
 */
export class QuorumOfOne implements MetadataLog {
  readonly #options: QuorumOfOneOptions;
  readonly #folder: string;
  readonly #leaderEpoch: number;
  readonly #log: PartitionLog;
  readonly #controls: readonly ControlRecord[];
  #image: MetadataImage;
  #appliedOffset: number;
  #timestampMs: number;
  #bytesSinceSnapshot: number;
  #snapshotting: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    options: QuorumOfOneOptions,
    leaderEpoch: number,
    log: PartitionLog,
    replayed: Replayed,
  ) {
    this.#options = options;
    this.#folder = join(options.logDir, METADATA_FOLDER);
    this.#leaderEpoch = leaderEpoch;
    this.#log = log;
    this.#controls = controlsFor(options.voter, replayed);
    this.#image = replayed.image;
    this.#appliedOffset = log.logEndOffset - 1;
    this.#timestampMs = replayed.timestampMs;
    this.#bytesSinceSnapshot = replayed.bytes;
  }

  /** Throws `broker.metadata_damaged` when what is there can't be read. */
  static async open(options: QuorumOfOneOptions): Promise<QuorumOfOne> {
    const { disk, logDir, voter } = options;
    const folder = join(logDir, METADATA_FOLDER);
    const { log, replayed, snapshotEpoch } = await load(options, folder);
    try {
      const state = await readQuorumState(disk, folder);
      // Higher than all that was ever led or voted in, and durable before it is used. With its files lost, a log knows
      // of it from the snapshot alone.
      const leaderEpoch = Math.max(state?.leaderEpoch ?? 0, log.latestEpoch, snapshotEpoch) + 1;
      await writeQuorumState(disk, folder, leaderState(voter.nodeId, leaderEpoch));
      const quorum = new QuorumOfOne(options, leaderEpoch, log, replayed);
      await quorum.#begin(replayed);
      return quorum;
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  get image(): MetadataImage {
    return this.#image;
  }

  get appliedOffset(): number {
    return this.#appliedOffset;
  }

  get quorum(): QuorumState {
    const { nodeId, directoryId } = this.#options.voter;
    const { logEndOffset, highWatermark } = this.#log;
    return {
      leaderId: nodeId,
      leaderEpoch: this.#leaderEpoch,
      logEndOffset,
      highWatermark,
      directoryId,
    };
  }

  change(decide: (image: MetadataImage) => readonly MetadataRecord[]): Promise<MetadataImage> {
    const changed = this.#last.then(() => this.#change(decide));
    // The next change goes on whatever became of this one.
    this.#last = changed.catch(() => undefined);
    return changed;
  }

  /** Ends when all changes under way are made. */
  async close(): Promise<void> {
    await this.#last;
    await this.#snapshotting;
    await this.#log.close();
  }

  async #begin(replayed: Replayed): Promise<void> {
    const { voter, clock, bootstrap } = this.#options;
    const isNew = replayed.controls.length === 0;
    const controls = [leaderChange(voter.nodeId, [voter]), ...(isNew ? this.#controls : [])];
    const leaderEpoch = this.#leaderEpoch;
    await this.#append(controlBatch(controls, clock.nowMs(), { leaderEpoch }));
    if (replayed.hasOpenTransaction)
      await this.change(() => [{ kind: 'abort-transaction', reason: 'its controller stopped' }]);
    const isBlank = this.#image.features.size === 0 && this.#image.topicsById.size === 0;
    if (isBlank) {
      const records = await bootstrap();
      await this.change(() => records);
    }
  }

  async #change(
    decide: (image: MetadataImage) => readonly MetadataRecord[],
  ): Promise<MetadataImage> {
    const records = decide(this.#image);
    if (records.length === 0) return this.#image;
    const next = applyMetadata(this.#image, records);
    const nowMs = this.#options.clock.nowMs();
    const builder = new RecordBatchBuilder();
    for (const record of records) builder.append(null, encodeMetadataRecord(record), nowMs);
    // INV-7: visible only once durable.
    await this.#append(builder.buildSync());
    this.#image = next;
    this.#timestampMs = nowMs;
    this.#snapshotIfDue();
    return next;
  }

  async #append(batch: Uint8Array): Promise<void> {
    const { byteLength } = batch;
    const result = await this.#log.append(batch, {
      leaderEpoch: this.#leaderEpoch,
      flush: 'every-append',
      origin: 'coordinator',
    });
    if (result.kind === 'refused') throw metadataNotWritten(result.error);
    this.#appliedOffset = result.lastOffset;
    this.#bytesSinceSnapshot += byteLength;
  }

  #snapshotIfDue(): void {
    if (this.#bytesSinceSnapshot < this.#options.bytesBetweenSnapshots) return;
    this.#snapshotting ??= this.#snapshot()
      .catch((error: unknown) => {
        this.#options.log.warn(
          { err: error },
          'no snapshot of the metadata could be written, so its log grows; it is tried again',
        );
      })
      .finally(() => (this.#snapshotting = undefined));
  }

  async #snapshot(): Promise<void> {
    const { disk } = this.#options;
    const id = { endOffset: this.#appliedOffset + 1, epoch: this.#leaderEpoch };
    const bytes = this.#bytesSinceSnapshot;
    await writeSnapshot(disk, this.#folder, id, {
      image: this.#image,
      timestampMs: this.#timestampMs,
      controls: this.#controls,
    });
    this.#bytesSinceSnapshot -= bytes;
    const snapshots = await listSnapshots(disk, this.#folder);
    const oldest = snapshots[SNAPSHOTS_KEPT - 1];
    if (oldest === undefined) return;
    await this.#log.deleteRecordsBefore(oldest.endOffset);
    for (const old of snapshots.slice(SNAPSHOTS_KEPT))
      await disk.remove(join(this.#folder, snapshotName(old)));
    await this.#log.deleteFilesDue(Infinity);
  }
}

/** Those of the log, unless it is of another voter or has none. */
function controlsFor(voter: Voter, { controls }: Replayed): readonly ControlRecord[] {
  return controls.length > 0 ? controls : [kraftVersion(), votersRecord([voter])];
}

interface Loaded {
  readonly log: PartitionLog;
  readonly replayed: Replayed;
  /** 0 without a snapshot. */
  readonly snapshotEpoch: number;
}

async function load(options: QuorumOfOneOptions, folder: string): Promise<Loaded> {
  const { disk } = options;
  await disk.makeFolder(folder);
  const found = await newestSnapshot(options, folder);
  const from = found?.id.endOffset ?? 0;
  let log = await openLog(options, folder, from);
  try {
    if (log.logEndOffset < from) {
      // The disk has lost the end of the log; all of it is in the snapshot.
      await log.close();
      await removeSegments(disk, folder);
      log = await openLog(options, folder, from);
    }
    if (log.logStartOffset > from)
      throw damagedMetadata(folder, new Error(`no snapshot leads to offset ${log.logStartOffset}`));
    const base = found?.content ?? { image: EMPTY_IMAGE, timestampMs: -1, controls: [] };
    const replayed = await replay(log, from, base);
    checkVoters(replayed.controls, options.voter.nodeId);
    return { log, replayed, snapshotEpoch: found?.id.epoch ?? 0 };
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** A quorum of others can't be joined: two of us would decide. */
function checkVoters(controls: readonly ControlRecord[], nodeId: number): void {
  const record = controls.find(({ type }) => type === ControlType.VOTERS);
  const voters = record === undefined ? [nodeId] : voterIdsOf(record);
  if (voters.length !== 1 || voters[0] !== nodeId) throw notSoleVoter(nodeId, voters);
}

async function newestSnapshot(
  { disk, log }: QuorumOfOneOptions,
  folder: string,
): Promise<
  | {
      readonly id: SnapshotId;
      readonly content: Pick<Replayed, 'image' | 'timestampMs' | 'controls'>;
    }
  | undefined
> {
  for (const id of await listSnapshots(disk, folder)) {
    const content = await readSnapshot(disk, folder, id);
    if (content !== undefined) return { id, content };
    log.warn(
      { snapshot: snapshotName(id) },
      'a snapshot of the metadata is damaged; an older one is used',
    );
  }
  return undefined;
}

function openLog(
  { disk, clock, log, segmentBytes }: QuorumOfOneOptions,
  folder: string,
  logStartOffset: number,
): Promise<PartitionLog> {
  return openStandaloneLog({
    folder,
    topic: METADATA_TOPIC,
    partition: 0,
    topicId: METADATA_TOPIC_ID,
    // Used for a log without segments alone; one with segments begins where they do.
    logStartOffset,
    config: {
      ...DEFAULT_LOG_CONFIG,
      'segment.bytes': segmentBytes,
      'max.message.bytes': segmentBytes,
      'segment.ms': NEVER,
      'retention.ms': -1,
      'message.timestamp.after.max.ms': NEVER,
      'file.delete.delay.ms': 0,
    },
    disk,
    clock,
    log,
  });
}

async function removeSegments(disk: Disk, folder: string): Promise<void> {
  for (const { name } of await disk.list(folder)) {
    if (/^\d{20}\.(log|index|timeindex|txnindex|snapshot)$/.test(name) || name === EPOCHS_FILE)
      await disk.remove(join(folder, name));
  }
  await disk.syncFolder(folder);
}

const EPOCHS_FILE = 'leader-epoch-checkpoint';
