import { hasLogAppendTime, RecordCursor, type BatchHeader } from '@millrace/kafka-protocol';
import { refused, type AppendRefused, type RecordError } from './append-types.ts';
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
    const wrong = recordErrors(bytes.subarray(at, end), header, (record) =>
      record.keyEnd < 0 ? 'Compacted topic cannot accept message without key.' : undefined,
    );
    return refused('invalid-record', recordWithoutKey(), wrong);
  }
  if (config['message.timestamp.type'] !== 'CreateTime' || hasLogAppendTime(header.attributes)) {
    return undefined;
  }
  const newestMs = header.baseTimestamp + walk.maxTimestampDelta;
  const oldestMs = header.baseTimestamp + walk.minTimestampDelta;
  const latestMs = nowMs + config['message.timestamp.after.max.ms'];
  const beforeMaxMs = config['message.timestamp.before.max.ms'];
  const earliestMs = beforeMaxMs < NEVER ? nowMs - beforeMaxMs : -Infinity;
  const isLate = newestMs >= 0 && newestMs > latestMs;
  if (!isLate && oldestMs >= earliestMs) return undefined;
  const wrong = recordErrors(bytes.subarray(at, end), header, ({ timestampMs }) =>
    timestampMs !== NO_TIMESTAMP && (timestampMs > latestMs || timestampMs < earliestMs)
      ? `Timestamp ${timestampMs} is out of range. The timestamp should be within [${earliestMs}, ${latestMs}]`
      : undefined,
  );
  if (wrong.length === 0) return undefined;
  return refused('invalid-timestamp', timestampOutOfRange(isLate ? newestMs : oldestMs), wrong);
}

/** Kafka's mark of a record without a time: never too old. */
const NO_TIMESTAMP = -1;

/** INV-6: so many are named; the others fail with their batch. */
const RECORD_ERRORS_MAX = 10_000;

/** Only for batches that are refused, so that the walk over right ones needs not look at records one by one. */
function recordErrors(
  records: Uint8Array,
  header: BatchHeader,
  problemOf: (record: RecordCursor) => string | undefined,
): readonly RecordError[] {
  const wrong: RecordError[] = [];
  const cursor = new RecordCursor({ header, records });
  for (let batchIndex = 0; cursor.next() && wrong.length < RECORD_ERRORS_MAX; batchIndex += 1) {
    const message = problemOf(cursor);
    if (message !== undefined) wrong.push({ batchIndex, message });
  }
  return wrong;
}
