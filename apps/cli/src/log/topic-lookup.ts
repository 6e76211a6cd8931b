import { nearestName } from '@millrace/config';
import type { KafkaClient, TopicDescription } from '@millrace/kafka-client';
import { unknownInLog } from '../errors.ts';

/** @throws MillraceError with the nearest name */
export async function findTopic({ admin }: KafkaClient, name: string): Promise<TopicDescription> {
  const [topic] = await admin.describeTopics([name]);
  if (topic !== undefined) return topic;
  const names = (await admin.listTopics()).map((each) => each.name);
  throw unknownInLog('topic', name, nearestName(name, names));
}

export async function offsetsOf(
  { admin }: KafkaClient,
  topic: TopicDescription,
  timestamp: 'earliest' | 'latest',
): Promise<ReadonlyMap<number, number>> {
  const answers = await admin.listOffsets(
    topic.partitions.map(({ partition }) => ({ topic: topic.name, partition, timestamp })),
  );
  return new Map(answers.map(({ partition, offset }) => [partition, offset]));
}
