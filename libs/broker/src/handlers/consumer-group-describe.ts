import {
  apis,
  ErrorCode,
  type ConsumerGroupDescribeResponseDescribedGroupInput,
  type ConsumerGroupDescribeResponseMemberInput,
} from '@millrace/kafka-protocol';
import type { BrokerCore } from '../core.ts';
import {
  NO_PARTITIONS,
  topicPartitionsOf,
  type Assignment,
} from '../groups/consumer/assignment.ts';
import {
  currentOf,
  phaseOf,
  type ConsumerGroup,
  type MemberSubscription,
} from '../groups/consumer/consumer-group.ts';
import { preferredAssignor } from '../groups/consumer/rebalance.ts';
import { serve, type ServedApi } from '../served-api.ts';

const CLASSIC_MEMBER = 0;
const CONSUMER_MEMBER = 1;

export const consumerGroupDescribeHandler: ServedApi = serve(
  apis.consumerGroupDescribe,
  ({ groupIds }, { core }) => ({
    groups: groupIds.map((groupId) => {
      if (groupId === '') return failed(groupId, ErrorCode.INVALID_GROUP_ID, null);
      const found = core.groups.find(groupId);
      if (found?.group.kind === 'consumer') return describe(found.group.state, core);
      const message =
        found === undefined
          ? `Group ${groupId} not found.`
          : `Group ${groupId} is not a consumer group.`;
      return failed(groupId, ErrorCode.GROUP_ID_NOT_FOUND, message);
    }),
  }),
);

function failed(
  groupId: string,
  errorCode: number,
  errorMessage: string | null,
): ConsumerGroupDescribeResponseDescribedGroupInput {
  return { errorCode, errorMessage, groupId };
}

function describe(
  group: ConsumerGroup,
  core: BrokerCore,
): ConsumerGroupDescribeResponseDescribedGroupInput {
  const limits = core.groups.consumerLimits(group.groupId);
  return {
    errorCode: ErrorCode.NONE,
    groupId: group.groupId,
    groupState: phaseOf(group),
    groupEpoch: group.epoch,
    assignmentEpoch: group.assignmentEpoch,
    assignorName: preferredAssignor({ group, limits }),
    members: [...group.members.values()].map((member) => describeMember(group, member, core)),
  };
}

function describeMember(
  group: ConsumerGroup,
  member: MemberSubscription,
  core: BrokerCore,
): ConsumerGroupDescribeResponseMemberInput {
  const { memberId } = member;
  const current = currentOf(group, memberId);
  return {
    memberId,
    instanceId: member.instanceId,
    rackId: member.rackId,
    memberEpoch: current.memberEpoch,
    clientId: member.clientId,
    clientHost: member.clientHost,
    subscribedTopicNames: member.topicNames,
    subscribedTopicRegex: member.topicRegex,
    assignment: named(current.assigned, core),
    targetAssignment: named(group.targets.get(memberId) ?? NO_PARTITIONS, core),
    memberType: member.classic === null ? CONSUMER_MEMBER : CLASSIC_MEMBER,
  };
}

/** Partitions of topics that are gone have no name to be shown by. */
function named(
  assignment: Assignment,
  { topics }: BrokerCore,
): ConsumerGroupDescribeResponseMemberInput['assignment'] {
  return {
    topicPartitions: topicPartitionsOf(assignment).flatMap(({ topicId, partitions }) => {
      const topicName = topics.findById(topicId)?.name;
      return topicName === undefined ? [] : [{ topicId, topicName, partitions }];
    }),
  };
}
