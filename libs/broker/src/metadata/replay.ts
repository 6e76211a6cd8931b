import { batchSize, readBatchHeader } from '@millrace/kafka-protocol';
import type { PartitionLog } from '@millrace/log';
import { damagedRecord } from '../errors.ts';
import { ControlType, type ControlRecord } from './control-batch.ts';
import { ImageBuilder } from './image-builder.ts';
import type { MetadataImage } from './metadata-image.ts';
import type { MetadataRecord } from './metadata-records.ts';
import { controlsOf, recordsOfBatch } from './snapshots.ts';

export interface Replayed {
  readonly image: MetadataImage;
  readonly timestampMs: number;
  /** The newest of each kind that says how the quorum is made up. */
  readonly controls: readonly ControlRecord[];
  /** Records of a change that spans batches and never ended; they count for nothing. */
  readonly hasOpenTransaction: boolean;
  readonly bytes: number;
}

const READ_BYTES = 1024 * 1024;

/** Applies all batches of the log from `from` on. */
export async function replay(
  log: PartitionLog,
  from: number,
  base: Pick<Replayed, 'image' | 'timestampMs' | 'controls'>,
): Promise<Replayed> {
  const builder = new ImageBuilder(base.image);
  const controls = new Map(base.controls.map((control) => [control.type, control]));
  let { timestampMs } = base;
  let transaction: MetadataRecord[] | undefined;
  let bytes = 0;
  for (let offset = from; offset < log.logEndOffset;) {
    const read = await log.read(offset, READ_BYTES, { minOneMessage: true, upTo: 'log-end' });
    if (read === 'offset-out-of-range' || read.nextOffset === offset)
      throw damagedRecord(`no batch at offset ${offset}`);
    for (let at = 0; at < read.bytes.byteLength; at += batchSize(read.bytes, at)) {
      const header = readBatchHeader(read.bytes, at);
      if (header.baseOffset < from) continue;
      timestampMs = Math.max(timestampMs, header.maxTimestamp);
      for (const control of controlsOf(read.bytes, at)) {
        const { type } = control;
        // Of its own memory: the batch may be a cached one.
        if (type === ControlType.VOTERS || type === ControlType.KRAFT_VERSION)
          controls.set(type, { type, value: control.value.slice() });
      }
      for (const record of recordsOfBatch(read.bytes, at)) {
        if (record.kind === 'begin-transaction') transaction = [];
        else if (record.kind === 'abort-transaction') transaction = undefined;
        else if (record.kind === 'end-transaction') {
          for (const each of transaction ?? []) builder.apply(each);
          transaction = undefined;
        } else if (transaction === undefined) builder.apply(record);
        else transaction.push(record);
      }
    }
    bytes += read.bytes.byteLength;
    offset = read.nextOffset;
  }
  return {
    image: builder.build(),
    timestampMs,
    controls: [...controls.values()],
    hasOpenTransaction: transaction !== undefined,
    bytes,
  };
}
