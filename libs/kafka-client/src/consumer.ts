import { isRetriable, MillraceError } from '@millrace/foundation';
import { ErrorCode } from '@millrace/kafka-protocol';
import type { BrokerLinks } from './broker-link.ts';
import { ClassicRebalance } from './classic-rebalance.ts';
import type { Cluster } from './cluster.ts';
import type {
  CommittedOffset,
  Consumer,
  ConsumerOptions,
  GroupMetadata,
  OffsetToCommit,
  PollOptions,
} from './consumer-api.ts';
import { ConsumerMember } from './consumer-member.ts';
import { Coordinator } from './coordinator.ts';
import { clientClosed, commitRejected, invalidOptions, rebalanceInProgress } from './errors.ts';
import { Fetcher } from './fetcher.ts';
import type { Rebalance } from './group-member.ts';
import { commitGroupOffsets, fetchGroupOffsets, NO_MEMBER } from './group-offsets.ts';
import { Membership } from './membership.ts';
import { checkReset } from './offset-reset.ts';
import { Ownership } from './ownership.ts';
import { Placement } from './placement.ts';
import { Reconciliation } from './reconciliation.ts';
import type { ConsumedRecord, TopicPartition } from './records.ts';
import { TopicDiscovery } from './topic-discovery.ts';

/** For saying good-bye; who closes doesn't wait longer. */
const LEAVE_TIMEOUT_MS = 5_000;
const REBALANCE_TIMEOUT_MS = 300_000;

/**
 * A member of a group. Three things go on at once: the member heartbeats, the fetcher fetches, and
 * `poll` brings them together: it alone changes the assignment and runs callbacks.
 */
export class KafkaConsumer implements Consumer {
  readonly #cluster: Cluster;
  readonly #options: ConsumerOptions;
  readonly #fetcher: Fetcher;
  /** JoinGroup may hold its connection for minutes, so commits have their own. */
  readonly #memberLinks: BrokerLinks;
  readonly #offsetLinks: BrokerLinks;
  readonly #offsetCoordinator: Coordinator;
  readonly #ownership: Ownership;
  readonly #rebalance: Rebalance;
  readonly #placement: Placement;
  readonly #stop = new AbortController();
  #isWoken = false;
  #closing: Promise<void> | undefined;

  constructor(cluster: Cluster, options: ConsumerOptions) {
    checkOptions(options);
    cluster.users.add(this);
    this.#cluster = cluster;
    this.#options = options;
    const resetPolicy = options.autoOffsetReset ?? 'latest';
    this.#fetcher = new Fetcher(cluster, options, resetPolicy);
    this.#memberLinks = cluster.newLinks();
    this.#offsetLinks = cluster.newLinks();
    this.#offsetCoordinator = new Coordinator(cluster, this.#offsetLinks, options.groupId);
    this.#ownership = new Ownership(this.#fetcher, options);
    this.#placement = new Placement(
      this.#fetcher,
      resetPolicy,
      (partitions) => this.#retrying(() => this.#fetchCommitted(partitions)),
      this.#stop.signal,
    );
    this.#rebalance =
      options.groupProtocol === 'consumer' ? this.#reconciliation() : this.#classicRebalance();
  }

  #classicRebalance(): Rebalance {
    const { assignors = ['range', 'cooperative-sticky'], groupId, ...options } = this.#options;
    const onChange = (): void => this.#fetcher.wake.ring();
    const membership = new Membership(
      this.#cluster,
      new Coordinator(this.#cluster, this.#memberLinks, groupId),
      {
        groupInstanceId: options.groupInstanceId ?? null,
        sessionTimeoutMs: options.sessionTimeoutMs ?? 45_000,
        heartbeatIntervalMs: options.heartbeatIntervalMs ?? 3_000,
        rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? REBALANCE_TIMEOUT_MS,
        rackId: options.rackId ?? null,
        assignors,
      },
      { changed: onChange },
    );
    return new ClassicRebalance(
      membership,
      this.#ownership,
      new TopicDiscovery(this.#cluster, options, this.#stop.signal, onChange),
      assignors.every((name) => name === 'cooperative-sticky'),
      this.#stop.signal,
      onChange,
    );
  }

  #reconciliation(): Rebalance {
    const { groupId, topicsRegex, ...options } = this.#options;
    const onChange = (): void => this.#fetcher.wake.ring();
    const member = new ConsumerMember(
      this.#cluster,
      new Coordinator(this.#cluster, this.#memberLinks, groupId),
      {
        groupInstanceId: options.groupInstanceId ?? null,
        rackId: options.rackId ?? null,
        rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? REBALANCE_TIMEOUT_MS,
        remoteAssignor: options.remoteAssignor ?? null,
        topicsRegex: topicsRegex ?? null,
      },
      onChange,
    );
    return new Reconciliation(
      this.#cluster,
      member,
      this.#ownership,
      topicsRegex === undefined
        ? new TopicDiscovery(this.#cluster, options, this.#stop.signal, onChange)
        : undefined,
      this.#stop.signal,
      onChange,
    );
  }

  async poll({ timeoutMs, signal }: PollOptions): Promise<readonly ConsumedRecord[]> {
    const { clock } = this.#cluster.settings;
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    this.#rebalance.member.polling(true);
    try {
      for (;;) {
        if (this.#closing !== undefined) throw clientClosed('consumer');
        signal?.throwIfAborted();
        while ((await this.#rebalance.advance()) || this.#placement.advance());
        const records = await this.#fetcher.poll({ timeoutMs: 0 });
        const nowMs = clock.monotonicMs();
        if (records.length > 0 || this.#isWoken || nowMs >= deadlineMs) {
          this.#isWoken = false;
          return records;
        }
        const untilMs = Math.min(deadlineMs, Math.max(this.#rebalance.nextMs, nowMs + 1));
        await this.#fetcher.wake.wait(untilMs - nowMs, signal);
      }
    } finally {
      this.#rebalance.member.polling(false);
    }
  }

  async readAhead(options: PollOptions): Promise<readonly ConsumedRecord[]> {
    if (this.#closing !== undefined) throw clientClosed('consumer');
    return this.#fetcher.poll(options);
  }

  recycle(records: readonly ConsumedRecord[]): void {
    this.#fetcher.recycle(records);
  }

  async commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    if (offsets.length === 0) return;
    const { groupId } = this.#options;
    const { member } = this.#rebalance;
    if (member.isLost) throw commitRejected(groupId);
    if (!member.isStable) throw rebalanceInProgress(groupId);
    let { identity } = member;
    const doing = 'commit offsets of group';
    const code = await this.#retrying(async () => {
      const answered = await commitGroupOffsets(this.#offsetCoordinator, identity, offsets);
      const error = this.#offsetCoordinator.refuse(answered, doing);
      if (answered === ErrorCode.STALE_MEMBER_EPOCH && !member.isLost) {
        // The next heartbeat brings the new one; who commits owns the partitions until then.
        member.rejoin();
        ({ identity } = member);
        throw rebalanceInProgress(groupId, error);
      }
      if (isRetriable(error)) throw error;
      return answered;
    });
    switch (code) {
      case ErrorCode.NONE:
        return;
      case ErrorCode.REBALANCE_IN_PROGRESS:
        member.rejoin();
        throw rebalanceInProgress(groupId);
      case ErrorCode.UNKNOWN_MEMBER_ID:
      case ErrorCode.ILLEGAL_GENERATION:
      case ErrorCode.FENCED_MEMBER_EPOCH:
      case ErrorCode.STALE_MEMBER_EPOCH:
      case ErrorCode.FENCED_INSTANCE_ID: {
        const cause = this.#offsetCoordinator.refuse(code, doing);
        // A rebalance that went on meanwhile has made us a new generation: not lost then.
        if (member.identity.generationId === identity.generationId) {
          if (code === ErrorCode.FENCED_INSTANCE_ID) member.fail(cause);
          else member.lose();
          throw commitRejected(groupId, cause);
        }
        throw rebalanceInProgress(groupId, cause);
      }
      default:
        throw this.#offsetCoordinator.refuse(code, doing);
    }
  }

  async committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]> {
    if (partitions.length === 0) return [];
    return await this.#retrying(() => this.#fetchCommitted(partitions));
  }

  position({ partition, topic }: TopicPartition): number | undefined {
    return this.#fetcher.position(topic, partition);
  }

  lag({ partition, topic }: TopicPartition): number | undefined {
    return this.#fetcher.lag(topic, partition);
  }

  seek({ partition, topic }: TopicPartition, offset: number, leaderEpoch?: number): void {
    this.#fetcher.seek(topic, partition, offset, leaderEpoch);
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
    return { groupId: this.#options.groupId, ...this.#rebalance.member.identity };
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
    const { member } = this.#rebalance;
    try {
      await this.#ownership.giveUpAll(member.isLost);
    } finally {
      this.#stop.abort(leaving);
      member.stop();
      await this.#cluster.watch
        .guard(
          member.leave(this.#offsetCoordinator, 'the consumer was closed'),
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

  async #fetchCommitted(partitions: readonly TopicPartition[]): Promise<CommittedOffset[]> {
    const { groupId, groupProtocol, isolationLevel } = this.#options;
    const { member } = this.#rebalance;
    const isMember = groupProtocol === 'consumer' && member.isStable;
    try {
      return await fetchGroupOffsets(
        this.#offsetCoordinator,
        partitions,
        isolationLevel === 'read_committed',
        isMember ? member.identity : NO_MEMBER,
      );
    } catch (error) {
      if (!hasCode(error, 'kafka.stale_member_epoch')) throw error;
      member.rejoin();
      throw rebalanceInProgress(groupId, error);
    }
  }

  #retrying<T>(operation: () => Promise<T>): Promise<T> {
    const { defaultApiTimeoutMs } = this.#cluster.settings;
    return this.#cluster.retrying(defaultApiTimeoutMs, this.#stop.signal, operation);
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof MillraceError && error.code === code;
}

function checkOptions(options: ConsumerOptions): void {
  const { autoOffsetReset, groupId, groupProtocol, topics, topicsPattern, topicsRegex } = options;
  if (autoOffsetReset !== undefined) checkReset(autoOffsetReset);
  if (groupId === '') {
    throw invalidOptions('a consumer needs a group id', 'set group.id');
  }
  const ways = [topics, topicsPattern, topicsRegex].filter((one) => one !== undefined);
  if (ways.length !== 1) {
    throw invalidOptions(
      'a consumer needs either topics or a pattern of topics',
      'set exactly one of topics and topics.regex',
    );
  }
  if (topicsRegex !== undefined && groupProtocol !== 'consumer') {
    throw invalidOptions(
      'in the classic protocol the coordinator does not look for topics',
      'give topicsPattern, or set group.protocol=consumer',
    );
  }
}
