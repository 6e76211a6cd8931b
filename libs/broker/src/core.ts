import { describeError, type Clock, type Logger, type Random } from '@millrace/foundation';
import type { BrokerLoggers } from './broker-loggers.ts';
import type { LogManager, PartitionLog } from '@millrace/log';
import { ErrorCode } from '@millrace/kafka-protocol';
import type { FetchSessions } from './fetch/fetch-sessions.ts';
import type { GroupCoordinator } from './groups/group-coordinator.ts';
import type { TopicEntry } from './metadata/metadata-image.ts';
import type { MetadataLog } from './metadata/metadata-log.ts';
import type { ByteBudget } from './network/byte-budget.ts';
import type { ReadBuffers } from './network/read-buffers.ts';
import type { ConnectionContext } from './network/request-router.ts';
import type { ProducerIds } from './producer-ids.ts';
import type { ClientQuotas } from './quotas/client-quotas.ts';
import type { RequestTimeFigures, RequestTimes } from './request-times.ts';
import type { Refusal } from './refusal.ts';
import type { ListenerChanges } from './network/listener-changes.ts';
import type { Listener } from './network/listeners.ts';
import type { Rights } from './security/rights.ts';
import type { Security } from './security/security.ts';
import type { BrokerSettings } from './settings.ts';
import type { TopicMetrics } from './topic-metrics.ts';
import type { Topics } from './topics.ts';
import type { MarkerWriter } from './transactions/marker-writer.ts';
import type { TransactionCoordinator } from './transactions/transaction-coordinator.ts';

/** What handlers work on. */
export interface BrokerCore {
  /** As they are now. */
  readonly settings: BrokerSettings;
  readonly clusterId: string;
  readonly nodeId: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly loggers: BrokerLoggers;
  /** What is durably decided about the cluster. */
  readonly metadata: MetadataLog;
  readonly topics: Topics;
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
  readonly markers: MarkerWriter;
  readonly logs: LogManager;
  readonly producerIds: ProducerIds;
  /** Bytes of records on their way to readers (INV-6). */
  readonly responseBudget: ByteBudget;
  readonly readBuffers: ReadBuffers;
  readonly fetchSessions: FetchSessions;
  /** Aborted when the broker closes: whoever waits answers what there is. */
  readonly closing: AbortSignal;
  readonly counters: Counters;
  readonly security: Security;
  readonly quotas: ClientQuotas;
  /** Takes up settings that were changed while the broker runs. */
  applySettings(): void;
  /** Opens and closes listeners; undefined until the first ones are open. */
  readonly listenerChanges: ListenerChanges | undefined;
  /** What a client of this connection is told to connect to. */
  addressFor(context: ConnectionContext): Listener;
  /** Makes `__consumer_offsets` when it is not there yet. */
  ensureOffsetsTopic(): Promise<void>;
  /** Makes `__transaction_state` when it is not there yet. */
  ensureTransactionsTopic(): Promise<void>;
}

/** Totals since the start, for metrics. */
export interface Counters {
  readonly topics: TopicMetrics;
  /** Kafka has no such figure. */
  producedBatches: number;
  connectionsRefused: number;
  readonly requestsByApi: Map<string, number>;
  readonly timesByApi: ReadonlyMap<string, RequestTimeFigures>;
  /** Where the times of requests of this api go. */
  timesOf(api: string): RequestTimes;
}

/** One request with who asked it. */
export interface Call {
  readonly core: BrokerCore;
  readonly context: ConnectionContext;
  readonly version: number;
  readonly clientId: string | null;
  /** What the sender may do. Guards have looked at it; a handler asks only for what they can't know. */
  readonly rights: Rights;
  /** The answer leaves as bytes; else the receiver keeps the very objects. */
  readonly isEncoded: boolean;
  /** Run once, when the answer has left or never will. */
  onSent(callback: () => void): void;
  /** The next request of the connection is not looked at before this time has passed. */
  mute(muteMs: number): void;
  /** The connection ends once the answer has left. */
  endAfterAnswer(): void;
}

/** The log of a partition, or the error code for the client. */
export async function openPartition(
  core: BrokerCore,
  topic: string,
  partition: number,
): Promise<PartitionLog | number> {
  const entry = core.topics.find(topic);
  if (entry === undefined || partition < 0 || partition >= entry.partitionCount)
    return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  try {
    return core.topics.findLog(entry, partition) ?? (await core.topics.openLog(entry, partition));
  } catch (error) {
    core.log.warn({ topic, partition, err: error }, 'a log could not be opened; its clients retry');
    return ErrorCode.KAFKA_STORAGE_ERROR;
  }
}

export interface LeaderAnswer {
  readonly leader: number;
  readonly errorCode: number;
  readonly offlineReplicas: readonly number[];
}

/** Who leads a partition as clients are told: nobody while its disk has failed. */
export function leaderOf(core: BrokerCore, entry: TopicEntry, partition: number): LeaderAnswer {
  const { leader = -1, replicas = [] } = entry.partitions[partition] ?? {};
  const isOffline = core.logs.isOffline(entry.name, partition, entry.topicId);
  const offlineReplicas = replicas.filter((id) => id !== core.nodeId || isOffline);
  if (isOffline || leader < 0)
    return { leader: -1, errorCode: ErrorCode.LEADER_NOT_AVAILABLE, offlineReplicas };
  return { leader, errorCode: ErrorCode.NONE, offlineReplicas };
}

/** A change that could not be made durable: nothing changed, and the client may try again. */
export function storageRefusal(core: BrokerCore, error: unknown): Refusal {
  core.log.warn({ err: error }, 'a change of the metadata could not be stored; it was not made');
  return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, message: describeError(error) };
}

/** The epoch in which the partition is led now; -1 when it is gone. */
export function leaderEpochOf(core: BrokerCore, { topic, partition }: PartitionLog): number {
  return core.topics.find(topic)?.partitions[partition]?.leaderEpoch ?? -1;
}

/** Whether a client's idea of the partition's leader epoch is ours: 0, or the error code. */
export function checkLeaderEpoch(core: BrokerCore, log: PartitionLog, epoch: number): number {
  if (epoch < 0) return ErrorCode.NONE;
  const current = leaderEpochOf(core, log);
  if (epoch === current) return ErrorCode.NONE;
  return epoch < current ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH;
}
