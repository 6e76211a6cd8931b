import { hasLogAppendTime, type BatchHeader } from '@millrace/kafka-protocol';
import { refused, type AppendRefused } from './append-types.ts';
import { invalidRecords, recordWithoutKey, timestampOutOfRange } from './errors.ts';
import { isCompacted, NEVER, type LogConfig } from './log-config.ts';
import { walkRecords } from './walk-records.ts';

/**
 * What Kafka asks of the records of a produced batch, plain in `bytes` from `at` to `end`: that they can be read, are as
 * many as the header says, one offset after the other, have a key in a compacted topic, and times the topic allows.
 */
export function checkRecords(
  bytes: Uint8Array,
  at: number,
  end: number,
  header: BatchHeader,
  config: LogConfig,
  nowMs: number,
): AppendRefused | undefined {
  const walk = walkRecords(bytes, at, end, header.recordCount);
  if (walk.problem !== undefined) return refused('invalid-record', invalidRecords(walk.problem));
  if (walk.hasNullKey && isCompacted(config)) {
    return refused('invalid-record', recordWithoutKey());
  }
  if (config['message.timestamp.type'] !== 'CreateTime' || hasLogAppendTime(header.attributes)) {
    return undefined;
  }
  const newestMs = header.baseTimestamp + walk.maxTimestampDelta;
  const oldestMs = header.baseTimestamp + walk.minTimestampDelta;
  if (newestMs >= 0 && newestMs - nowMs > config['message.timestamp.after.max.ms']) {
    return refused('invalid-timestamp', timestampOutOfRange(newestMs));
  }
  const beforeMaxMs = config['message.timestamp.before.max.ms'];
  if (beforeMaxMs < NEVER && oldestMs >= 0 && nowMs - oldestMs > beforeMaxMs) {
    return refused('invalid-timestamp', timestampOutOfRange(oldestMs));
  }
  return undefined;
}
