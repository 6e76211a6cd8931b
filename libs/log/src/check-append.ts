import {
  batchSize,
  BATCH_OVERHEAD,
  codecOf,
  findBatchProblem,
  findProducedBatchProblem,
  isControl,
  readBatchHeader,
  type BatchHeader,
} from '@millrace/kafka-protocol';
import { refused, type AppendRefused } from './append-types.ts';
import { batchTooLarge, batchesTooLarge, corruptBatch, timestampOutOfRange } from './errors.ts';
import { unsupportedFormat } from './errors.ts';
import type { LogConfig } from './log-config.ts';
import { checkRecords } from './record-rules.ts';

export type AppendOrigin = 'client' | 'coordinator' | 'follower';

export interface CheckedBatch {
  readonly at: number;
  readonly size: number;
  readonly header: BatchHeader;
}

export interface CheckedAppend {
  readonly kind: 'checked';
  readonly batches: readonly CheckedBatch[];
  readonly maxTimestampMs: number;
}

/** What can be told about an append from its bytes as they are: length, format, CRC, counts, sizes, and plain records. */
export function checkAppend(
  bytes: Uint8Array,
  origin: AppendOrigin,
  config: LogConfig,
  nowMs: number,
  isCrcTrusted = false,
): CheckedAppend | AppendRefused {
  if (bytes.byteLength < BATCH_OVERHEAD) return refused('corrupt', corruptBatch('truncated'));
  // What a leader or another folder has is taken, also when the setting is smaller now.
  if (origin !== 'follower' && bytes.byteLength > config['segment.bytes']) {
    const error = batchesTooLarge(bytes.byteLength, config['segment.bytes']);
    return refused('batches-too-large', error);
  }
  const batches: CheckedBatch[] = [];
  let maxTimestampMs = -1;
  for (let at = 0; at < bytes.byteLength;) {
    const problem =
      origin === 'client'
        ? findProducedBatchProblem(bytes, at, bytes.byteLength, isCrcTrusted)
        : findBatchProblem(bytes, at);
    if (problem === 'bad-magic') return refused('unsupported-format', unsupportedFormat());
    if (problem === 'bad-count' && origin === 'client') {
      return refused('invalid-record', corruptBatch(problem));
    }
    if (problem !== undefined) return refused('corrupt', corruptBatch(problem));
    const header = readBatchHeader(bytes, at);
    const size = batchSize(bytes, at);
    const refusal =
      origin === 'follower' ? undefined : checkHeader(size, header, config, nowMs, origin);
    if (refusal !== undefined) return refusal;
    if (isControl(header.attributes) && origin === 'client') {
      return refused('invalid-record', corruptBatch('a client sent a control batch'));
    }
    if (header.producerId >= 0 && header.baseSequence < 0 && origin === 'client') {
      return refused('invalid-record', corruptBatch('an idempotent batch without a sequence'));
    }
    if (origin === 'client' && codecOf(header.attributes) === 0) {
      const invalid = checkRecords(bytes, at + BATCH_OVERHEAD, at + size, header, config, nowMs);
      if (invalid !== undefined) return invalid;
    }
    batches.push({ at, size, header });
    maxTimestampMs = Math.max(maxTimestampMs, header.maxTimestamp);
    at += size;
  }
  return { kind: 'checked', batches, maxTimestampMs };
}

function checkHeader(
  size: number,
  header: BatchHeader,
  config: LogConfig,
  nowMs: number,
  origin: AppendOrigin,
): AppendRefused | undefined {
  if (size > config['max.message.bytes']) {
    return refused('too-large', batchTooLarge(size, config['max.message.bytes']));
  }
  // Records of clients are looked at one by one, so that those to blame can be named.
  if (origin === 'client') return undefined;
  if (config['message.timestamp.type'] === 'CreateTime' && header.maxTimestamp >= 0) {
    const aheadMs = header.maxTimestamp - nowMs;
    const isTooNew = aheadMs > config['message.timestamp.after.max.ms'];
    if (isTooNew) {
      return refused('invalid-timestamp', timestampOutOfRange(header.maxTimestamp));
    }
  }
  return undefined;
}
