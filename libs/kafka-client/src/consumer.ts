import { isAborted, isRetriable } from '@millrace/foundation';
import { ErrorCode } from '@millrace/kafka-protocol';
import type { BrokerLinks } from './broker-link.ts';
import type { Cluster } from './cluster.ts';
import type {
  CommittedOffset,
  Consumer,
  ConsumerOptions,
  GroupMetadata,
  OffsetReset,
  OffsetToCommit,
  PollOptions,
} from './consumer-api.ts';
import { Coordinator } from './coordinator.ts';
import {
  clientClosed,
  commitRejected,
  invalidOptions,
  noCommittedOffset,
  rebalanceInProgress,
} from './errors.ts';
import { Fetcher } from './fetcher.ts';
import { commitGroupOffsets, fetchGroupOffsets } from './group-offsets.ts';
import { Membership, type JoinOutcome } from './membership.ts';
import type { ConsumedRecord, TopicPartition } from './records.ts';

/** For saying good-bye; who closes doesn't wait longer. */
const LEAVE_TIMEOUT_MS = 5_000;

/** What goes on in the background until `poll` picks up its result. */
type Background<T> = { readonly done: false } | { readonly done: true; readonly result: Result<T> };
type Result<T> = { readonly value: T } | { readonly error: unknown };

/**
 * A member of a group. Three things go on at once: the membership heartbeats, the fetcher fetches,
 * and `poll` brings them together: it alone changes the assignment and runs callbacks.
 */
export class KafkaConsumer implements Consumer {
  readonly #cluster: Cluster;
  readonly #options: ConsumerOptions;
  readonly #resetPolicy: OffsetReset;
  readonly #fetcher: Fetcher;
  /** JoinGroup may hold its connection for minutes, so commits have their own. */
  readonly #memberLinks: BrokerLinks;
  readonly #offsetLinks: BrokerLinks;
  readonly #offsetCoordinator: Coordinator;
  readonly #membership: Membership;
  readonly #isCooperative: boolean;
  readonly #pattern: RegExp | undefined;
  readonly #stop = new AbortController();
  #topics: readonly string[] | undefined;
  #discovered: Background<readonly string[]> | undefined;
  #discoverAtMs = 0;
  #joined: Background<JoinOutcome> | undefined;
  #placed: Background<undefined> | undefined;
  #isWoken = false;
  #isRevoking = false;
  #closing: Promise<void> | undefined;

  constructor(cluster: Cluster, options: ConsumerOptions) {
    checkOptions(options);
    cluster.users.add(this);
    this.#cluster = cluster;
    this.#options = options;
    this.#resetPolicy = options.autoOffsetReset ?? 'latest';
    this.#fetcher = new Fetcher(cluster, options, this.#resetPolicy);
    this.#memberLinks = cluster.newLinks();
    this.#offsetLinks = cluster.newLinks();
    this.#offsetCoordinator = new Coordinator(cluster, this.#offsetLinks, options.groupId);
    const assignors = options.assignors ?? ['range', 'cooperative-sticky'];
    this.#isCooperative = assignors.every((name) => name === 'cooperative-sticky');
    this.#membership = new Membership(
      cluster,
      new Coordinator(cluster, this.#memberLinks, options.groupId),
      {
        groupInstanceId: options.groupInstanceId ?? null,
        sessionTimeoutMs: options.sessionTimeoutMs ?? 45_000,
        heartbeatIntervalMs: options.heartbeatIntervalMs ?? 3_000,
        rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 300_000,
        assignors,
      },
      { changed: () => this.#fetcher.wake.ring() },
    );
    const { topicsPattern } = options;
    this.#pattern =
      topicsPattern === undefined
        ? undefined
        : new RegExp(`^(?:${topicsPattern.source})$`, topicsPattern.flags.replace(/[gy]/gu, ''));
  }

  async poll({ timeoutMs, signal }: PollOptions): Promise<readonly ConsumedRecord[]> {
    const { clock } = this.#cluster.settings;
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    this.#membership.polling(true);
    try {
      for (;;) {
        if (this.#closing !== undefined) throw clientClosed('consumer');
        signal?.throwIfAborted();
        while (await this.#advance());
        const records = await this.#fetcher.poll({ timeoutMs: 0 });
        const nowMs = clock.monotonicMs();
        if (records.length > 0 || this.#isWoken || nowMs >= deadlineMs) {
          this.#isWoken = false;
          return records;
        }
        const untilMs = Math.min(deadlineMs, Math.max(this.#discoverAtMs, nowMs + 1));
        await this.#fetcher.wake.wait(untilMs - nowMs, signal);
      }
    } finally {
      this.#membership.polling(false);
    }
  }

  async commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    if (offsets.length === 0) return;
    const { groupId } = this.#options;
    if (this.#membership.isLost) throw commitRejected(groupId);
    if (!this.#membership.isStable) throw rebalanceInProgress(groupId);
    const member = this.#membership.identity;
    const code = await this.#retrying(async () => {
      const answered = await commitGroupOffsets(this.#offsetCoordinator, member, offsets);
      const error = this.#offsetCoordinator.refuse(answered, 'commit offsets of group');
      if (isRetriable(error)) throw error;
      return answered;
    });
    switch (code) {
      case ErrorCode.NONE:
        return;
      case ErrorCode.REBALANCE_IN_PROGRESS:
        this.#membership.rejoin();
        throw rebalanceInProgress(groupId);
      case ErrorCode.UNKNOWN_MEMBER_ID:
      case ErrorCode.ILLEGAL_GENERATION:
      case ErrorCode.FENCED_INSTANCE_ID: {
        const cause = this.#offsetCoordinator.refuse(code, 'commit offsets of group');
        // A rebalance that went on meanwhile has made us a new generation: not lost then.
        if (this.#membership.identity.generationId === member.generationId) {
          if (code === ErrorCode.FENCED_INSTANCE_ID) this.#membership.fence(cause);
          else this.#membership.lose();
          throw commitRejected(groupId, cause);
        }
        throw rebalanceInProgress(groupId, cause);
      }
      default:
        throw this.#offsetCoordinator.refuse(code, 'commit offsets of group');
    }
  }

  async committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]> {
    if (partitions.length === 0) return [];
    return await this.#retrying(() => this.#fetchCommitted(partitions));
  }

  position({ partition, topic }: TopicPartition): number | undefined {
    return this.#fetcher.position(topic, partition);
  }

  seek({ partition, topic }: TopicPartition, offset: number): void {
    this.#fetcher.seek(topic, partition, offset);
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const { partition, topic } of partitions) this.#fetcher.pause(topic, partition, true);
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const { partition, topic } of partitions) this.#fetcher.pause(topic, partition, false);
  }

  paused(): readonly TopicPartition[] {
    return this.#fetcher.paused();
  }

  assignment(): readonly TopicPartition[] {
    return this.#fetcher.assignment();
  }

  groupMetadata(): GroupMetadata {
    return { groupId: this.#options.groupId, ...this.#membership.identity };
  }

  wakeup(): void {
    this.#isWoken = true;
    this.#fetcher.wake.ring();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const leaving = clientClosed('consumer');
    try {
      await this.#giveUpAll();
    } finally {
      this.#stop.abort(leaving);
      this.#membership.stop();
      await this.#cluster.watch
        .guard(
          this.#membership.leave(this.#offsetCoordinator, 'the consumer was closed'),
          LEAVE_TIMEOUT_MS,
          () => leaving,
        )
        .catch(() => undefined); // the session will end by itself
      await this.#fetcher.close();
      await this.#memberLinks.close();
      await this.#offsetLinks.close();
      this.#cluster.users.delete(this);
    }
  }

  /** One step towards a settled assignment; true when another one may follow at once. */
  async #advance(): Promise<boolean> {
    if (this.#membership.isLost && this.#joined === undefined) {
      await this.#giveUpAll();
      this.#membership.forget();
      return true;
    }
    if (this.#membership.fenced !== undefined) throw this.#membership.fenced;
    if (this.#discover()) return true;
    if (this.#joined?.done === true) {
      const { result } = this.#joined;
      this.#joined = undefined;
      if ('error' in result) this.#membership.rejoin(); // should somebody poll on after it
      const outcome = valueOf(result);
      if (outcome.kind === 'assigned') await this.#adopt(outcome.partitions);
      return true;
    }
    if (this.#membership.mustRejoin && this.#joined === undefined && this.#topics !== undefined) {
      // Eagerly nobody keeps anything over a rebalance; cooperatively all go on.
      if (!this.#isCooperative) await this.#revoke(this.#fetcher.assignment());
      if (this.#membership.isLost) return true; // a commit in the callback found it out
      this.#joined = this.#inBackground(
        this.#membership.join(this.#topics, this.#fetcher.assignment()),
        (ended) => (this.#joined = ended),
      );
      return false;
    }
    return this.#place();
  }

  /** Which topics exist that we want, now and every `metadata.max.age.ms`. */
  #discover(): boolean {
    const { clock, metadataMaxAgeMs, retryBackoffMs } = this.#cluster.settings;
    if (this.#discovered?.done === true) {
      const { result } = this.#discovered;
      this.#discovered = undefined;
      if ('error' in result) {
        if (!isRetriable(result.error)) throw result.error;
        this.#discoverAtMs = clock.monotonicMs() + retryBackoffMs;
        return false;
      }
      const topics = result.value;
      const isNew = this.#topics !== undefined && !isEqual(this.#topics, topics);
      this.#topics = topics;
      if (isNew || this.#membership.haveCountsChanged()) this.#membership.rejoin();
      return true;
    }
    if (this.#discovered === undefined && clock.monotonicMs() >= this.#discoverAtMs) {
      this.#discoverAtMs = clock.monotonicMs() + metadataMaxAgeMs;
      this.#discovered = this.#inBackground(
        this.#findTopics(),
        (ended) => (this.#discovered = ended),
      );
    }
    return false;
  }

  async #findTopics(): Promise<readonly string[]> {
    const { topics } = this.#options;
    const pattern = this.#pattern;
    if (pattern === undefined) {
      await this.#cluster.refresh(topics ?? []);
      return [...new Set(topics)].sort();
    }
    const all = await this.#cluster.refreshAll();
    return all
      .filter(({ isInternal, name }) => !isInternal && pattern.test(name))
      .map(({ name }) => name)
      .sort();
  }

  async #adopt(assigned: readonly TopicPartition[]): Promise<void> {
    const wanted = new Set(assigned.map(keyOf));
    const revoked = this.#fetcher.assignment().filter((one) => !wanted.has(keyOf(one)));
    if (revoked.length > 0) {
      await this.#revoke(revoked);
      this.#membership.rejoin(); // so that others get them
    }
    const added = assigned.filter(({ partition, topic }) => !this.#fetcher.has(topic, partition));
    for (const { partition, topic } of added) this.#fetcher.add(topic, partition);
    await this.#options.onAssigned?.(added);
  }

  async #revoke(partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0) return;
    this.#isRevoking = true;
    try {
      await this.#options.onRevoked?.(partitions);
    } finally {
      this.#isRevoking = false;
      for (const { partition, topic } of partitions) this.#fetcher.remove(topic, partition);
    }
  }

  async #giveUpAll(): Promise<void> {
    const partitions = this.#fetcher.assignment();
    if (partitions.length === 0 || this.#isRevoking) return;
    if (!this.#membership.isLost) {
      await this.#revoke(partitions);
      return;
    }
    for (const { partition, topic } of partitions) this.#fetcher.remove(topic, partition);
    await this.#options.onLost?.(partitions);
  }

  /** Finds the committed offsets of what was assigned and has no position yet. */
  #place(): boolean {
    if (this.#placed?.done === true) {
      const { result } = this.#placed;
      this.#placed = undefined;
      valueOf(result);
      return true;
    }
    if (this.#placed !== undefined) return false;
    const unplaced = this.#fetcher.unplaced();
    if (unplaced.length === 0) return false;
    this.#placed = this.#inBackground(
      this.#retrying(() => this.#fetchCommitted(unplaced)).then((committed) => {
        this.#placeAt(unplaced, committed);
        return undefined;
      }),
      (ended) => (this.#placed = ended),
    );
    return false;
  }

  #placeAt(partitions: readonly TopicPartition[], committed: readonly CommittedOffset[]): void {
    const offsets = new Map(committed.map((one) => [keyOf(one), one.offset]));
    const stillUnplaced = new Set(this.#fetcher.unplaced().map(keyOf));
    for (const partition of partitions) {
      // Taken away, or sought by the user, meanwhile.
      if (!stillUnplaced.has(keyOf(partition))) continue;
      const { topic, partition: index } = partition;
      const offset = offsets.get(keyOf(partition));
      if (offset !== undefined) this.#fetcher.seek(topic, index, offset);
      else if (this.#resetPolicy === 'none') throw noCommittedOffset(topic, index);
      else this.#fetcher.reset(topic, index, this.#resetPolicy);
    }
  }

  #fetchCommitted(partitions: readonly TopicPartition[]): Promise<CommittedOffset[]> {
    const requireStable = this.#options.isolationLevel === 'read_committed';
    return fetchGroupOffsets(this.#offsetCoordinator, partitions, requireStable);
  }

  #retrying<T>(operation: () => Promise<T>): Promise<T> {
    const { defaultApiTimeoutMs } = this.#cluster.settings;
    return this.#cluster.retrying(defaultApiTimeoutMs, this.#stop.signal, operation);
  }

  /** Rings the bell when done, so that `poll` goes on. */
  #inBackground<T>(work: Promise<T>, onEnd: (ended: Background<T>) => void): Background<T> {
    const end = (result: Result<T>): void => {
      if (isAborted(this.#stop.signal)) return;
      onEnd({ done: true, result });
      this.#fetcher.wake.ring();
    };
    work.then(
      (value) => end({ value }),
      (error: unknown) => end({ error }),
    );
    return { done: false };
  }
}

function valueOf<T>(result: Result<T>): T {
  if ('error' in result) throw result.error;
  return result.value;
}

function keyOf({ partition, topic }: TopicPartition): string {
  return `${partition} ${topic}`;
}

function isEqual(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

function checkOptions({ groupId, topics, topicsPattern }: ConsumerOptions): void {
  if (groupId === '') {
    throw invalidOptions('a consumer needs a group id', 'set group.id');
  }
  if ((topics === undefined) === (topicsPattern === undefined)) {
    throw invalidOptions(
      'a consumer needs either topics or a pattern of topics',
      'set exactly one of topics and topics.regex',
    );
  }
}
