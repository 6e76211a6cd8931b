import { apis, ErrorCode } from '@millrace/kafka-protocol';
import type { BrokerLink } from './broker-link.ts';
import type { GroupMetadata, OffsetToCommit } from './consumer-api.ts';
import type { Coordinator } from './coordinator.ts';
import { answerIncomplete } from './errors.ts';
import type { ProducerIdentity } from './producer-batch.ts';
import type { TopicPartition } from './records.ts';
import { byTopic } from './by-topic.ts';

/** The feature that, from level 2 on, means the transactions of KIP-890. */
const TRANSACTION_VERSION = 'transaction.version';
const BUMPING_LEVEL = 2;
/** The last versions that mean transactions before KIP-890. */
const LEGACY_MAX = { endTxn: 4, txnOffsetCommit: 4, produce: 11 } as const;
/** Above it AddPartitionsToTxn is for brokers among themselves. */
const ADD_PARTITIONS_MAX = 3;

export const LEGACY_PRODUCE_MAX = LEGACY_MAX.produce;

/** One attempt each; error codes are the caller's to judge. */
export async function initProducerId(
  coordinator: Coordinator,
  transactionTimeoutMs: number,
  former: ProducerIdentity | undefined,
): Promise<{
  readonly errorCode: number;
  readonly identity: ProducerIdentity;
  /** Every transaction has an epoch of its own, and partitions join by being written to. */
  readonly isBumping: boolean;
}> {
  return await coordinator.ask(async (link) => {
    const answer = await link.request(apis.initProducerId, (version) => ({
      transactionalId: coordinator.key,
      transactionTimeoutMs,
      ...(former === undefined || version < 3
        ? {}
        : { producerId: former.id, producerEpoch: former.epoch }),
    }));
    const { errorCode, producerEpoch, producerId } = answer;
    const isBumping = errorCode === 0 && (await hasBumpingTransactions(link));
    return { errorCode, identity: { id: producerId, epoch: producerEpoch }, isBumping };
  });
}

async function hasBumpingTransactions(link: BrokerLink): Promise<boolean> {
  if (!(await link.serves(apis.endTxn, LEGACY_MAX.endTxn + 1))) return false;
  const { finalizedFeatures } = await link.request(apis.apiVersions, {
    clientSoftwareName: 'millrace',
    clientSoftwareVersion: '0.1.0',
  });
  const feature = finalizedFeatures.find(({ name }) => name === TRANSACTION_VERSION);
  return feature !== undefined && feature.maxVersionLevel >= BUMPING_LEVEL;
}

export async function addPartitionsToTxn(
  coordinator: Coordinator,
  identity: ProducerIdentity,
  partitions: readonly TopicPartition[],
): Promise<{ readonly partition: TopicPartition; readonly errorCode: number }[]> {
  const answer = await coordinator.ask((link) =>
    link.request(
      apis.addPartitionsToTxn,
      {
        v3AndBelowTransactionalId: coordinator.key,
        v3AndBelowProducerId: identity.id,
        v3AndBelowProducerEpoch: identity.epoch,
        v3AndBelowTopics: [...byTopic(partitions)].map(([name, group]) => ({
          name,
          partitions: group.map(({ partition }) => partition),
        })),
      },
      { versionMax: ADD_PARTITIONS_MAX },
    ),
  );
  const codes = new Map<string, number>();
  for (const { name, resultsByPartition } of answer.resultsByTopicV3AndBelow) {
    for (const { partitionErrorCode, partitionIndex } of resultsByPartition) {
      codes.set(`${partitionIndex} ${name}`, partitionErrorCode);
    }
  }
  return partitions.map((partition) => {
    const errorCode = codes.get(`${partition.partition} ${partition.topic}`);
    if (errorCode === undefined) {
      throw answerIncomplete('AddPartitionsToTxn', `${partition.topic}-${partition.partition}`);
    }
    return { partition, errorCode };
  });
}

export async function addOffsetsToTxn(
  coordinator: Coordinator,
  identity: ProducerIdentity,
  groupId: string,
): Promise<number> {
  const { errorCode } = await coordinator.ask((link) =>
    link.request(apis.addOffsetsToTxn, {
      transactionalId: coordinator.key,
      producerId: identity.id,
      producerEpoch: identity.epoch,
      groupId,
    }),
  );
  return errorCode;
}

/** The first error code of the answer. */
export async function txnOffsetCommit(
  coordinator: Coordinator,
  transactionalId: string,
  identity: ProducerIdentity,
  isBumping: boolean,
  group: GroupMetadata,
  offsets: readonly OffsetToCommit[],
): Promise<number> {
  const answer = await coordinator.ask((link) =>
    link.request(
      apis.txnOffsetCommit,
      (version) => ({
        transactionalId,
        groupId: group.groupId,
        producerId: identity.id,
        producerEpoch: identity.epoch,
        // Before version 3 nobody checks whether the group has moved on.
        ...(version < 3
          ? {}
          : {
              generationId: group.generationId,
              memberId: group.memberId,
              groupInstanceId: group.groupInstanceId,
            }),
        topics: [...byTopic(offsets)].map(([name, part]) => ({
          name,
          partitions: part.map(({ leaderEpoch, metadata, offset, partition }) => ({
            partitionIndex: partition,
            committedOffset: offset,
            committedLeaderEpoch: leaderEpoch ?? -1,
            committedMetadata: metadata ?? '',
          })),
        })),
      }),
      isBumping ? {} : { versionMax: LEGACY_MAX.txnOffsetCommit },
    ),
  );
  for (const { partitions } of answer.topics) {
    for (const { errorCode } of partitions) {
      if (errorCode !== ErrorCode.NONE) return errorCode;
    }
  }
  return ErrorCode.NONE;
}

export async function endTxn(
  coordinator: Coordinator,
  identity: ProducerIdentity,
  isBumping: boolean,
  committed: boolean,
): Promise<{ readonly errorCode: number; readonly next: ProducerIdentity | undefined }> {
  const answer = await coordinator.ask((link) =>
    link.request(
      apis.endTxn,
      {
        transactionalId: coordinator.key,
        producerId: identity.id,
        producerEpoch: identity.epoch,
        committed,
      },
      isBumping ? {} : { versionMax: LEGACY_MAX.endTxn },
    ),
  );
  const { errorCode, producerEpoch, producerId } = answer;
  const next =
    isBumping && producerId >= 0 && producerEpoch >= 0
      ? { id: producerId, epoch: producerEpoch }
      : undefined;
  return { errorCode, next };
}
