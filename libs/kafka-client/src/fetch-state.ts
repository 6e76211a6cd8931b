import type { BrokerNode } from './admin-api.ts';
import type { Cluster } from './cluster.ts';
import type { OffsetReset } from './consumer-api.ts';
import type { FetchTarget } from './fetch-session.ts';
import type { FetchMemory } from './fetch-memory.ts';
import { PartitionBuffer } from './partition-buffer.ts';

/** One partition of a fetcher. */
export interface FetchState {
  readonly topic: string;
  readonly partition: number;
  readonly buffer: PartitionBuffer;
  /** Of the next record to give out; `undefined` until it is known. */
  position: number | undefined;
  /** Of the next batch to ask for; at or after `position`. */
  fetchFrom: number;
  /** Where what may be read ended, by the last answer. */
  endOffset: number | undefined;
  /** Of the record before `fetchFrom`, -1 if not known: the broker notices when its log parted (KIP-320). */
  lastEpoch: number;
  /** To be found out before fetching. */
  reset: Exclude<OffsetReset, 'none'> | undefined;
  /** A replica near to us that the leader has named (KIP-392), for a while. */
  readReplica: { readonly id: number; readonly untilMs: number } | undefined;
  isPaused: boolean;
  retryNotBeforeMs: number;
  /** Changes with each seek, so that answers to older questions are recognised. */
  version: number;
}

export function newState(
  topic: string,
  partition: number,
  version: number,
  memory?: FetchMemory,
): FetchState {
  return {
    topic,
    partition,
    buffer: new PartitionBuffer(topic, partition, memory),
    position: undefined,
    fetchFrom: 0,
    endOffset: undefined,
    lastEpoch: -1,
    readReplica: undefined,
    reset: undefined,
    isPaused: false,
    retryNotBeforeMs: 0,
    version,
  };
}

/** The leader, or the replica that it has sent us to. */
export function sourceOf(
  cluster: Cluster,
  state: FetchState,
  nowMs: number,
): BrokerNode | undefined {
  if (state.readReplica !== undefined && state.readReplica.untilMs > nowMs) {
    const replica = cluster.findBroker(state.readReplica.id);
    if (replica !== undefined) return replica;
  }
  state.readReplica = undefined;
  return cluster.findLeader(state.topic, state.partition);
}

export function targetOf(
  cluster: Cluster,
  { fetchFrom, lastEpoch, partition, topic }: FetchState,
  partitionMaxBytes: number,
): FetchTarget {
  return {
    topic,
    topicId: cluster.findTopicId(topic),
    partition,
    fetchOffset: fetchFrom,
    lastFetchedEpoch: lastEpoch,
    currentLeaderEpoch: cluster.findPartition(topic, partition)?.leaderEpoch ?? -1,
    partitionMaxBytes,
  };
}

export function keyOf(topic: string, partition: number): string {
  return `${partition} ${topic}`;
}
