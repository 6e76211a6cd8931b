import { ErrorCode } from '@millrace/kafka-protocol';
import { byTopic } from './by-topic.ts';
import { keyOf, type TopicPartition } from './records.ts';

/** What is asked of one partition. */
export interface FetchTarget extends TopicPartition {
  readonly topicId: string | undefined;
  readonly fetchOffset: number;
  readonly currentLeaderEpoch: number;
  readonly lastFetchedEpoch: number;
  readonly partitionMaxBytes: number;
}

type FetchPartition = Omit<FetchTarget, 'topic' | 'topicId'>;

interface NamedTopic<P> {
  readonly topic: string;
  readonly topicId: string | undefined;
  readonly partitions: P[];
}

export interface SessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly topics: readonly NamedTopic<FetchPartition>[];
  readonly forgottenTopicsData: readonly NamedTopic<number>[];
  /** All topics have ids, so that they may be asked for by these alone (KIP-516). */
  readonly usesIds: boolean;
  /** As asked: what an id means may have changed when the answer comes. */
  readonly namesById: ReadonlyMap<string | undefined, string>;
}

/** The broker has another idea of the session: it is begun anew. */
export const SESSION_ERRORS: ReadonlySet<number> = new Set([
  ErrorCode.FETCH_SESSION_ID_NOT_FOUND,
  ErrorCode.INVALID_FETCH_SESSION_EPOCH,
  ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
]);

/** With fewer partitions naming them all each time costs less than a place in the broker's cache. */
const PARTITIONS_MIN = 10;
const SESSIONLESS_EPOCH = -1;
const FIRST_EPOCH = 0;
const EPOCH_MAX = 2 ** 31 - 1;

/**
 * What a broker remembers of our questions (KIP-227), so that only what changed is said again, and
 * only what has something new is answered. One a broker; one request at a time.
 */
export class FetchSession {
  #id = 0;
  #epoch = FIRST_EPOCH;
  #usesIds = false;
  readonly #known = new Map<string, FetchTarget>();

  compose(targets: readonly FetchTarget[]): SessionRequest {
    const namesById = new Map(targets.map(({ topic, topicId }) => [topicId, topic]));
    const usesIds = targets.every(({ topicId }) => topicId !== undefined);
    // A session has either names or ids, and the name of a topic that was made anew means another one.
    if (this.#id !== 0 && (usesIds !== this.#usesIds || targets.some((one) => this.#isOther(one))))
      this.reset();
    this.#usesIds = usesIds;
    if (this.#id === 0 && targets.length < PARTITIONS_MIN) {
      return {
        sessionId: 0,
        sessionEpoch: SESSIONLESS_EPOCH,
        topics: grouped(targets),
        forgottenTopicsData: [],
        usesIds,
        namesById,
      };
    }
    if (this.#id === 0) this.#known.clear();
    const wanted = new Set<string>();
    const changed: FetchTarget[] = [];
    for (const target of targets) {
      const key = keyOf(target);
      wanted.add(key);
      const known = this.#known.get(key);
      if (known !== undefined && isSame(known, target)) continue;
      this.#known.set(key, target);
      changed.push(target);
    }
    const forgotten: FetchTarget[] = [];
    for (const [key, target] of this.#known) {
      if (wanted.has(key)) continue;
      this.#known.delete(key);
      forgotten.push(target);
    }
    return {
      sessionId: this.#id,
      sessionEpoch: this.#epoch,
      topics: grouped(changed),
      forgottenTopicsData: [...byTopic(forgotten)].map(([topic, part]) => ({
        topic,
        topicId: part[0]?.topicId,
        partitions: part.map(({ partition }) => partition),
      })),
      usesIds,
      namesById,
    };
  }

  #isOther(target: FetchTarget): boolean {
    const known = this.#known.get(keyOf(target));
    return known !== undefined && known.topicId !== target.topicId;
  }

  /** The answer had no error; 0 when the broker keeps no session for us. */
  answered(sessionId: number): void {
    if (sessionId === 0) {
      this.reset();
      return;
    }
    this.#epoch = sessionId === this.#id && this.#epoch < EPOCH_MAX ? this.#epoch + 1 : 1;
    this.#id = sessionId;
  }

  /** The broker has no such session (any more), or may have missed a request: all is said again. */
  reset(): void {
    this.#id = 0;
    this.#epoch = FIRST_EPOCH;
    this.#known.clear();
  }
}

function grouped(targets: readonly FetchTarget[]): SessionRequest['topics'] {
  return [...byTopic(targets)].map(([topic, part]) => ({
    topic,
    topicId: part[0]?.topicId,
    partitions: part.map((target) => ({
      partition: target.partition,
      fetchOffset: target.fetchOffset,
      currentLeaderEpoch: target.currentLeaderEpoch,
      lastFetchedEpoch: target.lastFetchedEpoch,
      partitionMaxBytes: target.partitionMaxBytes,
    })),
  }));
}

function isSame(a: FetchTarget, b: FetchTarget): boolean {
  return (
    a.fetchOffset === b.fetchOffset &&
    a.currentLeaderEpoch === b.currentLeaderEpoch &&
    a.lastFetchedEpoch === b.lastFetchedEpoch &&
    a.partitionMaxBytes === b.partitionMaxBytes
  );
}
