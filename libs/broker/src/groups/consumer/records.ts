import { unreachable } from '@millrace/foundation';
import { decodeVersioned, encodeVersioned, messages, type Message } from '@millrace/kafka-protocol';
import type { GroupLogRecord } from '../group-log-record.ts';
import { assignmentFrom, topicPartitionsOf } from './assignment.ts';
import type { GroupChange } from './changes.ts';
import type { CurrentAssignment, MemberSubscription } from './consumer-group.ts';

/** The kinds of keys in `__consumer_offsets`. Each has values of one version so far. */
export const ConsumerKey = {
  GROUP: 3,
  PARTITION_METADATA: 4,
  MEMBER: 5,
  TARGET_EPOCH: 6,
  TARGET: 7,
  CURRENT: 8,
  PATTERN: 16,
} as const;
const VALUE_VERSION = 0;

export function isConsumerKey(keyVersion: number): boolean {
  return Object.values<number>(ConsumerKey).includes(keyVersion);
}

export function recordOfChange(groupId: string, change: GroupChange): GroupLogRecord {
  switch (change.kind) {
    case 'epoch':
      return {
        key: encodeVersioned(messages.consumerGroupMetadataKey, ConsumerKey.GROUP, { groupId }),
        value: valueOf(messages.consumerGroupMetadataValue, change.value),
      };
    case 'partition-metadata':
      return {
        key: encodeVersioned(
          messages.consumerGroupPartitionMetadataKey,
          ConsumerKey.PARTITION_METADATA,
          { groupId },
        ),
        value: null,
      };
    case 'member': {
      const { memberId, value } = change;
      return {
        key: encodeVersioned(messages.consumerGroupMemberMetadataKey, ConsumerKey.MEMBER, {
          groupId,
          memberId,
        }),
        value: valueOf(messages.consumerGroupMemberMetadataValue, value && memberValue(value)),
      };
    }
    case 'target-epoch':
      return {
        key: encodeVersioned(
          messages.consumerGroupTargetAssignmentMetadataKey,
          ConsumerKey.TARGET_EPOCH,
          { groupId },
        ),
        value: valueOf(
          messages.consumerGroupTargetAssignmentMetadataValue,
          change.value === null ? null : { assignmentEpoch: change.value },
        ),
      };
    case 'target': {
      const { memberId, value } = change;
      return {
        key: encodeVersioned(messages.consumerGroupTargetAssignmentMemberKey, ConsumerKey.TARGET, {
          groupId,
          memberId,
        }),
        value: valueOf(
          messages.consumerGroupTargetAssignmentMemberValue,
          value && { topicPartitions: topicPartitionsOf(value) },
        ),
      };
    }
    case 'current': {
      const { memberId, value } = change;
      return {
        key: encodeVersioned(
          messages.consumerGroupCurrentMemberAssignmentKey,
          ConsumerKey.CURRENT,
          { groupId, memberId },
        ),
        value: valueOf(
          messages.consumerGroupCurrentMemberAssignmentValue,
          value && {
            memberEpoch: value.memberEpoch,
            previousMemberEpoch: value.previousMemberEpoch,
            state: value.phase,
            assignedPartitions: topicPartitionsOf(value.assigned),
            partitionsPendingRevocation: topicPartitionsOf(value.pendingRevocation),
          },
        ),
      };
    }
    case 'pattern': {
      const { regex, value } = change;
      return {
        key: encodeVersioned(messages.consumerGroupRegularExpressionKey, ConsumerKey.PATTERN, {
          groupId,
          regularExpression: regex,
        }),
        value: valueOf(
          messages.consumerGroupRegularExpressionValue,
          value && {
            topics: value.topics,
            metadataVersion: value.metadataVersion,
            timestamp: value.timestampMs,
          },
        ),
      };
    }
    default:
      return unreachable(change);
  }
}

function valueOf<T, TInput>(
  message: Message<T, TInput>,
  value: NoInfer<TInput> | null,
): Uint8Array | null {
  return value === null ? null : encodeVersioned(message, VALUE_VERSION, value);
}

function memberValue(member: MemberSubscription) {
  return {
    instanceId: member.instanceId,
    rackId: member.rackId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    subscribedTopicNames: member.topicNames,
    subscribedTopicRegex: member.topicRegex,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    serverAssignor: member.serverAssignor,
    classicMemberMetadata: member.classic && {
      sessionTimeoutMs: member.classic.sessionTimeoutMs,
      supportedProtocols: member.classic.protocols,
    },
  };
}

export interface ReplayedChange {
  readonly groupId: string;
  readonly change: GroupChange;
}

/** What a record says; strings and numbers of its own, no views of the bytes. */
export function readChange(
  keyVersion: number,
  key: Uint8Array,
  value: Uint8Array | null,
): ReplayedChange {
  switch (keyVersion) {
    case ConsumerKey.GROUP: {
      const { groupId } = decodeVersioned(messages.consumerGroupMetadataKey, key).value;
      const read = readValue(messages.consumerGroupMetadataValue, value);
      return { groupId, change: { kind: 'epoch', value: read } };
    }
    case ConsumerKey.MEMBER: {
      const { groupId, memberId } = decodeVersioned(
        messages.consumerGroupMemberMetadataKey,
        key,
      ).value;
      return {
        groupId,
        change: { kind: 'member', memberId, value: readMember(memberId, value) },
      };
    }
    case ConsumerKey.TARGET_EPOCH: {
      const { groupId } = decodeVersioned(
        messages.consumerGroupTargetAssignmentMetadataKey,
        key,
      ).value;
      const read = readValue(messages.consumerGroupTargetAssignmentMetadataValue, value);
      return { groupId, change: { kind: 'target-epoch', value: read?.assignmentEpoch ?? null } };
    }
    case ConsumerKey.TARGET: {
      const { groupId, memberId } = decodeVersioned(
        messages.consumerGroupTargetAssignmentMemberKey,
        key,
      ).value;
      const read = readValue(messages.consumerGroupTargetAssignmentMemberValue, value);
      const target = read === null ? null : assignmentFrom(read.topicPartitions);
      return { groupId, change: { kind: 'target', memberId, value: target } };
    }
    case ConsumerKey.CURRENT: {
      const { groupId, memberId } = decodeVersioned(
        messages.consumerGroupCurrentMemberAssignmentKey,
        key,
      ).value;
      return { groupId, change: { kind: 'current', memberId, value: readCurrent(value) } };
    }
    case ConsumerKey.PATTERN: {
      const { groupId, regularExpression: regex } = decodeVersioned(
        messages.consumerGroupRegularExpressionKey,
        key,
      ).value;
      const read = readValue(messages.consumerGroupRegularExpressionValue, value);
      const matched = read && {
        topics: read.topics,
        metadataVersion: read.metadataVersion,
        timestampMs: read.timestamp,
      };
      return { groupId, change: { kind: 'pattern', regex, value: matched } };
    }
    default: {
      const { groupId } = decodeVersioned(messages.consumerGroupPartitionMetadataKey, key).value;
      return { groupId, change: { kind: 'partition-metadata', value: value === null ? null : {} } };
    }
  }
}

function readValue<T, TInput>(message: Message<T, TInput>, value: Uint8Array | null): T | null {
  return value === null ? null : decodeVersioned(message, value).value;
}

function readMember(memberId: string, value: Uint8Array | null): MemberSubscription | null {
  const read = readValue(messages.consumerGroupMemberMetadataValue, value);
  if (read === null) return null;
  const { classicMemberMetadata: classic } = read;
  return {
    memberId,
    instanceId: read.instanceId,
    rackId: read.rackId,
    clientId: read.clientId,
    clientHost: read.clientHost,
    topicNames: read.subscribedTopicNames,
    topicRegex: read.subscribedTopicRegex ?? '',
    rebalanceTimeoutMs: read.rebalanceTimeoutMs,
    serverAssignor: read.serverAssignor,
    classic: classic && {
      sessionTimeoutMs: classic.sessionTimeoutMs,
      protocols: classic.supportedProtocols.map(({ name, metadata }) => ({
        name,
        metadata: metadata.slice(),
      })),
    },
  };
}

function readCurrent(value: Uint8Array | null): CurrentAssignment | null {
  const read = readValue(messages.consumerGroupCurrentMemberAssignmentValue, value);
  if (read === null) return null;
  return {
    memberEpoch: read.memberEpoch,
    previousMemberEpoch: read.previousMemberEpoch,
    phase: read.state,
    assigned: assignmentFrom(read.assignedPartitions),
    pendingRevocation: assignmentFrom(read.partitionsPendingRevocation),
  };
}
