import type { KafkaClient } from '@millrace/kafka-client';

/** How many records the partitions of a topic hold, by their end offsets; 0 while there is no such topic. */
export async function recordCountOf(client: KafkaClient, topic: string): Promise<number> {
  const [description] = await client.admin.describeTopics([topic]).catch(() => []);
  const partitions = description?.partitions ?? [];
  const ends = await client.admin.listOffsets(
    partitions.map(({ partition }) => ({ topic, partition, timestamp: 'latest' as const })),
  );
  return ends.reduce((sum, { offset }) => sum + offset, 0);
}
