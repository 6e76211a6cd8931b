import { batchSize, openBatch, type OpenBatch } from '@millrace/kafka-protocol';
import type { PartitionLog } from '@millrace/log';
import type { NewTopic, Topics } from './topics.ts';

const READ_BYTES = 1024 * 1024;

/** Makes a topic of the broker's own when it is first needed. Its logs come one by one, with their first record. */
export function internalTopicMaker(topics: Topics, topic: NewTopic): () => Promise<void> {
  let making: Promise<unknown> | undefined;
  return async () => {
    if (topics.find(topic.name) !== undefined) return;
    making ??= topics.create([{ ...topic, isLazy: true }]).finally(() => (making = undefined));
    await making;
  };
}

/** Hands over every batch of a log, oldest first. */
export async function replayBatches(
  log: PartitionLog,
  apply: (batch: OpenBatch) => void,
): Promise<void> {
  for (let offset = log.logStartOffset; offset < log.logEndOffset;) {
    const read = await log.read(offset, READ_BYTES, { minOneMessage: true, upTo: 'log-end' });
    if (read === 'offset-out-of-range' || read.nextOffset <= offset) return;
    for (let at = 0; at < read.bytes.byteLength; at += batchSize(read.bytes, at)) {
      apply(await openBatch(read.bytes, at));
    }
    offset = read.nextOffset;
  }
}
