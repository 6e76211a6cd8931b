import {
  apis,
  errorFromCode,
  type ConsumerGroupDescribeResponseDescribedGroup,
  type DescribeQuorumResponseReplica,
} from '@millrace/kafka-protocol';
import type { AdminOutcome } from './admin-api.ts';
import { errorOf, throwIfRefused, type Asking } from './admin-asking.ts';
import type {
  ConsumerProtocolGroup,
  FeatureChange,
  FeatureDescription,
  LogDirDescription,
  OperationsAdmin,
  PartitionOutcome,
  ProducerDescription,
  QuorumDescription,
  QuorumReplica,
  Reassignment,
  TransactionDescription,
  TransactionListing,
} from './admin-operations-api.ts';
import { byTopic } from './by-topic.ts';
import { answerIncomplete } from './errors.ts';
import type { TopicPartition } from './records.ts';

const ELECTIONS = { preferred: 0, unclean: 1 } as const;
const UPGRADES = { upgrade: 1, 'safe-downgrade': 2, 'unsafe-downgrade': 3 } as const;
const METADATA_TOPIC = '__cluster_metadata';

export class KafkaOperationsAdmin implements OperationsAdmin {
  readonly #asking: Asking;

  constructor(asking: Asking) {
    this.#asking = asking;
  }

  async electLeaders(
    partitions: readonly TopicPartition[] | null,
    kind: 'preferred' | 'unclean' = 'preferred',
  ): Promise<readonly PartitionOutcome[]> {
    const answer = await this.#asking.controller('elect leaders', (link) =>
      link.request(apis.electLeaders, (version) => ({
        ...(version >= 1 || kind !== 'preferred' ? { electionType: ELECTIONS[kind] } : {}),
        timeoutMs: this.#asking.requestTimeoutMs,
        topicPartitions:
          partitions === null
            ? null
            : [...byTopic(partitions)].map(([topic, part]) => ({
                topic,
                partitions: part.map(({ partition }) => partition),
              })),
      })),
    );
    throwIfRefused(answer, 'elect leaders');
    return answer.replicaElectionResults.flatMap(({ partitionResult, topic }) =>
      partitionResult.map((result) => ({
        topic,
        partition: result.partitionId,
        error: errorOf(result, `elect the leader of ${topic}-${result.partitionId}`),
      })),
    );
  }

  async alterReassignments(
    moves: readonly (TopicPartition & { readonly replicas: readonly number[] | null })[],
  ): Promise<readonly PartitionOutcome[]> {
    const answer = await this.#asking.controller('reassign partitions', (link) =>
      link.request(apis.alterPartitionReassignments, {
        timeoutMs: this.#asking.requestTimeoutMs,
        topics: [...byTopic(moves)].map(([name, part]) => ({
          name,
          partitions: part.map(({ partition, replicas }) => ({
            partitionIndex: partition,
            replicas: replicas === null ? null : [...replicas],
          })),
        })),
      }),
    );
    throwIfRefused(answer, 'reassign partitions');
    return answer.responses.flatMap(({ name, partitions }) =>
      partitions.map((result) => ({
        topic: name,
        partition: result.partitionIndex,
        error: errorOf(result, `reassign ${name}-${result.partitionIndex}`),
      })),
    );
  }

  async listReassignments(
    partitions?: readonly TopicPartition[],
  ): Promise<readonly Reassignment[]> {
    const answer = await this.#asking.controller('list reassignments', (link) =>
      link.request(apis.listPartitionReassignments, {
        timeoutMs: this.#asking.requestTimeoutMs,
        topics:
          partitions === undefined
            ? null
            : [...byTopic(partitions)].map(([name, part]) => ({
                name,
                partitionIndexes: part.map(({ partition }) => partition),
              })),
      }),
    );
    throwIfRefused(answer, 'list reassignments');
    return answer.topics.flatMap((topic) =>
      topic.partitions.map((one) => ({
        topic: topic.name,
        partition: one.partitionIndex,
        replicas: one.replicas,
        adding: one.addingReplicas,
        removing: one.removingReplicas,
      })),
    );
  }

  async describeQuorum(): Promise<QuorumDescription> {
    const answer = await this.#asking.controller('describe the quorum', (link) =>
      link.request(apis.describeQuorum, {
        topics: [{ topicName: METADATA_TOPIC, partitions: [{ partitionIndex: 0 }] }],
      }),
    );
    throwIfRefused(answer, 'describe the quorum');
    const partition = answer.topics[0]?.partitions[0];
    if (partition === undefined) throw answerIncomplete('DescribeQuorum', METADATA_TOPIC);
    throwIfRefused(partition, 'describe the quorum');
    return {
      leaderId: partition.leaderId,
      leaderEpoch: partition.leaderEpoch,
      highWatermark: partition.highWatermark,
      voters: partition.currentVoters.map(replicaOf),
      observers: partition.observers.map(replicaOf),
    };
  }

  async describeFeatures(): Promise<readonly FeatureDescription[]> {
    return await this.#asking.anyBroker(async (link) => {
      const answer = await link.request(apis.apiVersions, {
        clientSoftwareName: 'millrace',
        clientSoftwareVersion: '0.1.0',
      });
      throwIfRefused(answer, 'describe features');
      const levels = new Map(
        answer.finalizedFeatures.map(({ maxVersionLevel, name }) => [name, maxVersionLevel]),
      );
      return answer.supportedFeatures.map(({ maxVersion, minVersion, name }) => ({
        name,
        finalizedLevel: levels.get(name) ?? 0,
        supportedMin: minVersion,
        supportedMax: maxVersion,
      }));
    });
  }

  async updateFeatures(
    changes: readonly FeatureChange[],
    options: { readonly validateOnly?: boolean } = {},
  ): Promise<readonly AdminOutcome[]> {
    const answer = await this.#asking.controller('update features', (link) =>
      link.request(apis.updateFeatures, (version) => ({
        timeoutMs: this.#asking.requestTimeoutMs,
        featureUpdates: changes.map(({ kind = 'upgrade', level, name }) => ({
          feature: name,
          maxVersionLevel: level,
          ...(version === 0
            ? { allowDowngrade: kind !== 'upgrade' }
            : { upgradeType: UPGRADES[kind] }),
        })),
        ...(version >= 1 ? { validateOnly: options.validateOnly ?? false } : {}),
      })),
    );
    // From version 2 on there is one error for all.
    const overall = errorOf(answer, 'update features');
    return changes.map(({ name }) => {
      const result = answer.results.find(({ feature }) => feature === name);
      const own = result === undefined ? undefined : errorOf(result, `update feature "${name}"`);
      return { name, error: own ?? overall };
    });
  }

  async listTransactions(
    filter: {
      readonly states?: readonly string[];
      readonly producerIds?: readonly number[];
    } = {},
  ): Promise<readonly TransactionListing[]> {
    const answers = await this.#asking.allBrokers((link) =>
      link.request(apis.listTransactions, {
        stateFilters: [...(filter.states ?? [])],
        producerIdFilters: [...(filter.producerIds ?? [])],
      }),
    );
    return answers.flatMap(({ answer }) => {
      throwIfRefused(answer, 'list transactions');
      return answer.transactionStates.map(({ producerId, transactionState, transactionalId }) => ({
        transactionalId,
        producerId,
        state: transactionState,
      }));
    });
  }

  async describeTransactions(
    transactionalIds: readonly string[],
  ): Promise<readonly TransactionDescription[]> {
    return await Promise.all(
      transactionalIds.map((transactionalId) =>
        this.#asking.coordinator(transactionalId, 'transaction', async (coordinator) => {
          const answer = await coordinator.ask((link) =>
            link.request(apis.describeTransactions, { transactionalIds: [transactionalId] }),
          );
          const [state] = answer.transactionStates;
          if (state === undefined) throw answerIncomplete('DescribeTransactions', transactionalId);
          if (state.errorCode !== 0) {
            throw coordinator.refuse(state.errorCode, 'describe the transaction of');
          }
          return {
            transactionalId,
            coordinatorId: await coordinator.nodeId(),
            state: state.transactionState,
            producerId: state.producerId,
            producerEpoch: state.producerEpoch,
            timeoutMs: state.transactionTimeoutMs,
            startedMs: state.transactionStartTimeMs,
            partitions: state.topics.flatMap(({ partitions, topic }) =>
              partitions.map((partition) => ({ topic, partition })),
            ),
          };
        }),
      ),
    );
  }

  async describeProducers({
    partition,
    topic,
  }: TopicPartition): Promise<readonly ProducerDescription[]> {
    const doing = `describe the producers of ${topic}-${partition}`;
    return await this.#asking.leader(topic, partition, async (link) => {
      const answer = await link.request(apis.describeProducers, {
        topics: [{ name: topic, partitionIndexes: [partition] }],
      });
      const found = answer.topics[0]?.partitions[0];
      if (found === undefined) throw answerIncomplete('DescribeProducers', `${topic}-${partition}`);
      throwIfRefused(found, doing);
      return found.activeProducers.map((producer) => ({
        producerId: producer.producerId,
        producerEpoch: producer.producerEpoch,
        lastSequence: producer.lastSequence,
        lastTimestampMs: producer.lastTimestamp,
        coordinatorEpoch: producer.coordinatorEpoch,
        transactionStartOffset: producer.currentTxnStartOffset,
      }));
    });
  }

  async abortHangingTransaction(
    { partition, topic }: TopicPartition,
    producer: Pick<ProducerDescription, 'producerId' | 'producerEpoch' | 'coordinatorEpoch'>,
  ): Promise<void> {
    const { coordinatorEpoch, producerEpoch, producerId } = producer;
    await this.#asking.leader(topic, partition, async (link) => {
      const answer = await link.request(apis.writeTxnMarkers, {
        markers: [
          {
            producerId,
            producerEpoch,
            transactionResult: false,
            topics: [{ name: topic, partitionIndexes: [partition] }],
            coordinatorEpoch: Math.max(0, coordinatorEpoch),
          },
        ],
      });
      const found = answer.markers[0]?.topics[0]?.partitions[0];
      if (found === undefined) throw answerIncomplete('WriteTxnMarkers', `${topic}-${partition}`);
      throwIfRefused(found, `abort the transaction on ${topic}-${partition}`);
    });
  }

  async fenceProducer(transactionalId: string): Promise<void> {
    await this.#asking.coordinator(transactionalId, 'transaction', async (coordinator) => {
      const { errorCode } = await coordinator.ask((link) =>
        link.request(apis.initProducerId, { transactionalId, transactionTimeoutMs: 1 }),
      );
      if (errorCode !== 0) throw coordinator.refuse(errorCode, 'fence the producer');
    });
  }

  async describeLogDirs(
    partitions?: readonly TopicPartition[],
  ): Promise<readonly LogDirDescription[]> {
    const topics =
      partitions === undefined
        ? null
        : [...byTopic(partitions)].map(([topic, part]) => ({
            topic,
            partitions: part.map(({ partition }) => partition),
          }));
    const answers = await this.#asking.allBrokers((link) =>
      link.request(apis.describeLogDirs, { topics }),
    );
    return answers.flatMap(({ answer, brokerId }) => {
      throwIfRefused(answer, `describe the log folders of broker ${brokerId}`);
      return answer.results.map((result) => ({
        brokerId,
        path: result.logDir,
        totalBytes: result.totalBytes,
        usableBytes: result.usableBytes,
        replicas: result.topics.flatMap((topic) =>
          topic.partitions.map((one) => ({
            topic: topic.name,
            partition: one.partitionIndex,
            bytes: one.partitionSize,
            offsetLag: one.offsetLag,
            isFuture: one.isFutureKey,
          })),
        ),
        error: errorOf(result, `describe log folder "${result.logDir}"`),
      }));
    });
  }

  async describeConsumerGroups(
    groupIds: readonly string[],
  ): Promise<readonly ConsumerProtocolGroup[]> {
    return await Promise.all(
      groupIds.map((groupId) =>
        this.#asking.coordinator(groupId, 'group', async (coordinator) => {
          const answer = await coordinator.ask((link) =>
            link.request(apis.consumerGroupDescribe, { groupIds: [groupId] }),
          );
          const [group] = answer.groups;
          if (group === undefined) throw answerIncomplete('ConsumerGroupDescribe', groupId);
          if (group.errorCode !== 0) {
            throw coordinator.refuse(group.errorCode, 'describe group', group.errorMessage);
          }
          return groupOf(group);
        }),
      ),
    );
  }

  async deleteGroupOffsets(
    groupId: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly PartitionOutcome[]> {
    return await this.#asking.coordinator(groupId, 'group', async (coordinator) => {
      const answer = await coordinator.ask((link) =>
        link.request(apis.offsetDelete, {
          groupId,
          topics: [...byTopic(partitions)].map(([name, part]) => ({
            name,
            partitions: part.map(({ partition }) => ({ partitionIndex: partition })),
          })),
        }),
      );
      if (answer.errorCode !== 0) {
        throw coordinator.refuse(answer.errorCode, 'delete offsets of group');
      }
      return answer.topics.flatMap(({ name, partitions: results }) =>
        results.map((result) => ({
          topic: name,
          partition: result.partitionIndex,
          error: errorOf(result, `delete the offset of ${name}-${result.partitionIndex}`),
        })),
      );
    });
  }

  async removeGroupMembers(
    groupId: string,
    members: readonly { readonly memberId?: string; readonly groupInstanceId?: string }[],
  ): Promise<readonly AdminOutcome[]> {
    return await this.#asking.coordinator(groupId, 'group', async (coordinator) => {
      const answer = await coordinator.ask((link) =>
        link.request(apis.leaveGroup, {
          groupId,
          members: members.map(({ groupInstanceId, memberId }) => ({
            memberId: memberId ?? '',
            groupInstanceId: groupInstanceId ?? null,
            reason: 'removed by an administrator',
          })),
        }),
      );
      if (answer.errorCode !== 0) {
        throw coordinator.refuse(answer.errorCode, 'remove members of group');
      }
      return answer.members.map(({ errorCode, groupInstanceId, memberId }) => {
        const name = groupInstanceId ?? memberId;
        const error =
          errorCode === 0 ? undefined : errorFromCode(errorCode, `remove member "${name}"`);
        return { name, error };
      });
    });
  }
}

function replicaOf(replica: DescribeQuorumResponseReplica): QuorumReplica {
  return {
    id: replica.replicaId,
    directoryId: replica.replicaDirectoryId,
    logEndOffset: replica.logEndOffset,
    lastFetchMs: replica.lastFetchTimestamp,
    lastCaughtUpMs: replica.lastCaughtUpTimestamp,
  };
}

function groupOf(group: ConsumerGroupDescribeResponseDescribedGroup): ConsumerProtocolGroup {
  return {
    groupId: group.groupId,
    state: group.groupState,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    assignor: group.assignorName,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberEpoch: member.memberEpoch,
      topics: member.subscribedTopicNames,
      topicsRegex: member.subscribedTopicRegex === '' ? null : member.subscribedTopicRegex,
      assignment: partitionsOf(member.assignment),
      targetAssignment: partitionsOf(member.targetAssignment),
    })),
  };
}

function partitionsOf(assignment: {
  readonly topicPartitions: readonly {
    readonly topicName: string;
    readonly partitions: readonly number[];
  }[];
}): readonly TopicPartition[] {
  return assignment.topicPartitions.flatMap(({ partitions, topicName }) =>
    partitions.map((partition) => ({ topic: topicName, partition })),
  );
}
