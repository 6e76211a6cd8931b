import type { Logger } from '@millrace/foundation';
import { withoutPrefix } from '../config/prefixes.ts';
import type { WorkerSettings } from '../config/worker-fields.ts';
import type { LogClient } from '../clients/log-client.ts';
import { ensureCompactedTopic } from './topics.ts';

/** Makes sure that Connect's three topics are there, and fit. */
export async function ensureInternalTopics(
  client: LogClient,
  worker: WorkerSettings,
  log: Logger,
): Promise<{ readonly configs: string; readonly offsets: string; readonly statuses: string }> {
  const { fields, raw, isLogEmbedded } = worker;
  const replicas = (configured: number | null): number => configured ?? (isLogEmbedded ? 1 : 3);
  const configs = fields['config.storage.topic'];
  const offsets = fields['offset.storage.topic'];
  const statuses = fields['status.storage.topic'];
  const small = ownSettings(isLogEmbedded);
  await ensureCompactedTopic(
    client,
    {
      name: configs,
      partitions: 1,
      exactPartitions: 1,
      replicationFactor: replicas(fields['config.storage.replication.factor']),
      configs: { ...small, ...topicConfigs(raw, 'config.storage.') },
    },
    log,
  );
  await ensureOffsetsTopic(offsets, client, worker, log);
  await ensureCompactedTopic(
    client,
    {
      name: statuses,
      partitions: fields['status.storage.partitions'] ?? (isLogEmbedded ? 1 : 5),
      replicationFactor: replicas(fields['status.storage.replication.factor']),
      configs: { ...small, ...topicConfigs(raw, 'status.storage.') },
    },
    log,
  );
  return { configs, offsets, statuses };
}

/** The worker's, or a connector's own (`offsets.storage.topic`): both are made by the worker's settings. */
export async function ensureOffsetsTopic(
  name: string,
  client: LogClient,
  { fields, raw, isLogEmbedded }: WorkerSettings,
  log: Logger,
): Promise<void> {
  await ensureCompactedTopic(
    client,
    {
      name,
      partitions: fields['offset.storage.partitions'] ?? (isLogEmbedded ? 1 : 25),
      replicationFactor: fields['offset.storage.replication.factor'] ?? (isLogEmbedded ? 1 : 3),
      configs: { ...ownSettings(isLogEmbedded), ...topicConfigs(raw, 'offset.storage.') },
    },
    log,
  );
}

/** INV-6: only closed segments are compacted; with Kafka's 1 GiB a state of a few records would grow for days. */
function ownSettings(isLogEmbedded: boolean): Readonly<Record<string, string>> {
  return isLogEmbedded ? { 'segment.bytes': OWN_SEGMENT_BYTES } : {};
}

/** Of Connect's own topics on the embedded log; their settings may say otherwise. */
const OWN_SEGMENT_BYTES = String(16 * 1024 * 1024);
const OWN_STORAGE_KEYS = new Set(['topic', 'partitions', 'replication.factor', 'cleanup.policy']);

/** `config.storage.segment.bytes` and the like become settings of the topic. */
function topicConfigs(
  raw: Readonly<Record<string, string>>,
  prefix: string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(withoutPrefix(raw, prefix)).filter(
      ([key]) => !OWN_STORAGE_KEYS.has(key) && !key.startsWith('file.'),
    ),
  );
}
