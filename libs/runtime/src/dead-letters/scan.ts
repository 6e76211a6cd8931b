import type { ConsumedRecord } from '@millrace/kafka-client';
import type { LogClient } from '../clients/log-client.ts';

const POLL_MS = 1000;

/** From here up to there, of one partition; `end` is not in it. */
export interface PartitionSpan {
  readonly partition: number;
  readonly from: number;
  readonly end: number;
}

/** What a topic holds now, by partition; without a topic nothing. Only what is committed. */
export async function spansOf(client: LogClient, topic: string): Promise<readonly PartitionSpan[]> {
  const [description] = await client.admin.describeTopics([topic]);
  const partitions = description?.partitions.map(({ partition }) => partition) ?? [];
  if (partitions.length === 0) return [];
  const ask = async (timestamp: 'earliest' | 'latest'): Promise<ReadonlyMap<number, number>> => {
    const answers = await client.admin.listOffsets(
      partitions.map((partition) => ({ topic, partition, timestamp })),
      { isolationLevel: 'read_committed' },
    );
    return new Map(answers.map(({ partition, offset }) => [partition, Math.max(0, offset)]));
  };
  const [earliest, latest] = [await ask('earliest'), await ask('latest')];
  return partitions
    .sort((left, right) => left - right)
    .map((partition) => ({
      partition,
      from: earliest.get(partition) ?? 0,
      end: latest.get(partition) ?? 0,
    }));
}

/**
 * Hands over the records of a span in order, batch by batch, until its end or until `onRecords` returns where it
 * stopped; resolves with that.
 * @throws `signal.reason`
 */
export async function scanSpan(
  client: LogClient,
  topic: string,
  { partition, from, end }: PartitionSpan,
  signal: AbortSignal,
  onRecords: (
    records: readonly ConsumedRecord[],
  ) => number | undefined | Promise<number | undefined>,
): Promise<number | undefined> {
  if (from >= end) return undefined;
  await using reader = client.reader({
    topic,
    partitions: [partition],
    from: new Map([[partition, from]]),
    isolationLevel: 'read_committed',
  });
  // Markers of transactions have offsets too, so the reader's position decides.
  while ((reader.position(partition) ?? from) < end) {
    const records = await reader.poll({ timeoutMs: POLL_MS, signal });
    const inside = records.filter(({ offset }) => offset >= from && offset < end);
    const stoppedAt = inside.length === 0 ? undefined : await onRecords(inside);
    if (stoppedAt !== undefined) return stoppedAt;
    if (inside.length < records.length) break;
  }
  return undefined;
}
