import {
  batchSize,
  BATCH_OVERHEAD,
  findBatchProblem,
  findProducedBatchProblem,
  isControl,
  readBatchHeader,
  type BatchHeader,
} from '@millrace/kafka-protocol';
import { refused, type AppendRefused } from './append-types.ts';
import { batchTooLarge, batchesTooLarge, corruptBatch, timestampOutOfRange } from './errors.ts';
import { recordWithoutKey, unsupportedFormat } from './errors.ts';
import { isCompacted, type LogConfig } from './log-config.ts';
import { findRecordWithoutKey } from './record-keys.ts';

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

/** What can be told about an append from its bytes alone: length, format, CRC, counts, sizes, times, keys. */
export function checkAppend(
  bytes: Uint8Array,
  origin: AppendOrigin,
  config: LogConfig,
  nowMs: number,
): CheckedAppend | AppendRefused {
  if (bytes.byteLength < BATCH_OVERHEAD) return refused('corrupt', corruptBatch('truncated'));
  if (bytes.byteLength > config['segment.bytes']) {
    const error = batchesTooLarge(bytes.byteLength, config['segment.bytes']);
    return refused('batches-too-large', error);
  }
  const batches: CheckedBatch[] = [];
  let maxTimestampMs = -1;
  for (let at = 0; at < bytes.byteLength;) {
    const problem =
      origin === 'client' ? findProducedBatchProblem(bytes, at) : findBatchProblem(bytes, at);
    if (problem === 'bad-magic') return refused('unsupported-format', unsupportedFormat());
    if (problem !== undefined) return refused('corrupt', corruptBatch(problem));
    const header = readBatchHeader(bytes, at);
    const size = batchSize(bytes, at);
    const refusal =
      origin === 'follower' ? undefined : checkBatch(bytes, at, size, header, config, nowMs);
    if (refusal !== undefined) return refusal;
    if (isControl(header.attributes) && origin === 'client') {
      return refused('invalid-record', corruptBatch('a client sent a control batch'));
    }
    batches.push({ at, size, header });
    maxTimestampMs = Math.max(maxTimestampMs, header.maxTimestamp);
    at += size;
  }
  return { kind: 'checked', batches, maxTimestampMs };
}

function checkBatch(
  bytes: Uint8Array,
  at: number,
  size: number,
  header: BatchHeader,
  config: LogConfig,
  nowMs: number,
): AppendRefused | undefined {
  if (size > config['max.message.bytes']) {
    return refused('too-large', batchTooLarge(size, config['max.message.bytes']));
  }
  if (config['message.timestamp.type'] === 'CreateTime' && header.maxTimestamp >= 0) {
    const aheadMs = header.maxTimestamp - nowMs;
    const isTooNew = aheadMs > config['message.timestamp.after.max.ms'];
    const isTooOld = nowMs - header.baseTimestamp > config['message.timestamp.before.max.ms'];
    if (isTooNew || isTooOld) {
      return refused('invalid-timestamp', timestampOutOfRange(header.maxTimestamp));
    }
  }
  if (isCompacted(config) && !isControl(header.attributes)) {
    if (findRecordWithoutKey(bytes, at, at + size, header)) {
      return refused('invalid-record', recordWithoutKey());
    }
  }
  return undefined;
}
