import { setMaxListeners } from 'node:events';
import {
  isAborted,
  RecycledMemory,
  silentLogger,
  systemClock,
  systemRandom,
  type Clock,
  type Logger,
  type MetricFamily,
  type MillraceError,
  type Random,
} from '@millrace/foundation';
import { nearestName, type AnyField, type RawConfig } from '@millrace/config';
import type { Transport } from '@millrace/kafka-client';
import { ZERO_UUID } from '@millrace/kafka-protocol';
import type { LogManager } from '@millrace/log';
import { FileDisk, type Disk } from '@millrace/log';
import { NO_LOGGERS, type BrokerLoggers } from './broker-loggers.ts';
import type { BrokerCore } from './core.ts';
import { noCounts } from './no-counts.ts';
import { FetchSessions } from './fetch/fetch-sessions.ts';
import { GroupCoordinator } from './groups/group-coordinator.ts';
import { brokerFields } from './fields.ts';
import { consumerLimitsOf, topicDirectory } from './group-limits.ts';
import { servedApis } from './handlers.ts';
import { InProcessTransport } from './in-process-transport.ts';
import { LiveSettings } from './live-settings.ts';
import { logChangesOf } from './log-options.ts';
import { kafkaOnlyFields } from './kafka-only-fields.ts';
import { brokerMetrics } from './metrics.ts';
import { configsOf } from './metadata/metadata-image.ts';
import type { QuorumOfOne } from './metadata/quorum-of-one.ts';
import { electSelf, registerBroker } from './registration.ts';
import { ByteBudget } from './network/byte-budget.ts';
import { ReadBuffers } from './network/read-buffers.ts';
import { listenerLimitsOf, openLimits } from './network/open-limits.ts';
import { NetworkServer, type ListenerEntry } from './network/network-server.ts';
import type { ConnectionContext } from './network/request-router.ts';
import { internalTopicMaker } from './internal-topics.ts';
import { OffsetsTopicStore } from './offsets-topic-store.ts';
import { openStorage, type Ports } from './open-storage.ts';
import { ProducerIds } from './producer-ids.ts';
import { ResourceType } from './resource-type.ts';
import { Router } from './router.ts';
import { ListenerChanges } from './network/listener-changes.ts';
import { isWildcard, plainListenerKey, type Listener } from './network/listeners.ts';
import { ensureScramUsers } from './security/scram-bootstrap.ts';
import { openQuotas } from './quotas/open-quotas.ts';
import { openSecurity } from './security/open-security.ts';
import { resolveSettings, type BrokerSettings } from './settings.ts';
import { TopicMetrics } from './topic-metrics.ts';
import { OFFSETS_TOPIC } from './topic-names.ts';
import { brokerLayersOf, Topics, type LogStore } from './topics.ts';
import { openTransactions } from './transactions/open-transactions.ts';

export interface BrokerOptions {
  /** Kafka's own keys, without `broker.` before them; see `brokerFields`. */
  readonly config: RawConfig;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Logger;
  /** Loggers whose levels administrators may see and set (BROKER_LOGGER); by default none. */
  readonly loggers?: BrokerLoggers;
  readonly disk?: Disk;
  /** For the bytes of requests, of answers and of tail caches. */
  readonly memory?: RecycledMemory;
  /** Told when the broker has stopped by itself, since nothing is left that it could serve. */
  readonly onFailed?: (error: MillraceError) => void;
}

/** A running single-node broker. */
export interface Broker extends AsyncDisposable {
  /** Where clients reach it, one for each listener, with the real ports. */
  readonly addresses: readonly Listener[];
  readonly clusterId: string;
  readonly nodeId: number;
  /** A way to this broker without a network. `clientId` is what member ids begin with. */
  transport(clientId?: string): Transport;
  metrics(): readonly MetricFamily[];
  /** Takes nothing new, answers what is in flight, closes the logs cleanly. May be called twice. */
  close(): Promise<void>;
}

/** INV-6: unused memory that is kept for requests, answers and tail caches. */
const RECYCLED_BYTES_MAX = 24 * 1024 * 1024;

/**
 * Opens the logs, recovers what must be, reads the groups back and listens.
 * Throws for bad settings, a folder in use or of another cluster, or an address that is taken.
 */
export async function openBroker(options: BrokerOptions): Promise<Broker> {
  const settings = resolveSettings(options.config);
  const ports = {
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    log: options.log ?? silentLogger,
    loggers: options.loggers ?? NO_LOGGERS,
    disk:
      options.disk ??
      new FileDisk({
        writeInPlaceBytesMax: settings.values['log.write.in.place.max.bytes'],
        readInPlaceBytesMax: settings.values['log.read.in.place.max.bytes'],
      }),
    memory: options.memory ?? new RecycledMemory({ freeBytesMax: RECYCLED_BYTES_MAX }),
  };
  warnOfUnknownKeys(settings, ports.log);
  const running: { broker?: Broker } = {};
  const { logs, metadata } = await openStorage(settings, ports, (error) => {
    ports.log.error({ err: error }, 'all data folders have failed; the broker stops');
    void running.broker?.close().finally(() => options.onFailed?.(error));
  });
  try {
    running.broker = await RunningBroker.start(settings, metadata, logs, ports);
    return running.broker;
  } catch (error) {
    await metadata.close();
    await logs.close();
    throw error;
  }
}

/** Kafka ignores them silently; a misspelt key is worth a line (ARCHITECTURE D6). */
function warnOfUnknownKeys({ given }: BrokerSettings, log: Logger): void {
  const known = new Set(
    Object.entries(brokerFields).flatMap(([key, field]: [string, AnyField]) => [
      key,
      ...(field.aliases ?? []),
    ]),
  );
  const withoutEffect: string[] = [];
  for (const key of Object.keys(given)) {
    if (known.has(plainListenerKey(key))) continue;
    if (kafkaOnlyFields.has(plainListenerKey(key))) {
      withoutEffect.push(key);
      continue;
    }
    log.warn({ key, nearest: nearestName(key, known) }, 'an unknown broker setting has no effect');
  }
  if (withoutEffect.length > 0)
    log.warn({ keys: withoutEffect }, 'settings of Kafka that have no effect here');
}

class RunningBroker implements Broker {
  readonly #core: BrokerCore;
  readonly #metadata: QuorumOfOne;
  readonly #router: Router;
  readonly #network: NetworkServer;
  readonly #requestBudget: ByteBudget;
  readonly #closing: AbortController;
  readonly #maintenance: Promise<unknown>;
  #closed: Promise<void> | undefined;

  private constructor(
    core: BrokerCore,
    metadata: QuorumOfOne,
    router: Router,
    network: NetworkServer,
    requestBudget: ByteBudget,
    closing: AbortController,
  ) {
    this.#core = core;
    this.#metadata = metadata;
    this.#router = router;
    this.#network = network;
    this.#requestBudget = requestBudget;
    this.#closing = closing;
    const everyMs = core.settings.values['ssl.files.check.interval.ms'];
    const tlsWatch = core.security.watchTls(everyMs, closing.signal, (listener, material) =>
      network.updateTls(listener, material),
    );
    this.#maintenance = Promise.all([expireOffsets(core), tlsWatch]);
  }

  static async start(
    settings: BrokerSettings,
    metadata: QuorumOfOne,
    logs: LogManager,
    ports: Ports,
  ): Promise<RunningBroker> {
    const nodeId = settings.values['node.id'];
    const live = new LiveSettings(
      settings,
      () => brokerLayersOf(metadata.image, nodeId, settings.given),
      ports.log,
    );
    const { values } = live.current;
    logs.reconfigure(logChangesOf(live.current));
    const security = await openSecurity(live.current, metadata, ports);
    await electSelf(metadata, nodeId, !logs.wasCleanStop);
    await ensureScramUsers(values['sasl.scram.bootstrap.users'], metadata, ports);
    const topics = await Topics.open({
      metadata,
      store: logStoreOf(logs),
      givenConfigs: settings.given,
      nodeId,
      // With several it is told when the log is made; Kafka's brokers too assign it later then.
      directoryId: logs.directoryIds.length === 1 ? logs.directoryId : ZERO_UUID,
      partitionsMax: values['partitions.max'],
      random: ports.random,
      log: ports.log,
    });
    const ensureOffsetsTopic = offsetsTopicMaker(topics, settings);
    const groups = await openGroups(settings, topics, ensureOffsetsTopic, ports);
    const producerIds = new ProducerIds((count) => topics.reserveProducerIds(count));
    const transactionParts = { ...ports, topics, groups, producerIds };
    const { transactions, markers, ensureTransactionsTopic } = await openTransactions(
      settings,
      transactionParts,
    );
    const closing = new AbortController();
    // Each connection in this process listens; their number has its own bound.
    setMaxListeners(0, closing.signal);
    const addressBook = new AddressBook();
    const listeners: { changes?: ListenerChanges } = {};
    const core: BrokerCore = {
      ...ports,
      get settings() {
        return live.current;
      },
      clusterId: logs.clusterId,
      nodeId,
      metadata,
      topics,
      groups,
      transactions,
      markers,
      logs,
      producerIds,
      responseBudget: new ByteBudget(values['queued.max.response.bytes']),
      readBuffers: new ReadBuffers(ports.memory),
      fetchSessions: new FetchSessions(
        {
          sessionsMax: values['max.incremental.fetch.session.cache.slots'],
          partitionsMax: values['max.incremental.fetch.session.cache.partitions'],
        },
        ports.random,
      ),
      closing: closing.signal,
      counters: noCounts(
        new TopicMetrics(values['metrics.topics.max'], (name) => topics.find(name) !== undefined),
      ),
      security,
      quotas: openQuotas(settings, metadata, ports.clock),
      applySettings: () => {
        live.refresh();
        logs.reconfigure(logChangesOf(live.current));
      },
      get listenerChanges() {
        return listeners.changes;
      },
      addressFor: (context) => addressBook.addressFor(context),
      ensureOffsetsTopic,
      ensureTransactionsTopic,
    };
    const router = new Router(core, servedApis());
    const requestBudget = new ByteBudget(values['queued.max.request.bytes']);
    try {
      const open = (wanted: BrokerSettings['listeners']): Promise<NetworkServer> =>
        listen(core, wanted, router, requestBudget, ports.memory);
      const changed = live.current.listeners;
      const network = await open(changed).catch(async (error: unknown) => {
        if (changed === settings.listeners) throw error;
        // Nobody could change it back if the broker did not start.
        ports.log.warn(
          { err: error },
          'the listeners that were set while running are not opened; those of the configuration are',
        );
        await security.add(settings.listeners);
        security.keepOnly(settings.listeners);
        return open(settings.listeners);
      });
      addressBook.set(network.listeners);
      listeners.changes = new ListenerChanges({
        network,
        security,
        current: () => configsOf(metadata.image, ResourceType.BROKER, String(nodeId)),
        resolve: (dynamic) => live.listenersWith(dynamic),
        onChanged: (open) => addressBook.set(open),
      });
      await registerBroker(
        metadata,
        {
          nodeId,
          rack: values['broker.rack'],
          listeners: network.listeners.map((entry) => entry.settings),
          bound: network.addresses,
          logDirs: logs.directoryIds,
        },
        ports.random,
      );
      return new RunningBroker(core, metadata, router, network, requestBudget, closing);
    } catch (error) {
      groups.close();
      await transactions.close();
      throw error;
    }
  }

  get addresses(): readonly Listener[] {
    return this.#network.addresses.map(({ host, port }) => ({ host: reachableHost(host), port }));
  }

  get clusterId(): string {
    return this.#core.clusterId;
  }

  get nodeId(): number {
    return this.#core.nodeId;
  }

  transport(clientId = 'millrace'): Transport {
    return new InProcessTransport(this.#core, this.#router, clientId);
  }

  metrics(): readonly MetricFamily[] {
    return brokerMetrics(this.#core, {
      connections: this.#network.connectionCount,
      queuedRequestBytes: this.#requestBudget.taken,
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    // Who waits for records or for other members is answered at once, so that draining is short.
    this.#closing.abort();
    this.#core.groups.close();
    await this.#core.transactions.close();
    await this.#network.close(this.#core.settings.values['shutdown.drain.timeout.ms']);
    await this.#maintenance;
    await this.#core.topics.close();
    await this.#metadata.close();
    await this.#core.logs.close();
  }
}

function logStoreOf(logs: LogManager): LogStore {
  return {
    find: (topic, partition) => logs.find(topic, partition),
    create: (topic, partition, topicId, config) =>
      logs.ensure({ topic, partition, topicId, config }),
    remove: (topic, partition) => logs.delete(topic, partition),
    setAside: (topic, partition) => logs.setAside(topic, partition),
    all: () => [...logs.logs()],
  };
}

/** `__consumer_offsets`, with Kafka's settings. */
function offsetsTopicMaker(topics: Topics, { values }: BrokerSettings): () => Promise<void> {
  return internalTopicMaker(topics, {
    name: OFFSETS_TOPIC,
    partitionCount: values['offsets.topic.num.partitions'],
    configs: {
      'cleanup.policy': 'compact',
      'compression.type': 'producer',
      'segment.bytes': String(values['offsets.topic.segment.bytes']),
    },
  });
}

function openGroups(
  settings: BrokerSettings,
  topics: Topics,
  ensureTopic: () => Promise<void>,
  { clock, random, log }: Ports,
): Promise<GroupCoordinator> {
  const { values } = settings;
  return GroupCoordinator.open({
    topics: topicDirectory(topics),
    consumerLimits: (groupId) =>
      consumerLimitsOf(settings, configsOf(topics.image, ResourceType.GROUP, groupId)),
    store: new OffsetsTopicStore({
      topics,
      clock,
      log,
      ensureTopic,
      partitionCount: values['offsets.topic.num.partitions'],
    }),
    clock,
    random,
    log,
    limits: {
      initialRebalanceDelayMs: values['group.initial.rebalance.delay.ms'],
      membersMax: values['group.max.size'],
      groupsMax: values['groups.max'],
      offsetMetadataLengthMax: values['offset.metadata.max.bytes'],
      offsetsRetentionMs: values['offsets.retention.minutes'] * 60_000,
    },
  });
}

function listen(
  core: BrokerCore,
  listeners: BrokerSettings['listeners'],
  router: Router,
  requestBudget: ByteBudget,
  memory: RecycledMemory,
): Promise<NetworkServer> {
  const { values } = core.settings;
  return NetworkServer.listen({
    listeners,
    router,
    requestBudget,
    memory,
    tls: core.security.tls,
    sessionFor: (listener, subject) => core.security.sessionFor(listener, subject),
    requestBytesMax: values['socket.request.max.bytes'],
    connectionBytesMax: values['connection.max.request.bytes'],
    limits: openLimits(core),
    listenerLimits: (name) => listenerLimitsOf(core, name),
    deadlines: {
      idleMs: values['connections.max.idle.ms'],
      authenticationMs: values['connection.authentication.timeout.ms'],
      receiveMs: values['request.receive.timeout.ms'],
      sendMs: values['response.send.timeout.ms'],
    },
    onAuthenticationFailed: () => {
      core.security.counters.failed += 1;
    },
    clock: core.clock,
    log: core.log,
    onRefused: () => {
      core.counters.connectionsRefused += 1;
    },
  });
}

async function expireOffsets({ clock, closing, groups, settings, log }: BrokerCore): Promise<void> {
  const intervalMs = settings.values['offsets.retention.check.interval.ms'];
  while (!isAborted(closing)) {
    await clock.sleep(intervalMs, closing).catch(() => undefined); // closing
    if (isAborted(closing)) return;
    await groups.expireOffsets().catch((error: unknown) => {
      log.warn({ err: error }, 'expired offsets could not be removed; it is tried again');
    });
  }
}

/** Which address a client is told: the advertised one, or the one it came to. */
class AddressBook {
  #open: readonly ListenerEntry[] = [];

  set(open: readonly ListenerEntry[]): void {
    this.#open = open;
  }

  addressFor({ listenerIndex, localHost }: ConnectionContext): Listener {
    // Who came by a listener that is closed now, or from within the process, is told of the first one.
    const entry = this.#open.find(({ index }) => index === listenerIndex) ?? this.#open[0];
    const advertised = entry?.settings.advertised;
    const port = entry?.address.port ?? -1;
    if (advertised !== undefined)
      return { host: advertised.host, port: advertised.port === 0 ? port : advertised.port };
    const host = entry?.address.host ?? '';
    // All addresses are none to tell: the client knows a way here already.
    return { host: isWildcard(host) ? localHost : host, port };
  }
}

function reachableHost(host: string): string {
  return isWildcard(host) ? '127.0.0.1' : host;
}
