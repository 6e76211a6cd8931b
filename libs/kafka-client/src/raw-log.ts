import { isRetriable, MillraceError } from '@millrace/foundation';
import { apis, ErrorCode, errorFromCode } from '@millrace/kafka-protocol';
import type { BrokerNode } from './admin-api.ts';
import type { BrokerLinks } from './broker-link.ts';
import { byTopic } from './by-topic.ts';
import type { Cluster } from './cluster.ts';
import type { IsolationLevel } from './consumer-api.ts';
import { answerIncomplete } from './errors.ts';
import type { AbortedTransaction } from './partition-buffer.ts';
import type { TopicPartition } from './records.ts';
import { FETCH_NAMES_VERSION_MAX, PRODUCE_NAMES_VERSION_MAX } from './topic-ids.ts';

export interface RawFetchItem extends TopicPartition {
  readonly offset: number;
  /** Default 1 MiB. The first batch is whole even if it is larger. */
  readonly bytesMax?: number;
}

export interface RawFetchOptions {
  /** Default 500. */
  readonly maxWaitMs?: number;
  /** Default 1. */
  readonly minBytes?: number;
  /** Of one broker's answer; default 50 MiB. */
  readonly maxBytes?: number;
  readonly isolationLevel?: IsolationLevel;
}

export interface RawFetchResult extends TopicPartition {
  /** Batches as they are stored, control batches too, the last one possibly cut. */
  readonly records: Uint8Array;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  /** -1 when the broker didn't say. */
  readonly logStartOffset: number;
  readonly abortedTransactions: readonly AbortedTransaction[];
  readonly error: MillraceError | undefined;
}

export interface RawProduceItem extends TopicPartition {
  /** Exactly one record batch; the broker sets its base offset and leader epoch. */
  readonly batch: Uint8Array;
}

export interface RawProduceResult extends TopicPartition {
  /** Of the batch's first record; -1 when it failed or the broker didn't say. */
  readonly baseOffset: number;
  readonly error: MillraceError | undefined;
}

/**
 * Batches as bytes, for who copies them unchanged (mirroring) or reads them itself. One attempt;
 * each partition has its own outcome. A retriable error has renewed the metadata already.
 */
export interface RawLog extends AsyncDisposable {
  fetchRaw(
    items: readonly RawFetchItem[],
    options?: RawFetchOptions,
  ): Promise<readonly RawFetchResult[]>;
  /** With `acks=all`. At most one item a partition. */
  produceRaw(
    items: readonly RawProduceItem[],
    options?: { readonly timeoutMs?: number },
  ): Promise<readonly RawProduceResult[]>;
  close(): Promise<void>;
}

type Outcome<Result> = Result | MillraceError;

export class KafkaRawLog implements RawLog {
  readonly #cluster: Cluster;
  readonly #fetchLinks: BrokerLinks;
  readonly #produceLinks: BrokerLinks;

  constructor(cluster: Cluster) {
    cluster.users.add(this);
    this.#cluster = cluster;
    this.#fetchLinks = cluster.newLinks();
    this.#produceLinks = cluster.newLinks();
  }

  async fetchRaw(
    items: readonly RawFetchItem[],
    options: RawFetchOptions = {},
  ): Promise<readonly RawFetchResult[]> {
    const outcomes = await this.#byLeader(items, (leader, part) =>
      this.#fetch(leader, part, options),
    );
    return items.map(({ partition, topic }, index) => {
      const outcome = outcomes[index];
      if (outcome !== undefined && !(outcome instanceof MillraceError)) return outcome;
      return {
        topic,
        partition,
        records: new Uint8Array(0),
        highWatermark: -1,
        lastStableOffset: -1,
        logStartOffset: -1,
        abortedTransactions: [],
        error: outcome ?? answerIncomplete('Fetch', `${topic}-${partition}`),
      };
    });
  }

  async produceRaw(
    items: readonly RawProduceItem[],
    options: { readonly timeoutMs?: number } = {},
  ): Promise<readonly RawProduceResult[]> {
    const timeoutMs = options.timeoutMs ?? this.#cluster.settings.requestTimeoutMs;
    const outcomes = await this.#byLeader(items, (leader, part) =>
      this.#produce(leader, part, timeoutMs),
    );
    return items.map(({ partition, topic }, index) => {
      const outcome = outcomes[index];
      if (outcome !== undefined && !(outcome instanceof MillraceError)) return outcome;
      const error = outcome ?? answerIncomplete('Produce', `${topic}-${partition}`);
      return { topic, partition, baseOffset: -1, error };
    });
  }

  async close(): Promise<void> {
    await this.#fetchLinks.close();
    await this.#produceLinks.close();
    this.#cluster.users.delete(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #fetch(
    leader: BrokerNode,
    items: readonly RawFetchItem[],
    options: RawFetchOptions,
  ): Promise<RawFetchResult[]> {
    const { maxWaitMs = 500, minBytes = 1, maxBytes = 50 * 1024 * 1024, isolationLevel } = options;
    const answer = await this.#fetchLinks.to(leader).request(
      apis.fetch,
      {
        maxWaitMs,
        minBytes,
        maxBytes,
        isolationLevel: isolationLevel === 'read_committed' ? 1 : 0,
        topics: [...byTopic(items)].map(([topic, part]) => ({
          topic,
          partitions: part.map(({ bytesMax = 1024 * 1024, offset, partition }) => ({
            partition,
            fetchOffset: offset,
            currentLeaderEpoch: this.#cluster.findPartition(topic, partition)?.leaderEpoch ?? -1,
            partitionMaxBytes: bytesMax,
          })),
        })),
      },
      {
        versionMax: FETCH_NAMES_VERSION_MAX,
        timeoutMs: this.#cluster.settings.requestTimeoutMs + maxWaitMs,
      },
    );
    if (answer.errorCode !== 0) throw errorFromCode(answer.errorCode, 'fetch');
    return answer.responses.flatMap(({ partitions, topic }) =>
      partitions.map((partition) => ({
        topic,
        partition: partition.partitionIndex,
        records: partition.records ?? new Uint8Array(0),
        highWatermark: partition.highWatermark,
        lastStableOffset: partition.lastStableOffset,
        logStartOffset: partition.logStartOffset,
        abortedTransactions: partition.abortedTransactions ?? [],
        error: errorOf(partition.errorCode, `fetch from ${topic}-${partition.partitionIndex}`),
      })),
    );
  }

  async #produce(
    leader: BrokerNode,
    items: readonly RawProduceItem[],
    timeoutMs: number,
  ): Promise<RawProduceResult[]> {
    const answer = await this.#produceLinks.to(leader).request(
      apis.produce,
      {
        acks: -1,
        timeoutMs,
        topicData: [...byTopic(items)].map(([name, part]) => ({
          name,
          partitionData: part.map(({ batch, partition }) => ({ index: partition, records: batch })),
        })),
      },
      { versionMax: PRODUCE_NAMES_VERSION_MAX, timeoutMs },
    );
    return answer.responses.flatMap(({ name, partitionResponses }) =>
      partitionResponses.map(({ baseOffset, errorCode, errorMessage, index }) => ({
        topic: name,
        partition: index,
        baseOffset: errorCode === 0 ? baseOffset : -1,
        error: errorOf(errorCode, `produce to ${name}-${index}`, errorMessage),
      })),
    );
  }

  /** Outcomes in the order of the items. */
  async #byLeader<Item extends TopicPartition, Result extends TopicPartition>(
    items: readonly Item[],
    ask: (leader: BrokerNode, part: readonly Item[]) => Promise<readonly Result[]>,
  ): Promise<(Outcome<Result> | undefined)[]> {
    const missing = items.filter((one) => this.#leaderOf(one) === undefined);
    if (missing.length > 0) await this.#cluster.refresh(topicsOf(missing));
    const outcomes = new Map<string, Outcome<Result>>();
    const parts = new Map<BrokerNode, Item[]>();
    for (const item of items) {
      const leader = this.#leaderOf(item);
      if (leader === undefined) {
        const doing = `ask the leader of ${item.topic}-${item.partition}`;
        outcomes.set(keyOf(item), errorFromCode(ErrorCode.LEADER_NOT_AVAILABLE, doing));
        continue;
      }
      const part = parts.get(leader);
      if (part === undefined) parts.set(leader, [item]);
      else part.push(item);
    }
    let mustRefresh = outcomes.size > 0;
    await Promise.all(
      [...parts].map(async ([leader, part]) => {
        try {
          for (const result of await ask(leader, part)) outcomes.set(keyOf(result), result);
        } catch (error) {
          if (!(error instanceof MillraceError)) throw error;
          mustRefresh ||= isRetriable(error);
          for (const item of part) outcomes.set(keyOf(item), error);
        }
      }),
    );
    for (const outcome of outcomes.values()) {
      if ('error' in outcome && isRetriable(outcome.error)) mustRefresh = true;
    }
    // So that the next attempt asks the right broker; if it fails, that attempt finds it out.
    if (mustRefresh) await this.#cluster.refresh(topicsOf(items)).catch(() => undefined);
    return items.map((item) => outcomes.get(keyOf(item)));
  }

  #leaderOf({ partition, topic }: TopicPartition): BrokerNode | undefined {
    return this.#cluster.findLeader(topic, partition);
  }
}

function errorOf(
  errorCode: number,
  doing: string,
  detail?: string | null,
): MillraceError | undefined {
  return errorCode === 0 ? undefined : errorFromCode(errorCode, doing, detail);
}

function topicsOf(items: readonly TopicPartition[]): Set<string> {
  return new Set(items.map(({ topic }) => topic));
}

function keyOf({ partition, topic }: TopicPartition): string {
  return `${partition} ${topic}`;
}
