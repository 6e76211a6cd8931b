import type { MillraceError } from '@millrace/foundation';
import type { AdminOutcome } from './admin-api.ts';
import type { TopicPartition } from './records.ts';

export interface PartitionOutcome extends TopicPartition {
  readonly error: MillraceError | undefined;
}

export interface Reassignment extends TopicPartition {
  readonly replicas: readonly number[];
  readonly adding: readonly number[];
  readonly removing: readonly number[];
}

export interface QuorumReplica {
  readonly id: number;
  readonly directoryId: string;
  readonly logEndOffset: number;
  /** -1 when unknown. */
  readonly lastFetchMs: number;
  readonly lastCaughtUpMs: number;
}

export interface QuorumDescription {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: number;
  readonly voters: readonly QuorumReplica[];
  readonly observers: readonly QuorumReplica[];
}

export interface FeatureDescription {
  readonly name: string;
  /** 0 when it isn't finalised. */
  readonly finalizedLevel: number;
  readonly supportedMin: number;
  readonly supportedMax: number;
}

export interface FeatureChange {
  readonly name: string;
  readonly level: number;
  /** Default upgrade. */
  readonly kind?: 'upgrade' | 'safe-downgrade' | 'unsafe-downgrade';
}

export interface TransactionListing {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly state: string;
}

export interface TransactionDescription extends TransactionListing {
  readonly coordinatorId: number;
  readonly producerEpoch: number;
  readonly timeoutMs: number;
  /** -1 when none is open. */
  readonly startedMs: number;
  readonly partitions: readonly TopicPartition[];
}

export interface ProducerDescription {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestampMs: number;
  readonly coordinatorEpoch: number;
  /** Of its open transaction; -1 none. */
  readonly transactionStartOffset: number;
}

export interface LogDirDescription {
  readonly brokerId: number;
  readonly path: string;
  /** Of the file system; -1 when the broker doesn't say. */
  readonly totalBytes: number;
  readonly usableBytes: number;
  readonly replicas: readonly (TopicPartition & {
    readonly bytes: number;
    readonly offsetLag: number;
    /** On its way here from another folder. */
    readonly isFuture: boolean;
  })[];
  readonly error: MillraceError | undefined;
}

export interface ConsumerProtocolMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly memberEpoch: number;
  readonly topics: readonly string[];
  readonly topicsRegex: string | null;
  readonly assignment: readonly TopicPartition[];
  readonly targetAssignment: readonly TopicPartition[];
}

export interface ConsumerProtocolGroup {
  readonly groupId: string;
  readonly state: string;
  readonly groupEpoch: number;
  readonly assignmentEpoch: number;
  readonly assignor: string;
  readonly members: readonly ConsumerProtocolMember[];
}

/** What administrators do beside topics, settings and offsets. */
export interface OperationsAdmin {
  /** `null`: all partitions whose leader isn't the preferred one. */
  electLeaders(
    partitions: readonly TopicPartition[] | null,
    kind?: 'preferred' | 'unclean',
  ): Promise<readonly PartitionOutcome[]>;
  /** `null` replicas cancel a move under way. */
  alterReassignments(
    moves: readonly (TopicPartition & { readonly replicas: readonly number[] | null })[],
  ): Promise<readonly PartitionOutcome[]>;
  listReassignments(partitions?: readonly TopicPartition[]): Promise<readonly Reassignment[]>;
  describeQuorum(): Promise<QuorumDescription>;
  describeFeatures(): Promise<readonly FeatureDescription[]>;
  updateFeatures(
    changes: readonly FeatureChange[],
    options?: { readonly validateOnly?: boolean },
  ): Promise<readonly AdminOutcome[]>;
  listTransactions(filter?: {
    readonly states?: readonly string[];
    readonly producerIds?: readonly number[];
  }): Promise<readonly TransactionListing[]>;
  describeTransactions(
    transactionalIds: readonly string[],
  ): Promise<readonly TransactionDescription[]>;
  describeProducers(partition: TopicPartition): Promise<readonly ProducerDescription[]>;
  /** Writes the marker itself: for a transaction that its coordinator has forgotten. */
  abortHangingTransaction(
    partition: TopicPartition,
    producer: Pick<ProducerDescription, 'producerId' | 'producerEpoch' | 'coordinatorEpoch'>,
  ): Promise<void>;
  /** What a later producer of this name would do first: ends its open transaction, fences who has it. */
  fenceProducer(transactionalId: string): Promise<void>;
  /** Of all brokers; of all partitions when none is named. */
  describeLogDirs(partitions?: readonly TopicPartition[]): Promise<readonly LogDirDescription[]>;
  /** Groups of the consumer protocol (KIP-848). */
  describeConsumerGroups(groupIds: readonly string[]): Promise<readonly ConsumerProtocolGroup[]>;
  /** Of topics that the group isn't subscribed to. */
  deleteGroupOffsets(
    groupId: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly PartitionOutcome[]>;
  /** Static members by their instance id; they may come back. */
  removeGroupMembers(
    groupId: string,
    members: readonly { readonly memberId?: string; readonly groupInstanceId?: string }[],
  ): Promise<readonly AdminOutcome[]>;
}
