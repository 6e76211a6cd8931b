import type { RawConfig, ResolvedPlaceholders } from '@millrace/config';
import { shippedConverters } from '@millrace/converters';
import type { Clock, Logger, Random } from '@millrace/foundation';
import { resolveWorkerSettings, type WorkerSettings } from './config/worker-fields.ts';
import { withoutPrefix } from './config/prefixes.ts';
import type { ConnectorConfig } from './herder.ts';
import type { LogClient } from './log-client.ts';
import type { InstalledPlugin, PluginProblem } from './plugins/installed-plugin.ts';
import { PluginRegistry, type AnyPlugin } from './plugins/plugin-registry.ts';
import { CompactedTopic } from './stores/compacted-topic.ts';
import { ConfigStore } from './stores/config-store.ts';
import { OffsetStore } from './stores/offset-store.ts';
import { OffsetStores } from './stores/offset-stores.ts';
import { StatusStore } from './stores/status-store.ts';
import { FencedWriter, plainWriter, type TableWriter } from './stores/table-writer.ts';
import { ensureCompactedTopic } from './stores/topics.ts';
import { callWithLimit } from './tasks/time-limit.ts';
import { Worker } from './worker.ts';

export interface WorkerOptions {
  readonly client: LogClient;
  /** Flat worker keys; those of other parts of the process are left alone. */
  readonly config: RawConfig;
  /** Connectors, and converters, transforms and predicates beside the shipped converters. */
  readonly plugins: readonly AnyPlugin[];
  /** Plugins of packages, and what is wrong with packages that can't be used. */
  readonly installed?: {
    readonly plugins: readonly InstalledPlugin[];
    readonly problems: readonly PluginProblem[];
  };
  /** Advertised `host:port`. */
  readonly workerId: string;
  /** True when the log lives in this process: its topics need no replicas. */
  readonly isLogEmbedded: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal?: AbortSignal;
  /** Replaces `${provider:path:key}` in a connector's values. Default: left as they are. */
  readonly resolvePlaceholders?: (config: ConnectorConfig) => Promise<ResolvedPlaceholders>;
}

/**
 * Reads the internal topics, creating them if absent, and starts every stored connector. Returns as soon as the
 * worker can answer; connectors start on their own.
 * @throws ConfigError, or MillraceError when the log can't be used
 */
export async function openWorker(options: WorkerOptions): Promise<Worker> {
  const { client, clock, random, log, workerId } = options;
  const worker = resolveWorkerSettings(options.config, options.isLogEmbedded);
  const signal = options.signal ?? new AbortController().signal;
  const names = await ensureInternalTopics(client, worker, log);
  const producer = client.producer({ acks: 'all', enableIdempotence: true, lingerMs: 0 });
  const writer = plainWriter(producer);
  const configWriter = configWriterOf(client, worker, writer);
  // INV-9: before anything is read, so that nobody else adds to it.
  if (configWriter instanceof FencedWriter) await configWriter.start(signal);
  const topic = (name: string): CompactedTopic => new CompactedTopic(client, writer, name);
  const configs = new ConfigStore(new CompactedTopic(client, configWriter, names.configs), log);
  const offsets = new OffsetStore(topic(names.offsets), clock, log);
  const statuses = new StatusStore(topic(names.statuses), workerId, log);
  await Promise.all([configs.load(signal), offsets.refresh(signal)]);
  const offsetStores = new OffsetStores({
    workers: offsets,
    open: async (name) => {
      await ensureOffsetsTopic(name, client, worker, log);
      return new OffsetStore(topic(name), clock, log);
    },
    topicsInUse: () =>
      new Set(
        configs
          .names()
          .flatMap((name) => configs.find(name)?.config['offsets.storage.topic'] ?? []),
      ),
    log,
  });
  await statuses.load((name) => configs.find(name) !== undefined, signal);
  const resolve = options.resolvePlaceholders ?? ((config) => Promise.resolve({ config }));
  const registry = new PluginRegistry(
    [...shippedConverters, ...options.plugins],
    options.installed?.plugins,
    options.installed?.problems,
  );
  for (const { message, ...about } of registry.nameProblems)
    log.warn({ ...about, problem: message }, 'the names of a plugin are not all its own');
  return new Worker({
    ports: {
      worker,
      registry,
      client,
      configs,
      offsets: offsetStores,
      statuses,
      clock,
      random,
      log,
      resolve,
    },
    workerId,
    clusterId: await client.clusterId(),
    release: async () => {
      const limits = {
        clock,
        stage: 'last writes of the worker',
        limitMs: worker.fields['task.shutdown.graceful.timeout.ms'],
        graceMs: () => 0,
        signal: new AbortController().signal,
      };
      await callWithLimit(limits, async () => {
        await statuses.flush();
        await Promise.all([configWriter.close(), writer.close()]);
      }).catch((error: unknown) => {
        log.warn({ err: error }, 'the log did not take the last states; other tools see old ones');
      });
    },
  });
}

/** As the leader of a Connect cluster writes once exactly-once delivery is on its way. */
function configWriterOf(
  client: LogClient,
  { fields }: WorkerSettings,
  plain: TableWriter,
): TableWriter {
  if (fields['exactly.once.source.support'].toLowerCase() === 'disabled') return plain;
  return new FencedWriter(`connect-cluster-${fields['group.id']}`, (transactionalId) =>
    client.transactionalProducer({ transactionalId, lingerMs: 0 }),
  );
}

async function ensureInternalTopics(
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
async function ensureOffsetsTopic(
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
