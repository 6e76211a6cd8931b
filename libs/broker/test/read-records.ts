import { apis, batchSize, decodeRecords, isControl, openBatchSync } from '@millrace/kafka-protocol';
import type { RawClient } from './broker-context.ts';

export const READ_UNCOMMITTED = 0;
export const READ_COMMITTED = 1;

/** All there is, filtered as a consumer of this isolation level does. */
export async function readValues(
  client: RawClient,
  topic: string,
  options: { isolationLevel?: number; partition?: number; fetchOffset?: number } = {},
): Promise<readonly string[]> {
  const { isolationLevel = READ_COMMITTED, partition = 0, fetchOffset = 0 } = options;
  const values: string[] = [];
  for (let offset = fetchOffset; ;) {
    const { responses } = await client.ask(
      apis.fetch,
      {
        maxWaitMs: 0,
        minBytes: 1,
        maxBytes: 1 << 26,
        isolationLevel,
        topics: [
          {
            topic,
            topicId: '',
            partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: 1 << 26 }],
          },
        ],
      },
      12,
    );
    const answer = responses[0]?.partitions[0];
    if (answer?.errorCode !== 0) throw new Error(`fetch of ${topic}: ${answer?.errorCode}`);
    const bytes = answer.records ?? new Uint8Array(0);
    if (bytes.byteLength === 0) return values;
    offset = collect(bytes, offset, answer.abortedTransactions ?? [], values);
  }
}

/** Adds what may be seen of one answer, and gives the offset to go on at. */
function collect(
  bytes: Uint8Array,
  fetchOffset: number,
  abortedTransactions: readonly { readonly producerId: number; readonly firstOffset: number }[],
  values: string[],
): number {
  const aborted = [...abortedTransactions].sort((a, b) => a.firstOffset - b.firstOffset);
  const open = new Set<number>();
  let nextOffset = fetchOffset;
  for (let at = 0; at < bytes.byteLength; at += batchSize(bytes, at)) {
    const batch = openBatchSync(bytes, at);
    const { attributes, producerId, baseOffset, lastOffsetDelta } = batch.header;
    nextOffset = baseOffset + lastOffsetDelta + 1;
    for (
      let [next] = aborted;
      next !== undefined && next.firstOffset < nextOffset;
      [next] = aborted
    ) {
      open.add(next.producerId);
      aborted.shift();
    }
    if (isControl(attributes)) {
      open.delete(producerId);
    } else if (!open.has(producerId)) {
      for (const { value } of decodeRecords(batch))
        values.push(Buffer.from(value ?? []).toString());
    }
  }
  return nextOffset;
}

/** The latest offset for this isolation level: the last stable one, or the high watermark. */
export async function latestOffset(
  client: RawClient,
  topic: string,
  isolationLevel: number,
): Promise<number> {
  const { topics } = await client.ask(apis.listOffsets, {
    isolationLevel,
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
  });
  return topics[0]?.partitions[0]?.offset ?? -1;
}

export async function committedOffset(
  client: RawClient,
  groupId: string,
  topic: string,
  requireStable = true,
): Promise<{ readonly errorCode: number; readonly committedOffset: number }> {
  const { groups } = await client.ask(apis.offsetFetch, {
    groups: [{ groupId, topics: [{ name: topic, partitionIndexes: [0] }] }],
    requireStable,
  });
  const answer = groups[0]?.topics[0]?.partitions[0];
  if (answer === undefined) throw new Error(`no answer for ${groupId}`);
  return { errorCode: answer.errorCode, committedOffset: answer.committedOffset };
}
