import { isAborted, isRetriable, type MillraceError } from '@millrace/foundation';
import {
  apis,
  ErrorCode,
  uuidFromBytes,
  type ConsumerGroupHeartbeatRequestInput,
  type ConsumerGroupHeartbeatResponse,
} from '@millrace/kafka-protocol';
import { Alarm } from './alarm.ts';
import type { Cluster } from './cluster.ts';
import type { Coordinator } from './coordinator.ts';
import { asMillrace } from './errors.ts';
import type { GroupMember } from './group-member.ts';
import type { MemberIdentity } from './group-offsets.ts';

const JOIN_EPOCH = 0;
const LEAVE_EPOCH = -1;
/** A static member leaves for a while. */
const LEAVE_STATIC_EPOCH = -2;
/** Until the coordinator has told its own. */
const FIRST_INTERVAL_MS = 1_000;

export interface ConsumerMemberOptions {
  readonly groupInstanceId: string | null;
  readonly rackId: string | null;
  readonly rebalanceTimeoutMs: number;
  /** `group.remote.assignor`: 'uniform' or 'range'; `null`: the coordinator's choice. */
  readonly remoteAssignor: string | null;
  /** Read by the coordinator, as RE2. */
  readonly topicsRegex: string | null;
}

/** Topic id to partitions. */
export type TopicIdPartitions = ReadonlyMap<string, readonly number[]>;

type State = 'unjoined' | 'joining' | 'member' | 'lost';

/**
 * A member of a group of the consumer protocol (KIP-848). Everything is said in heartbeats: what we
 * want, what the coordinator wants us to hold, and that we hold no more (and no less) than that. Fields
 * are repeated only when they changed, or when a heartbeat may not have arrived.
 */
export class ConsumerMember implements GroupMember {
  readonly #cluster: Cluster;
  readonly #coordinator: Coordinator;
  readonly #options: ConsumerMemberOptions;
  readonly #onChange: () => void;
  readonly #alarm: Alarm;
  readonly #stop = new AbortController();
  readonly #memberId: string;
  #epoch = JOIN_EPOCH;
  #state: State = 'unjoined';
  #intervalMs = FIRST_INTERVAL_MS;
  #failuresInRow = 0;
  #topics: readonly string[] = [];
  #owned: TopicIdPartitions = new Map();
  /** What the coordinator knows for sure; `undefined`: say it (again). */
  #toldTopics: readonly string[] | undefined;
  #toldOwned: TopicIdPartitions | undefined;
  #isIntroduced = false;
  #target: TopicIdPartitions | undefined;
  #isBeating = false;
  #mustBeatAgain = false;
  #isPolling = false;
  #polledAtMs: number;
  failure: MillraceError | undefined;

  constructor(
    cluster: Cluster,
    coordinator: Coordinator,
    options: ConsumerMemberOptions,
    onChange: () => void,
  ) {
    const { clock, random } = cluster.settings;
    this.#cluster = cluster;
    this.#coordinator = coordinator;
    this.#options = options;
    this.#onChange = onChange;
    this.#memberId = uuidFromBytes(random.nextBytes(16));
    this.#polledAtMs = clock.monotonicMs();
    this.#alarm = new Alarm(clock, () => void this.#beat());
  }

  get identity(): MemberIdentity {
    return {
      generationId: this.#epoch,
      memberId: this.#memberId,
      groupInstanceId: this.#options.groupInstanceId,
    };
  }

  get isStable(): boolean {
    return this.#state === 'member';
  }

  get isLost(): boolean {
    return this.#state === 'lost';
  }

  get isJoined(): boolean {
    return this.#state !== 'unjoined';
  }

  polling(isPolling: boolean): void {
    this.#isPolling = isPolling;
    this.#polledAtMs = this.#cluster.settings.clock.monotonicMs();
  }

  /** Joins with the first call. */
  subscribe(topics: readonly string[]): void {
    this.#topics = topics;
    if (this.#state === 'unjoined') this.#state = 'joining';
    this.#beatNow();
  }

  /** What we shall hold, when the coordinator has said something new. */
  takeTarget(): TopicIdPartitions | undefined {
    const target = this.#target;
    this.#target = undefined;
    return target;
  }

  /** We hold this now, and nothing else. */
  acknowledge(owned: TopicIdPartitions): void {
    if (this.#state === 'lost') return;
    this.#owned = owned;
    this.#toldOwned = undefined;
    this.#beatNow();
  }

  rejoin(): void {
    this.#beatNow();
  }

  lose(): void {
    this.#state = 'lost';
    this.#target = undefined;
    this.#alarm.clear();
    this.#onChange();
  }

  /** After `onLost` has run: as a new member under the same name. */
  forget(): void {
    this.#epoch = JOIN_EPOCH;
    this.#owned = new Map();
    this.#forgetTold();
    this.#state = 'joining';
    this.#beatNow();
  }

  fail(error: MillraceError): void {
    this.failure = error;
    this.lose();
  }

  async leave(coordinator: Coordinator): Promise<void> {
    this.#alarm.clear();
    if (this.#state !== 'member') return;
    this.#state = 'unjoined';
    const { groupInstanceId } = this.#options;
    await coordinator.ask((link) =>
      link.request(apis.consumerGroupHeartbeat, {
        groupId: coordinator.key,
        memberId: this.#memberId,
        instanceId: groupInstanceId,
        memberEpoch: groupInstanceId === null ? LEAVE_EPOCH : LEAVE_STATIC_EPOCH,
      }),
    );
  }

  stop(): void {
    this.#stop.abort();
    this.#alarm.clear();
  }

  #beatNow(): void {
    if (this.#isBeating) this.#mustBeatAgain = true;
    else void this.#beat();
  }

  async #beat(): Promise<void> {
    const isIn = this.#state === 'joining' || this.#state === 'member';
    if (this.#isBeating || !isIn || isAborted(this.#stop.signal)) return;
    this.#alarm.clear();
    this.#isBeating = true;
    this.#mustBeatAgain = false;
    let delayMs = this.#intervalMs;
    try {
      if (await this.#hasLeftForSilence()) return;
      const { owned, request, topics } = this.#compose();
      const answer = await this.#coordinator.ask((link) =>
        link.request(apis.consumerGroupHeartbeat, (version) =>
          // Said together with the names, as librdkafka does: there is no pattern.
          version >= 1 && request.subscribedTopicNames !== undefined
            ? { subscribedTopicRegex: '', ...request }
            : request,
        ),
      );
      this.#failuresInRow = 0;
      this.#read(answer);
      if (answer.errorCode === ErrorCode.NONE) {
        this.#isIntroduced = true;
        this.#toldTopics = topics;
        // Unless something else was acknowledged meanwhile.
        if (this.#owned === owned) this.#toldOwned = owned;
        delayMs = this.#intervalMs;
      }
    } catch (error) {
      if (isAborted(this.#stop.signal)) return;
      // It may have arrived or not: all is said again.
      this.#forgetTold();
      if (isRetriable(error)) delayMs = this.#backOffMs();
      else this.fail(asMillrace(error));
    } finally {
      this.#isBeating = false;
      this.#beatLater(this.#wantsMore() ? 0 : delayMs);
    }
  }

  /** Something changed while a heartbeat was on its way; after a failure it waits like everything. */
  #wantsMore(): boolean {
    return this.#mustBeatAgain && this.#failuresInRow === 0;
  }

  #beatLater(delayMs: number): void {
    if (this.#state !== 'joining' && this.#state !== 'member') return;
    if (isAborted(this.#stop.signal)) return;
    this.#alarm.set(this.#cluster.settings.clock.monotonicMs() + delayMs);
  }

  #compose(): {
    readonly request: ConsumerGroupHeartbeatRequestInput;
    readonly topics: readonly string[];
    readonly owned: TopicIdPartitions;
  } {
    const { groupInstanceId, rackId, rebalanceTimeoutMs, remoteAssignor, topicsRegex } =
      this.#options;
    const topics = this.#topics;
    const owned = this.#owned;
    const isFirst = !this.#isIntroduced;
    const request = {
      groupId: this.#coordinator.key,
      memberId: this.#memberId,
      memberEpoch: this.#epoch,
      instanceId: groupInstanceId,
      ...(isFirst ? { rackId, rebalanceTimeoutMs, serverAssignor: remoteAssignor } : {}),
      ...(isFirst && topicsRegex !== null ? { subscribedTopicRegex: topicsRegex } : {}),
      ...(this.#toldTopics === topics ? {} : { subscribedTopicNames: [...topics] }),
      ...(this.#toldOwned === owned
        ? {}
        : {
            topicPartitions: [...owned].map(([topicId, partitions]) => ({
              topicId,
              partitions: [...partitions],
            })),
          }),
    };
    return { request, topics, owned };
  }

  #read(answer: ConsumerGroupHeartbeatResponse): void {
    if (this.#state !== 'joining' && this.#state !== 'member') return; // left or lost meanwhile
    const { assignment, errorCode, errorMessage, heartbeatIntervalMs, memberEpoch } = answer;
    switch (errorCode) {
      case ErrorCode.NONE:
        this.#epoch = memberEpoch;
        this.#intervalMs = Math.max(1, heartbeatIntervalMs);
        this.#state = 'member';
        if (assignment === null) return;
        this.#target = new Map(
          assignment.topicPartitions.map(({ partitions, topicId }) => [topicId, partitions]),
        );
        this.#onChange();
        return;
      case ErrorCode.FENCED_MEMBER_EPOCH:
      case ErrorCode.UNKNOWN_MEMBER_ID:
        this.lose();
        return;
      default:
        throw this.#coordinator.refuse(errorCode, 'heartbeat to group', errorMessage);
    }
  }

  /** Who doesn't poll for `max.poll.interval.ms` is taken for stuck, and others get its partitions. */
  async #hasLeftForSilence(): Promise<boolean> {
    const { clock, log } = this.#cluster.settings;
    const silentMs = clock.monotonicMs() - this.#polledAtMs;
    if (this.#isPolling || silentMs <= this.#options.rebalanceTimeoutMs) return false;
    log.warn(
      { group: this.#coordinator.key, silentMs: Math.round(silentMs) },
      'left the group since poll was not called for max.poll.interval.ms',
    );
    await this.leave(this.#coordinator).catch(() => undefined); // the session will end by itself
    this.lose();
    return true;
  }

  #forgetTold(): void {
    this.#isIntroduced = false;
    this.#toldTopics = undefined;
    this.#toldOwned = undefined;
  }

  #backOffMs(): number {
    const { random, retryBackoffMaxMs, retryBackoffMs } = this.#cluster.settings;
    const exponent = Math.min(this.#failuresInRow, 30);
    this.#failuresInRow += 1;
    const delayMs = Math.min(retryBackoffMs * 2 ** exponent, retryBackoffMaxMs);
    return delayMs * 0.8 + random.nextInt(Math.ceil(delayMs * 0.4) + 1);
  }
}
