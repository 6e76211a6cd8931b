import { join } from 'node:path';
import {
  batchSize,
  findBatchProblem,
  isControl,
  openBatchSync,
  readBatchHeader,
  RecordBatchBuilder,
  RecordCursor,
} from '@millrace/kafka-protocol';
import type { Disk, DiskFile } from '@millrace/log';
import {
  controlBatch,
  snapshotFooter,
  snapshotHeader,
  type ControlRecord,
} from './control-batch.ts';
import { ControlType } from './control-batch.ts';
import { applyMetadata } from './image-builder.ts';
import { recordsOfImage } from './image-records.ts';
import { EMPTY_IMAGE, type MetadataImage } from './metadata-image.ts';
import type { MetadataRecord } from './metadata-records.ts';
import { decodeMetadataRecord, encodeMetadataRecord } from './record-codec.ts';

/** All records below `endOffset`, the last of them of `epoch`. */
export interface SnapshotId {
  readonly endOffset: number;
  readonly epoch: number;
}

export interface SnapshotContent {
  readonly image: MetadataImage;
  /** The time of the newest record that it stands for. */
  readonly timestampMs: number;
  /** The voters and the version of the quorum. */
  readonly controls: readonly ControlRecord[];
}

const SUFFIX = '.checkpoint';
const PART = '.part';
/** Bytes of a batch at which it is written. */
const BATCH_BYTES = 512 * 1024;

export function snapshotName({ endOffset, epoch }: SnapshotId): string {
  return `${String(endOffset).padStart(20, '0')}-${String(epoch).padStart(10, '0')}${SUFFIX}`;
}

/** The newest first. What an earlier process left half written is removed. */
export async function listSnapshots(disk: Disk, folder: string): Promise<readonly SnapshotId[]> {
  const found: SnapshotId[] = [];
  for (const { name } of await disk.list(folder)) {
    if (name.endsWith(SUFFIX + PART)) await disk.remove(join(folder, name));
    const match = /^(\d{20})-(\d{10})\.checkpoint$/.exec(name);
    if (match !== null) found.push({ endOffset: Number(match[1]), epoch: Number(match[2]) });
  }
  return found.sort((a, b) => b.endOffset - a.endOffset || b.epoch - a.epoch);
}

/** Under its name only when it is whole and durable (INV-4). */
export async function writeSnapshot(
  disk: Disk,
  folder: string,
  id: SnapshotId,
  content: SnapshotContent,
): Promise<void> {
  const path = join(folder, snapshotName(id));
  const file = await disk.open(path + PART, 'create');
  try {
    await file.truncate(0);
    await writeBatches(file, id.epoch, content);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(path + PART, path);
  await disk.syncFolder(folder);
}

async function writeBatches(
  file: DiskFile,
  leaderEpoch: number,
  { image, timestampMs, controls }: SnapshotContent,
): Promise<void> {
  let position = 0;
  let baseOffset = 0;
  const write = async (batch: Uint8Array, records: number): Promise<void> => {
    await file.write(position, [batch]);
    position += batch.byteLength;
    baseOffset += records;
  };
  const header = [snapshotHeader(timestampMs), ...controls];
  await write(controlBatch(header, timestampMs, { baseOffset, leaderEpoch }), header.length);
  let builder = new RecordBatchBuilder();
  const writeRecords = async (): Promise<void> => {
    const count = builder.recordCount;
    if (count === 0) return;
    await write(builder.buildSync({ baseOffset, partitionLeaderEpoch: leaderEpoch }), count);
    builder = new RecordBatchBuilder();
  };
  for (const record of recordsOfImage(image)) {
    builder.append(null, encodeMetadataRecord(record), timestampMs);
    if (builder.byteLength >= BATCH_BYTES) await writeRecords();
  }
  await writeRecords();
  await write(controlBatch([snapshotFooter()], timestampMs, { baseOffset, leaderEpoch }), 1);
}

/** Undefined when it is damaged or has no end. Throws `broker.metadata_damaged` for a newer format. */
export async function readSnapshot(
  disk: Disk,
  folder: string,
  id: SnapshotId,
): Promise<SnapshotContent | undefined> {
  const bytes = await disk.readWhole(join(folder, snapshotName(id)));
  if (bytes === undefined) return undefined;
  const controls: ControlRecord[] = [];
  const records: MetadataRecord[] = [];
  let timestampMs = -1;
  let hasFooter = false;
  for (let at = 0; at < bytes.byteLength; at += batchSize(bytes, at)) {
    if (findBatchProblem(bytes, at) !== undefined) return undefined;
    timestampMs = Math.max(timestampMs, readBatchHeader(bytes, at).maxTimestamp);
    for (const control of controlsOf(bytes, at)) {
      if (control.type === ControlType.SNAPSHOT_FOOTER) hasFooter = true;
      if (control.type === ControlType.VOTERS || control.type === ControlType.KRAFT_VERSION)
        controls.push(control);
    }
    records.push(...recordsOfBatch(bytes, at));
  }
  return hasFooter
    ? { image: applyMetadata(EMPTY_IMAGE, records), timestampMs, controls }
    : undefined;
}

/** The control records of a batch; none when it is no control batch. */
export function controlsOf(bytes: Uint8Array, at: number): readonly ControlRecord[] {
  const batch = openBatchSync(bytes, at);
  if (!isControl(batch.header.attributes)) return [];
  const controls: ControlRecord[] = [];
  const cursor = new RecordCursor(batch);
  while (cursor.next()) {
    const key = cursor.key();
    const value = cursor.value();
    if (key === null || value === null || key.byteLength < 4) continue;
    controls.push({ type: ((key[2] ?? 0) << 8) | (key[3] ?? 0), value });
  }
  return controls;
}

/** The metadata records of a batch; none when it is a control batch. */
export function recordsOfBatch(bytes: Uint8Array, at: number): readonly MetadataRecord[] {
  const batch = openBatchSync(bytes, at);
  if (isControl(batch.header.attributes)) return [];
  const records: MetadataRecord[] = [];
  const cursor = new RecordCursor(batch);
  while (cursor.next()) {
    const value = cursor.value();
    const record = value === null ? undefined : decodeMetadataRecord(value);
    if (record !== undefined) records.push(record);
  }
  return records;
}
