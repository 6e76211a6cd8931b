import type { MillraceError } from '@millrace/foundation';
import { type Logger } from '@millrace/foundation';
import type { LogClient } from '../clients/log-client.ts';
import { topicCreationFailed, unsuitableTopic } from '../errors.ts';

export interface TopicWanted {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs?: Readonly<Record<string, string>>;
  /** More replicas than brokers are cut down also where there are several brokers: without the topic no worker starts. */
  readonly mayLackReplicas?: boolean;
}

/** What of a client makes topics. */
export interface TopicMaker {
  readonly admin: Pick<LogClient['admin'], 'describeTopics' | 'describeCluster' | 'createTopics'>;
}

/**
 * Creates the topic unless it exists. More replicas than there can ever be, of one broker, are cut down with a warning.
 * Where there are several, one may be away for a while: Kafka refuses, as the topic would lack the replica for ever.
 * @throws MillraceError `runtime.topic_creation_failed`
 */
export async function ensureTopic(
  client: TopicMaker,
  wanted: TopicWanted,
  log: Logger,
): Promise<void> {
  const existing = await client.admin.describeTopics([wanted.name]);
  if (existing.length > 0) return;
  const brokerCount = (await client.admin.describeCluster()).brokers.length;
  const isCut = brokerCount <= 1 || wanted.mayLackReplicas === true;
  const replicationFactor = isCut
    ? Math.min(wanted.replicationFactor, Math.max(brokerCount, 1))
    : wanted.replicationFactor;
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
  await ensureTopic(client, { ...wanted, configs, mayLackReplicas: true }, log);
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
