import { setMaxListeners } from 'node:events';
import {
  deferred,
  isAborted,
  isRetriable,
  must,
  retry,
  type RetryPolicy,
} from '@millrace/foundation';
import {
  apis,
  errorByCode,
  ErrorCode,
  errorFromCode,
  ZERO_UUID,
  type MetadataResponse,
} from '@millrace/kafka-protocol';
import type { BrokerNode } from './admin-api.ts';
import { BrokerLinks, type BrokerLink } from './broker-link.ts';
import { clientClosed, topicNotKnown } from './errors.ts';
import { RequestWatch } from './request-watch.ts';
import type { ClientSettings } from './settings.ts';
import type { BrokerAddress } from './transport.ts';

export interface PartitionMetadata {
  readonly partition: number;
  /** -1 when there is none at the moment. */
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

export interface TopicMetadata {
  readonly name: string;
  /** `undefined` with brokers that know no topic ids. */
  readonly id: string | undefined;
  readonly isInternal: boolean;
  /** By partition number; a topic in creation may have none. */
  readonly partitions: readonly PartitionMetadata[];
  readonly fetchedAtMs: number;
}

export interface RetryTuning {
  /** By default those with `retry: 'retriable'`. */
  readonly isRetriable?: (error: unknown) => boolean;
  /** Instead of `retry.backoff.ms`. */
  readonly initialDelayMs?: number;
}

/**
 * What the client knows of the cluster: brokers, topics, leaders. Knowledge is refreshed by who
 * finds it missing, wrong or old; concurrent refreshes are made into one request.
 */
export class Cluster {
  readonly settings: ClientSettings;
  readonly watch: RequestWatch;
  readonly #links: BrokerLinks;
  readonly #closing = new AbortController();
  #brokers: ReadonlyMap<number, BrokerNode> = new Map();
  #controllerId = -1;
  #clusterId: string | undefined;
  readonly #topics = new Map<string, TopicMetadata>();
  readonly #names = new Map<string, string>();
  /** Last answers that were errors: what to tell who waits for a topic in vain. */
  readonly #topicErrors = new Map<string, number>();
  readonly #wanted = new Set<string>();
  #next: Promise<void> | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #refreshNotBeforeMs = 0;

  constructor(settings: ClientSettings) {
    this.settings = settings;
    setMaxListeners(0, this.#closing.signal); // one for each call that waits
    this.watch = new RequestWatch(settings.clock);
    this.#links = new BrokerLinks(settings, this.watch);
  }

  /** To be closed with the client, unless they were before. */
  readonly users = new Set<{ close(): Promise<void> }>();

  /** Aborted by `close`. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Links for one user, who closes them. */
  newLinks(): BrokerLinks {
    return new BrokerLinks(this.settings, this.watch);
  }

  get controllerId(): number {
    return this.#controllerId;
  }

  get clusterId(): string | undefined {
    return this.#clusterId;
  }

  brokers(): readonly BrokerNode[] {
    return [...this.#brokers.values()];
  }

  findBroker(id: number): BrokerNode | undefined {
    return this.#brokers.get(id);
  }

  findTopic(name: string): TopicMetadata | undefined {
    return this.#topics.get(name);
  }

  findTopicName(topicId: string): string | undefined {
    return this.#names.get(topicId);
  }

  /** `undefined` when the topic is not known, or its broker has no ids. */
  findTopicId(name: string): string | undefined {
    return this.#topics.get(name)?.id;
  }

  findPartition(topic: string, partition: number): PartitionMetadata | undefined {
    return this.#topics.get(topic)?.partitions[partition];
  }

  /** The broker to ask about a partition, if known. */
  findLeader(topic: string, partition: number): BrokerNode | undefined {
    const leaderId = this.findPartition(topic, partition)?.leaderId;
    return leaderId === undefined ? undefined : this.#brokers.get(leaderId);
  }

  isStale(topic: string): boolean {
    const known = this.#topics.get(topic);
    const { clock, metadataMaxAgeMs } = this.settings;
    return known === undefined || clock.monotonicMs() - known.fetchedAtMs >= metadataMaxAgeMs;
  }

  /** One policy for everything that is retried within a deadline. */
  retryPolicy(deadlineMs: number): RetryPolicy {
    return {
      initialDelayMs: this.settings.retryBackoffMs,
      delayMaxMs: this.settings.retryBackoffMaxMs,
      deadlineMs,
    };
  }

  /**
   * Runs until it succeeds, fails for good, or the deadline is over. An abort doesn't wait for the
   * answer to a request that is under way, which may take its whole time-out.
   */
  async retrying<T>(
    deadlineMs: number,
    signal: AbortSignal | undefined,
    operation: () => Promise<T>,
    tuning: RetryTuning = {},
  ): Promise<T> {
    const { clock, random } = this.settings;
    const { isRetriable: isWorthwhile = isRetriable, initialDelayMs } = tuning;
    const base = this.retryPolicy(deadlineMs);
    const policy = { ...base, initialDelayMs: initialDelayMs ?? base.initialDelayMs };
    const ports = { clock, random, isRetriable: isWorthwhile };
    if (signal === undefined) {
      return await retry(policy, { ...ports, signal: this.closing }, operation);
    }
    // By hand: `AbortSignal.any` would leave a trace in both signals for as long as they live.
    const either = new AbortController();
    const aborted = deferred<never>();
    const abort = ({ reason }: AbortSignal): void => {
      either.abort(reason);
      aborted.reject(reason);
    };
    const onSignal = (): void => abort(signal);
    const onClosing = (): void => abort(this.closing);
    signal.addEventListener('abort', onSignal, { once: true });
    this.closing.addEventListener('abort', onClosing, { once: true });
    if (isAborted(signal)) onSignal();
    if (isAborted(this.closing)) onClosing();
    try {
      const retried = retry(policy, { ...ports, signal: either.signal }, operation);
      return await Promise.race([retried, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', onSignal);
      this.closing.removeEventListener('abort', onClosing);
    }
  }

  /**
   * Asks for these topics again; concurrent calls share a request, and none follows another faster
   * than `retry.backoff.ms`. What is unknown may be created by the broker, if it does so.
   */
  refresh(topics: Iterable<string>): Promise<void> {
    for (const topic of topics) this.#wanted.add(topic);
    this.#next ??= this.#refreshNext();
    return this.#next;
  }

  /** All topics of the cluster; nothing is created. */
  async refreshAll(): Promise<readonly TopicMetadata[]> {
    const response = await this.fetchMetadata(null, false);
    return response.topics
      .filter(({ errorCode }) => errorCode === 0)
      .map(({ name }) => must(this.#topics.get(name ?? ''), 'an answered topic is remembered'));
  }

  /** Waits, within `timeoutMs`, until the topic exists and has partitions. */
  async ensureTopic(
    name: string,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<TopicMetadata> {
    const { clock } = this.settings;
    const startedMs = clock.monotonicMs();
    return await this.retrying(timeoutMs, signal, async () => {
      const known = this.#topics.get(name);
      if (known !== undefined && known.partitions.length > 0) return known;
      await this.refresh([name]);
      const found = this.#topics.get(name);
      if (found !== undefined && found.partitions.length > 0) return found;
      const code = this.#topicErrors.get(name) ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
      if (!errorByCode(code).isRetriable) throw errorFromCode(code, `topic "${name}"`);
      throw topicNotKnown(name, Math.round(clock.monotonicMs() - startedMs), errorByCode(code));
    });
  }

  /** Answers from any broker; each known one is tried once. */
  async withAnyBroker<T>(use: (link: BrokerLink) => Promise<T>): Promise<T> {
    let lastError: unknown;
    for (const address of this.#candidates()) {
      if (this.closing.aborted) throw clientClosed('client');
      try {
        return await use(this.#links.to(address));
      } catch (error) {
        if (!isRetriable(error)) throw error;
        lastError = error;
      }
    }
    throw lastError;
  }

  async withController<T>(use: (link: BrokerLink) => Promise<T>): Promise<T> {
    if (!this.#brokers.has(this.#controllerId)) await this.fetchMetadata([], false);
    const controller = this.#brokers.get(this.#controllerId);
    if (controller === undefined) return await this.withAnyBroker(use);
    return await use(this.#links.to(controller));
  }

  linkTo(address: BrokerAddress): BrokerLink {
    return this.#links.to(address);
  }

  /** `null` asks for all topics. */
  async fetchMetadata(
    topics: readonly string[] | null,
    allowAutoTopicCreation: boolean,
  ): Promise<MetadataResponse> {
    const ask = (link: BrokerLink): Promise<MetadataResponse> =>
      link.request(apis.metadata, (version) => ({
        topics: topics === null ? (version === 0 ? [] : null) : topics.map((name) => ({ name })),
        allowAutoTopicCreation: version < 4 ? true : allowAutoTopicCreation,
      }));
    let response = await this.withAnyBroker(ask);
    if (response.errorCode === ErrorCode.REBOOTSTRAP_REQUIRED) {
      // KIP-1102: these addresses belong to another cluster by now.
      this.settings.log.warn({}, 'a broker asks for a new start from bootstrap.servers');
      this.#brokers = new Map();
      response = await this.withAnyBroker(ask);
    }
    if (response.errorCode !== 0) throw errorFromCode(response.errorCode, 'fetch metadata');
    this.#learn(response, topics === null);
    return response;
  }

  /** Ids that no topic has are passed over. */
  async learnTopicIds(topicIds: readonly string[]): Promise<void> {
    const response = await this.withAnyBroker((link) =>
      link.request(apis.metadata, {
        topics: topicIds.map((topicId) => ({ topicId, name: null })),
        allowAutoTopicCreation: false,
      }),
    );
    this.#learn(response, false);
  }

  async close(): Promise<void> {
    this.#closing.abort(clientClosed('client'));
    await this.#links.close();
  }

  async #refreshNext(): Promise<void> {
    const { clock, retryBackoffMs } = this.settings;
    try {
      await this.#running.catch(() => undefined); // its own callers are told
      const waitMs = this.#refreshNotBeforeMs - clock.monotonicMs();
      if (waitMs > 0) await clock.sleep(waitMs, this.closing);
    } finally {
      this.#next = undefined;
    }
    const topics = [...this.#wanted];
    this.#wanted.clear();
    this.#refreshNotBeforeMs = clock.monotonicMs() + retryBackoffMs;
    const running = this.fetchMetadata(topics, true);
    this.#running = running;
    await running;
  }

  /** Known brokers in random order, then those from the configuration. */
  #candidates(): BrokerAddress[] {
    const { bootstrap, random } = this.settings;
    const known: BrokerAddress[] = [...this.#brokers.values()];
    for (let index = known.length - 1; index > 0; index -= 1) {
      const other = random.nextInt(index + 1);
      const a = must(known[index], 'within the array');
      known[index] = must(known[other], 'within the array');
      known[other] = a;
    }
    const seen = new Set(known.map(({ host, port }) => `${host}:${port}`));
    return [...known, ...bootstrap.filter(({ host, port }) => !seen.has(`${host}:${port}`))];
  }

  #learn(response: MetadataResponse, isAll: boolean): void {
    const fetchedAtMs = this.settings.clock.monotonicMs();
    if (response.brokers.length > 0) {
      this.#brokers = new Map(
        response.brokers.map(({ nodeId, host, port, rack }) => [
          nodeId,
          { id: nodeId, host, port, rack },
        ]),
      );
    }
    this.#controllerId = response.controllerId;
    this.#clusterId = response.clusterId ?? this.#clusterId;
    if (isAll) {
      const answered = new Set(response.topics.map(({ name }) => name));
      for (const name of this.#topics.keys()) if (!answered.has(name)) this.#forget(name);
    }
    for (const topic of response.topics) {
      const { name } = topic;
      if (name === null) continue; // was asked for by an id that is unknown
      if (topic.errorCode !== 0) {
        this.#topicErrors.set(name, topic.errorCode);
        if (topic.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) this.#forget(name);
        continue;
      }
      this.#topicErrors.delete(name);
      const partitions: PartitionMetadata[] = topic.partitions.map((partition) => ({
        partition: partition.partitionIndex,
        leaderId: partition.leaderId,
        leaderEpoch: partition.leaderEpoch,
        replicas: partition.replicaNodes,
        isr: partition.isrNodes,
      }));
      partitions.sort((a, b) => a.partition - b.partition);
      const id = topic.topicId === ZERO_UUID ? undefined : topic.topicId;
      const former = this.#topics.get(name)?.id;
      if (former !== undefined && former !== id) this.#names.delete(former);
      if (id !== undefined) this.#names.set(id, name);
      this.#topics.set(name, {
        name,
        id,
        isInternal: topic.isInternal,
        partitions: this.#notOlder(name, id, partitions),
        fetchedAtMs,
      });
    }
  }

  #forget(name: string): void {
    const id = this.#topics.get(name)?.id;
    if (id !== undefined) this.#names.delete(id);
    this.#topics.delete(name);
  }

  /**
   * A broker that lags behind may still name the former leader: the higher epoch wins (KIP-320).
   * A topic that was deleted and created again starts anew, which its id tells.
   */
  #notOlder(
    topic: string,
    id: string | undefined,
    partitions: readonly PartitionMetadata[],
  ): readonly PartitionMetadata[] {
    const known = this.#topics.get(topic);
    if (known === undefined || id === undefined || known.id !== id) return partitions;
    return partitions.map((fresh, index) => {
      const before = known.partitions[index];
      const isOlder = before !== undefined && fresh.leaderEpoch < before.leaderEpoch;
      return isOlder && fresh.leaderEpoch >= 0 ? before : fresh;
    });
  }
}
