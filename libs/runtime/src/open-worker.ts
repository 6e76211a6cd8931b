import type { RawConfig, ResolvedPlaceholders } from '@millrace/config';
import type { Clock, Logger, Random } from '@millrace/foundation';
import { resolveWorkerSettings, type WorkerSettings } from './config/worker-fields.ts';
import type { ConnectorPorts } from './connectors/connector-ports.ts';
import { finishAlterations } from './connectors/offset-alteration.ts';
import type { ConnectorConfig } from './herder.ts';
import type { Connections } from './clients/own-clients.ts';
import type { LogClient } from './clients/log-client.ts';
import type { InstalledPlugin, PluginProblem } from './plugins/installed-plugin.ts';
import type { TaskThreads } from './isolation/thread-runner.ts';
import { openPluginRegistry } from './plugins/open-plugin-registry.ts';
import type { AnyPlugin } from './plugins/plugin-registry.ts';
import { CompactedTopic } from './stores/compacted-topic.ts';
import { ConfigStore } from './stores/config-store.ts';
import { ensureInternalTopics } from './stores/internal-topics.ts';
import { openOffsetStores } from './stores/open-offset-stores.ts';
import { StatusStore } from './stores/status-store.ts';
import { FencedWriter, plainWriter, type TableWriter } from './stores/table-writer.ts';
import { callWithLimit } from './tasks/time-limit.ts';
import type { Tracer } from './tracing/tracer.ts';
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
  /** Where spans of the tasks of this thread go. Default: nowhere, and nothing is measured for it. */
  readonly tracer?: Tracer;
  /** For connectors that are to be connected otherwise than the worker; without it, all use the worker's connection. */
  readonly connections?: Connections;
  /** For `tasks.isolation=thread`; without it, it is refused. */
  readonly taskThreads?: TaskThreads;
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
  const offsets = openOffsetStores({
    client,
    worker,
    writer,
    clock,
    log,
    topicsInUse: () =>
      new Set(
        configs
          .names()
          .flatMap((name) => configs.find(name)?.config['offsets.storage.topic'] ?? []),
      ),
  });
  const statuses = new StatusStore(topic(names.statuses), workerId, log);
  await Promise.all([configs.load(signal), offsets.workers.refresh(signal)]);
  await statuses.load((name) => configs.find(name) !== undefined, signal);
  const resolve = options.resolvePlaceholders ?? ((config) => Promise.resolve({ config }));
  const registry = openPluginRegistry(options.plugins, options.installed);
  for (const { message, ...about } of registry.nameProblems)
    log.warn({ ...about, problem: message }, 'the names of a plugin are not all its own');
  const ports: ConnectorPorts = {
    worker,
    registry,
    client,
    configs,
    offsets,
    statuses,
    clock,
    random,
    log,
    resolve,
    ...(options.tracer === undefined ? {} : { tracer: options.tracer }),
    threads: options.taskThreads,
    connections: options.connections,
  };
  await finishAlterations(ports, signal);
  return new Worker({
    ports,
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
