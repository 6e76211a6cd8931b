import { byTopic } from './by-topic.ts';
import type { TopicPartition } from './records.ts';

/** What is asked of one partition. */
export interface FetchTarget extends TopicPartition {
  readonly fetchOffset: number;
  readonly currentLeaderEpoch: number;
  readonly lastFetchedEpoch: number;
  readonly partitionMaxBytes: number;
}

type FetchPartition = Omit<FetchTarget, 'topic'>;

export interface SessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly topics: readonly { readonly topic: string; readonly partitions: FetchPartition[] }[];
  readonly forgottenTopicsData: readonly {
    readonly topic: string;
    readonly partitions: number[];
  }[];
}

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
  readonly #known = new Map<string, FetchTarget>();

  compose(targets: readonly FetchTarget[]): SessionRequest {
    if (this.#id === 0 && targets.length < PARTITIONS_MIN) {
      return {
        sessionId: 0,
        sessionEpoch: SESSIONLESS_EPOCH,
        topics: grouped(targets),
        forgottenTopicsData: [],
      };
    }
    if (this.#id === 0) this.#known.clear();
    const wanted = new Set<string>();
    const changed: FetchTarget[] = [];
    for (const target of targets) {
      const key = `${target.partition} ${target.topic}`;
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
        partitions: part.map(({ partition }) => partition),
      })),
    };
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
