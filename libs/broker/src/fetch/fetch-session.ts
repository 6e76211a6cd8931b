import {
  ErrorCode,
  type FetchRequest,
  type FetchRequestPartition,
  type FetchResponseInput,
  type FetchResponsePartitionInput,
} from '@millrace/kafka-protocol';

type RequestTopics = FetchRequest['topics'];
type ResponseTopics = FetchResponseInput['responses'];
type MutableTopics<P> = {
  readonly topic: string;
  readonly topicId: string;
  readonly partitions: P[];
}[];

interface CachedPartition {
  readonly topic: string;
  readonly topicId: string;
  request: FetchRequestPartition;
  /** As the client was told last; -1 when it was told nothing, or an error. */
  highWatermark: number;
  logStartOffset: number;
}

const LAST_EPOCH = 0x7fff_ffff;

/**
 * The partitions of one reader (KIP-227), so that its requests need to say only what is new to us
 * and our answers only what is new to it. Those that were answered with records go to the end, so
 * that a limit on bytes does not favour the same ones for ever.
 */
export class FetchSession {
  readonly id: number;
  readonly usesTopicIds: boolean;
  /** Of a follower, which comes before consumers. */
  readonly isPrivileged: boolean;
  readonly createdMs: number;
  lastUsedMs: number;
  /** The next request must say this one. */
  epoch = 1;
  readonly #partitions = new Map<string, CachedPartition>();

  constructor(
    id: number,
    options: {
      readonly usesTopicIds: boolean;
      readonly isPrivileged: boolean;
      readonly nowMs: number;
    },
  ) {
    this.id = id;
    this.usesTopicIds = options.usesTopicIds;
    this.isPrivileged = options.isPrivileged;
    this.createdMs = options.nowMs;
    this.lastUsedMs = options.nowMs;
  }

  get size(): number {
    return this.#partitions.size;
  }

  /** Everything that is read for this session, in its order. */
  get topics(): RequestTopics {
    const topics: MutableTopics<FetchRequestPartition> = [];
    for (const { topic, topicId, request } of this.#partitions.values())
      lastTopic(topics, topic, topicId).push(request);
    return topics;
  }

  update(topics: RequestTopics, forgotten: FetchRequest['forgottenTopicsData']): void {
    for (const { topic, topicId, partitions } of topics) {
      for (const request of partitions) {
        const key = keyOf(topic, topicId, request.partition);
        const known = this.#partitions.get(key);
        if (known !== undefined) known.request = request;
        else {
          const unsaid = { highWatermark: -1, logStartOffset: -1 };
          this.#partitions.set(key, { topic, topicId, request, ...unsaid });
        }
      }
    }
    for (const { topic, topicId, partitions } of forgotten) {
      for (const partition of partitions) this.#partitions.delete(keyOf(topic, topicId, partition));
    }
  }

  advance(): void {
    this.epoch = nextEpoch(this.epoch);
  }

  /** Notes what the reader is told, and answers what of it is news. */
  news(responses: ResponseTopics): ResponseTopics {
    const topics: MutableTopics<FetchResponsePartitionInput> = [];
    for (const { topic = '', topicId = '', partitions } of responses) {
      for (const partition of partitions) {
        const key = keyOf(topic, topicId, partition.partitionIndex);
        const known = this.#partitions.get(key);
        if (known !== undefined && !isNews(known, partition)) continue;
        if (known !== undefined) this.#note(key, known, partition);
        lastTopic(topics, topic, topicId).push(partition);
      }
    }
    return topics;
  }

  #note(key: string, known: CachedPartition, said: FetchResponsePartitionInput): void {
    // After an error everything is news.
    known.highWatermark = said.errorCode === ErrorCode.NONE ? said.highWatermark : -1;
    known.logStartOffset = said.logStartOffset ?? -1;
    if ((said.records?.byteLength ?? 0) === 0) return;
    this.#partitions.delete(key);
    this.#partitions.set(key, known);
  }
}

export function nextEpoch(epoch: number): number {
  return epoch === LAST_EPOCH ? 1 : epoch + 1;
}

function isNews(known: CachedPartition, said: FetchResponsePartitionInput): boolean {
  return (
    (said.records?.byteLength ?? 0) > 0 ||
    said.errorCode !== ErrorCode.NONE ||
    said.highWatermark !== known.highWatermark ||
    (said.logStartOffset ?? -1) !== known.logStartOffset ||
    said.divergingEpoch !== undefined
  );
}

/** A partition is one and the same however many requests name it; ids and names are never mixed in a session. */
function keyOf(topic: string, topicId: string, partition: number): string {
  return `${partition}:${topic === '' ? topicId : topic}`;
}

/** Neighbours of one topic are one entry. */
function lastTopic<P>(topics: MutableTopics<P>, topic: string, topicId: string): P[] {
  const last = topics.at(-1);
  if (last?.topic === topic && last.topicId === topicId) return last.partitions;
  const partitions: P[] = [];
  topics.push({ topic, topicId, partitions });
  return partitions;
}
