import {
  decodeVersioned,
  ErrorCode,
  messages,
  type DescribeGroupsResponseGroup,
} from '@millrace/kafka-protocol';
import type { GroupDescription } from './admin-api.ts';
import type { TopicPartition } from './records.ts';

/** A group of the classic protocol; one that is not there is dead, as Kafka's admin shows it. */
export function describeGroup(group: DescribeGroupsResponseGroup): GroupDescription {
  const isUnknown = group.errorCode === ErrorCode.GROUP_ID_NOT_FOUND;
  return {
    groupId: group.groupId,
    state: isUnknown ? 'Dead' : group.groupState,
    protocolType: group.protocolType,
    protocol: group.protocolData,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      assignment:
        group.protocolType === 'consumer' && member.memberAssignment.byteLength > 0
          ? partitionsOf(member.memberAssignment)
          : [],
    })),
  };
}

function partitionsOf(assignment: Uint8Array): TopicPartition[] {
  const { value } = decodeVersioned(messages.consumerProtocolAssignment, assignment);
  return value.assignedPartitions.flatMap(({ partitions, topic }) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}
