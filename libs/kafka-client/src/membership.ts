import { isAborted, isRetriable, type MillraceError } from '@millrace/foundation';
import {
  apis,
  decodeVersioned,
  encodeVersioned,
  ErrorCode,
  messages,
  type JoinGroupResponse,
} from '@millrace/kafka-protocol';
import { Alarm } from './alarm.ts';
import { ASSIGNORS, type MemberSubscription } from './assignors.ts';
import type { Cluster } from './cluster.ts';
import type { AssignorName } from './consumer-api.ts';
import type { Coordinator } from './coordinator.ts';
import { answerIncomplete } from './errors.ts';
import type { GroupMember } from './group-member.ts';
import type { MemberIdentity } from './group-offsets.ts';
import type { TopicPartition } from './records.ts';
import { decodeStickyUserData, encodeStickyUserData } from './sticky-user-data.ts';

const PROTOCOL_TYPE = 'consumer';
const SUBSCRIPTION_VERSION = 3;
const ASSIGNMENT_VERSION = 0;
/** On top of the rebalance time-out, for the answer to JoinGroup to travel. As in Java. */
const JOIN_GRACE_MS = 5_000;

export interface MembershipOptions {
  readonly groupInstanceId: string | null;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly rackId: string | null;
  readonly assignors: readonly AssignorName[];
}

/** `lost`: the group doesn't know us; what we held is others', and we must join as somebody new. */
export type JoinOutcome =
  | { readonly kind: 'assigned'; readonly partitions: readonly TopicPartition[] }
  | { readonly kind: 'lost' };

/** Told when `poll` has something to do. */
export interface MembershipEvents {
  changed(): void;
}

/**
 * Our place in the group: joins and synchronises when told to, heartbeats on its own in between.
 * What it finds out (`mustRejoin`, `isLost`) is acted on by `poll`, where callbacks may run.
 */
export class Membership implements GroupMember {
  readonly #cluster: Cluster;
  readonly #coordinator: Coordinator;
  readonly #options: MembershipOptions;
  readonly #events: MembershipEvents;
  readonly #alarm: Alarm;
  readonly #stop = new AbortController();
  #memberId = '';
  #generationId = -1;
  #isStable = false;
  #isBeating = false;
  #polledAtMs: number;
  #isPolling = false;
  /** In the last generation that we were in. */
  #assigned: readonly TopicPartition[] = [];
  /** With which partition counts the assignment was made; only the leader knows. */
  #assignedCounts: ReadonlyMap<string, number> | undefined;
  mustRejoin = true;
  isLost = false;
  /** Another member has our `group.instance.id`. Joining again would only put that one out. */
  failure: MillraceError | undefined;

  constructor(
    cluster: Cluster,
    coordinator: Coordinator,
    options: MembershipOptions,
    events: MembershipEvents,
  ) {
    this.#cluster = cluster;
    this.#coordinator = coordinator;
    this.#options = options;
    this.#events = events;
    this.#polledAtMs = cluster.settings.clock.monotonicMs();
    this.#alarm = new Alarm(cluster.settings.clock, () => void this.#beat());
  }

  get identity(): MemberIdentity {
    const { groupInstanceId } = this.#options;
    return { generationId: this.#generationId, memberId: this.#memberId, groupInstanceId };
  }

  /** A generation in which offsets can be committed. */
  get isStable(): boolean {
    return this.#isStable;
  }

  polling(isPolling: boolean): void {
    this.#isPolling = isPolling;
    this.#polledAtMs = this.#cluster.settings.clock.monotonicMs();
  }

  rejoin(): void {
    this.mustRejoin = true;
    this.#events.changed();
  }

  /** The group has moved on without us. */
  lose(): void {
    this.isLost = true;
    this.mustRejoin = true;
    this.#isStable = false;
    this.#alarm.clear();
    this.#events.changed();
  }

  fail(error: MillraceError): void {
    this.failure = error;
    this.lose();
  }

  /** After `onLost` has run. The coordinator is to give us a new name. */
  forget(): void {
    this.isLost = false;
    this.#assigned = [];
    this.#memberId = '';
    this.#generationId = -1;
  }

  /** The leader watches whether the topics still have the partitions that it has distributed. */
  haveCountsChanged(): boolean {
    if (this.#assignedCounts === undefined || !this.#isStable) return false;
    for (const [topic, count] of this.#assignedCounts) {
      if ((this.#cluster.findTopic(topic)?.partitions.length ?? 0) !== count) return true;
    }
    return false;
  }

  /** Retries until it is assigned or lost; rejects only with what is fatal, or when stopped. */
  async join(topics: readonly string[], owned: readonly TopicPartition[]): Promise<JoinOutcome> {
    this.mustRejoin = false;
    this.#isStable = false;
    this.#assignedCounts = undefined;
    this.#alarm.clear();
    return await this.#cluster.retrying(Infinity, this.#stop.signal, async () => {
      const joined = await this.#joinOnce(topics, owned);
      if (joined === 'lost') return { kind: 'lost' };
      const partitions = await this.#synchronise(joined);
      if (partitions === 'lost') return { kind: 'lost' };
      this.#isStable = true;
      this.#assigned = partitions;
      this.#beatLater(this.#options.heartbeatIntervalMs);
      return { kind: 'assigned', partitions };
    });
  }

  /** Dynamic members say good-bye, so that the others need not wait for the session to end. */
  async leave(coordinator: Coordinator, reason: string): Promise<void> {
    this.#alarm.clear();
    this.#isStable = false;
    if (this.#memberId === '' || this.#options.groupInstanceId !== null) return;
    const memberId = this.#memberId;
    await coordinator.ask((link) =>
      link.request(apis.leaveGroup, (version) =>
        version >= 3
          ? { groupId: coordinator.key, members: [{ memberId, reason }] }
          : { groupId: coordinator.key, memberId },
      ),
    );
  }

  stop(): void {
    this.#stop.abort();
    this.#alarm.clear();
  }

  async #joinOnce(
    topics: readonly string[],
    owned: readonly TopicPartition[],
  ): Promise<JoinGroupResponse | 'lost'> {
    const { assignors, groupInstanceId, rebalanceTimeoutMs, sessionTimeoutMs } = this.#options;
    const { requestTimeoutMs } = this.#cluster.settings;
    for (;;) {
      const answer = await this.#coordinator.ask((link) =>
        link.request(
          apis.joinGroup,
          {
            groupId: this.#coordinator.key,
            sessionTimeoutMs,
            rebalanceTimeoutMs,
            memberId: this.#memberId,
            groupInstanceId,
            protocolType: PROTOCOL_TYPE,
            protocols: assignors.map((name) => ({
              name,
              metadata: this.#subscription(name, topics, owned),
            })),
          },
          { timeoutMs: Math.max(requestTimeoutMs, rebalanceTimeoutMs + JOIN_GRACE_MS) },
        ),
      );
      switch (answer.errorCode) {
        case ErrorCode.NONE:
          this.#memberId = answer.memberId;
          this.#generationId = answer.generationId;
          return answer;
        case ErrorCode.MEMBER_ID_REQUIRED:
          this.#memberId = answer.memberId;
          continue;
        case ErrorCode.UNKNOWN_MEMBER_ID:
        case ErrorCode.ILLEGAL_GENERATION:
          if (owned.length > 0) return this.#lost();
          this.forget();
          continue;
        default: {
          // `REBALANCE_IN_PROGRESS` isn't retriable in Kafka's table, as only members may retry it.
          const error = this.#coordinator.refuse(answer.errorCode, 'join group');
          throw answer.errorCode === ErrorCode.REBALANCE_IN_PROGRESS
            ? answerIncomplete('JoinGroup', 'a finished rebalance')
            : error;
        }
      }
    }
  }

  async #synchronise(joined: JoinGroupResponse): Promise<readonly TopicPartition[] | 'lost'> {
    const isLeader = joined.leader === joined.memberId && !joined.skipAssignment;
    const assignments = isLeader ? await this.#assign(joined) : [];
    const { groupInstanceId } = this.#options;
    const answer = await this.#coordinator.ask((link) =>
      link.request(
        apis.syncGroup,
        {
          groupId: this.#coordinator.key,
          generationId: joined.generationId,
          memberId: joined.memberId,
          groupInstanceId,
          protocolType: PROTOCOL_TYPE,
          protocolName: joined.protocolName,
          assignments,
        },
        { timeoutMs: this.#options.rebalanceTimeoutMs + JOIN_GRACE_MS },
      ),
    );
    switch (answer.errorCode) {
      case ErrorCode.NONE:
        return assignedIn(answer.assignment);
      case ErrorCode.UNKNOWN_MEMBER_ID:
      case ErrorCode.ILLEGAL_GENERATION:
        return this.#lost();
      case ErrorCode.REBALANCE_IN_PROGRESS:
        throw answerIncomplete('SyncGroup', 'a finished rebalance');
      default:
        throw this.#coordinator.refuse(answer.errorCode, 'synchronise with group');
    }
  }

  async #assign(
    joined: JoinGroupResponse,
  ): Promise<{ memberId: string; assignment: Uint8Array }[]> {
    const members = joined.members.map(({ groupInstanceId, memberId, metadata }) =>
      subscriptionOf(memberId, groupInstanceId, metadata, joined.protocolName ?? ''),
    );
    const topics = new Set(members.flatMap((member) => member.topics));
    await this.#cluster.refresh(topics);
    const counts = new Map<string, number>();
    const assignable = new Map<string, number>();
    for (const topic of topics) {
      const count = this.#cluster.findTopic(topic)?.partitions.length ?? 0;
      counts.set(topic, count);
      if (count > 0) assignable.set(topic, count);
    }
    const name = this.#options.assignors.find((one) => one === joined.protocolName);
    if (name === undefined) throw answerIncomplete('JoinGroup', 'an assignor that we offered');
    const assignment = ASSIGNORS[name](members, assignable);
    this.#assignedCounts = counts;
    return [...assignment].map(([memberId, partitions]) => ({
      memberId,
      assignment: encodeVersioned(messages.consumerProtocolAssignment, ASSIGNMENT_VERSION, {
        assignedPartitions: byTopic(partitions),
      }),
    }));
  }

  #subscription(
    assignor: AssignorName,
    topics: readonly string[],
    owned: readonly TopicPartition[],
  ): Uint8Array {
    const { rackId } = this.#options;
    return encodeVersioned(messages.consumerProtocolSubscription, SUBSCRIPTION_VERSION, {
      topics: [...topics].sort(),
      userData: this.#userData(assignor),
      ownedPartitions: byTopic(owned),
      generationId: this.#generationId,
      rackId,
    });
  }

  #userData(assignor: AssignorName): Uint8Array | null {
    if (assignor === 'sticky') {
      return encodeStickyUserData({ owned: this.#assigned, generation: this.#generationId });
    }
    if (assignor !== 'cooperative-sticky') return null;
    // Where leaders of older Java clients look for the generation of a cooperative member.
    const userData = Buffer.alloc(4);
    userData.writeInt32BE(this.#generationId);
    return userData;
  }

  #lost(): 'lost' {
    this.lose();
    return 'lost';
  }

  #beatLater(delayMs: number): void {
    if (!this.#isStable || isAborted(this.#stop.signal)) return;
    this.#alarm.set(this.#cluster.settings.clock.monotonicMs() + delayMs);
  }

  async #beat(): Promise<void> {
    if (this.#isBeating || !this.#isStable) return;
    this.#isBeating = true;
    const { heartbeatIntervalMs, rebalanceTimeoutMs, sessionTimeoutMs } = this.#options;
    const { clock, log, retryBackoffMs } = this.#cluster.settings;
    let delayMs = heartbeatIntervalMs;
    try {
      const silentMs = clock.monotonicMs() - this.#polledAtMs;
      if (!this.#isPolling && silentMs > rebalanceTimeoutMs) {
        log.warn(
          { group: this.#coordinator.key, silentMs: Math.round(silentMs) },
          'left the group since poll was not called for max.poll.interval.ms',
        );
        await this.leave(this.#coordinator, 'poll was not called in time').catch(() => undefined);
        this.lose();
        return;
      }
      const { generationId, groupInstanceId, memberId } = this.identity;
      const answer = await this.#coordinator.ask((link) =>
        link.request(
          apis.heartbeat,
          { groupId: this.#coordinator.key, generationId, memberId, groupInstanceId },
          { timeoutMs: Math.min(sessionTimeoutMs, this.#cluster.settings.requestTimeoutMs) },
        ),
      );
      // Of an earlier generation: the rebalance that has begun since knows better.
      if (generationId === this.#generationId) this.#readHeartbeat(answer.errorCode);
    } catch (error) {
      if (isAborted(this.#stop.signal)) return;
      // Without an answer in time the coordinator will give our partitions away: `poll` finds out.
      if (isRetriable(error)) delayMs = retryBackoffMs;
      else log.warn({ err: error }, 'heartbeat failed; it is tried again');
    } finally {
      this.#isBeating = false;
      this.#beatLater(delayMs);
    }
  }

  #readHeartbeat(errorCode: number): void {
    switch (errorCode) {
      case ErrorCode.NONE:
        return;
      case ErrorCode.REBALANCE_IN_PROGRESS:
        if (!this.mustRejoin) this.rejoin();
        return;
      case ErrorCode.UNKNOWN_MEMBER_ID:
      case ErrorCode.ILLEGAL_GENERATION:
        if (this.#isStable) this.lose();
        return;
      case ErrorCode.FENCED_INSTANCE_ID:
        this.fail(this.#coordinator.refuse(errorCode, 'heartbeat to group'));
        return;
      default:
        throw this.#coordinator.refuse(errorCode, 'heartbeat to group');
    }
  }
}

function subscriptionOf(
  memberId: string,
  groupInstanceId: string | null,
  metadata: Uint8Array,
  assignor: string,
): MemberSubscription {
  const { value } = decodeVersioned(messages.consumerProtocolSubscription, metadata);
  const { generationId, ownedPartitions, topics, userData } = value;
  if (assignor === 'sticky') {
    const kept = decodeStickyUserData(userData ?? new Uint8Array());
    return { memberId, groupInstanceId, topics, ...kept };
  }
  const inUserData = userData !== null && userData.byteLength === 4 ? int32Of(userData) : -1;
  return {
    memberId,
    groupInstanceId,
    topics,
    owned: ownedPartitions.flatMap(({ partitions, topic }) =>
      partitions.map((partition) => ({ topic, partition })),
    ),
    generation: generationId === -1 ? inUserData : generationId,
  };
}

function int32Of(bytes: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readInt32BE(0);
}

function assignedIn(assignment: Uint8Array): TopicPartition[] {
  if (assignment.byteLength === 0) return [];
  const { value } = decodeVersioned(messages.consumerProtocolAssignment, assignment);
  return value.assignedPartitions.flatMap(({ partitions, topic }) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}

function byTopic(partitions: readonly TopicPartition[]): { topic: string; partitions: number[] }[] {
  const groups = new Map<string, number[]>();
  for (const { partition, topic } of partitions) {
    const group = groups.get(topic);
    if (group === undefined) groups.set(topic, [partition]);
    else group.push(partition);
  }
  return [...groups].map(([topic, group]) => ({ topic, partitions: group }));
}
