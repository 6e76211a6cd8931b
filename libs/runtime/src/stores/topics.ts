import type { MillraceError } from '@millrace/foundation';
import { type Logger } from '@millrace/foundation';
import type { LogClient } from '../clients/log-client.ts';
import { topicCreationFailed, unsuitableTopic } from '../errors.ts';

export interface TopicWanted {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs?: Readonly<Record<string, string>>;
}

/**
 * Creates the topic unless it exists. More replicas than brokers are cut down, with a warning: a worker that can't
 * start helps nobody.
 * @throws MillraceError `runtime.topic_creation_failed`
 */
export async function ensureTopic(
  client: LogClient,
  wanted: TopicWanted,
  log: Logger,
): Promise<void> {
  const existing = await client.admin.describeTopics([wanted.name]);
  if (existing.length > 0) return;
  const brokerCount = (await client.admin.describeCluster()).brokers.length;
  const replicationFactor = Math.min(wanted.replicationFactor, Math.max(brokerCount, 1));
  if (replicationFactor < wanted.replicationFactor)
    log.warn(
      { topic: wanted.name, wanted: wanted.replicationFactor, brokerCount },
      'topic gets fewer replicas than configured, since there are not so many brokers',
    );
  const [outcome] = await client.admin.createTopics([
    {
      name: wanted.name,
      partitions: wanted.partitions,
      replicationFactor,
      ...(wanted.configs === undefined ? {} : { configs: wanted.configs }),
    },
  ]);
  if (outcome?.error !== undefined && !existsAlready(outcome.error))
    throw topicCreationFailed(wanted.name, outcome.error);
}

function existsAlready(error: MillraceError): boolean {
  return error.code === 'kafka.topic_already_exists';
}

/**
 * A topic that is a table: compacted, else Connect's state would expire.
 * @throws MillraceError `runtime.unsuitable_topic`
 */
export async function ensureCompactedTopic(
  client: LogClient,
  wanted: TopicWanted & { readonly exactPartitions?: number },
  log: Logger,
): Promise<void> {
  const configs = { ...wanted.configs, 'cleanup.policy': 'compact' };
  await ensureTopic(client, { ...wanted, configs }, log);
  const [described] = await client.admin.describeConfigs([{ type: 'topic', name: wanted.name }]);
  const policy = described?.entries.find((entry) => entry.name === 'cleanup.policy')?.value;
  if (policy !== undefined && policy !== null && policy !== 'compact')
    throw unsuitableTopic(
      wanted.name,
      `has cleanup.policy "${policy}", expected "compact": Connect's state would expire`,
      `run kafka-configs --alter --topic ${wanted.name} --add-config cleanup.policy=compact, or name another topic`,
    );
  if (wanted.exactPartitions === undefined) return;
  const [topic] = await client.admin.describeTopics([wanted.name]);
  if (topic !== undefined && topic.partitions.length !== wanted.exactPartitions)
    throw unsuitableTopic(
      wanted.name,
      `has ${topic.partitions.length} partitions, expected ${wanted.exactPartitions}: the order of changes would be lost`,
      'name another topic; it is created as needed',
    );
}
