import {
  apis,
  ErrorCode,
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponseInput,
} from '@millrace/kafka-protocol';
import type { Call } from '../core.ts';
import { servesConsumerGroups } from '../group-limits.ts';
import { assignmentFrom, topicPartitionsOf } from '../groups/consumer/assignment.ts';
import { LEAVE_EPOCH, STATIC_LEAVE_EPOCH } from '../groups/consumer/consumer-group.ts';
import { isRefusal } from '../groups/consumer/refusal.ts';
import { findPatternProblem } from '../groups/consumer/regex/compile-pattern.ts';
import type { Refusal } from '../refusal.ts';
import { AclOperation, AclResource } from '../security/acl.ts';
import { serve, type ServedApi } from '../served-api.ts';

/** From here on members name themselves (KIP-1082). */
const OWN_MEMBER_ID_SINCE = 1;
/** INV-6: a pattern is kept as long as its members live. */
const REGEX_LENGTH_MAX = 1000;

export const consumerGroupHeartbeatHandler: ServedApi = serve(
  apis.consumerGroupHeartbeat,
  consumerGroupHeartbeat,
);

async function consumerGroupHeartbeat(
  request: ConsumerGroupHeartbeatRequest,
  call: Call,
): Promise<ConsumerGroupHeartbeatResponseInput> {
  const { core, context, clientId, rights } = call;
  const problem = findRequestProblem(request, call);
  if (problem !== undefined) return refusal(problem);
  const { groupId, memberEpoch, instanceId } = request;
  if (memberEpoch < 0) {
    const { memberId } = request;
    const refused = await core.groups.consumerLeave(groupId, { memberId, memberEpoch, instanceId });
    return refused === undefined
      ? { errorCode: ErrorCode.NONE, memberId, memberEpoch }
      : refusal(refused);
  }
  const answer = await core.groups.consumerHeartbeat(groupId, {
    memberId: request.memberId === '' ? core.groups.newMemberId() : request.memberId,
    memberEpoch,
    instanceId,
    rackId: request.rackId,
    rebalanceTimeoutMs: request.rebalanceTimeoutMs,
    topicNames: request.subscribedTopicNames,
    topicRegex: request.subscribedTopicRegex,
    serverAssignor: request.serverAssignor,
    owned: request.topicPartitions === null ? null : assignmentFrom(request.topicPartitions),
    clientId: clientId ?? '',
    clientHost: context.clientHost,
    maySeeTopic: (name) => rights.allows(AclOperation.DESCRIBE, AclResource.TOPIC, name),
  });
  if (isRefusal(answer)) return refusal(answer);
  const { assignment } = answer;
  return {
    errorCode: ErrorCode.NONE,
    memberId: answer.memberId,
    memberEpoch: answer.memberEpoch,
    heartbeatIntervalMs: answer.heartbeatIntervalMs,
    assignment: assignment === null ? null : { topicPartitions: topicPartitionsOf(assignment) },
  };
}

function refusal({ errorCode, message }: Refusal): ConsumerGroupHeartbeatResponseInput {
  return { errorCode, errorMessage: message };
}

function findRequestProblem(
  request: ConsumerGroupHeartbeatRequest,
  { core, version }: Call,
): Refusal | undefined {
  if (!servesConsumerGroups(core.settings.values['group.coordinator.rebalance.protocols']))
    return {
      errorCode: ErrorCode.UNSUPPORTED_VERSION,
      message: 'The consumer group protocol is not enabled.',
    };
  const { values } = core.settings;
  const message = findInvalid(request, version, values['group.member.subscription.max.bytes']);
  if (message !== undefined) return { errorCode: ErrorCode.INVALID_REQUEST, message };
  const { serverAssignor, subscribedTopicRegex: regex } = request;
  const { assignors } = core.groups.consumerLimits(request.groupId);
  if (serverAssignor !== null && !assignors.includes(serverAssignor))
    return {
      errorCode: ErrorCode.UNSUPPORTED_ASSIGNOR,
      message: `ServerAssignor ${serverAssignor} is not supported. Supported assignors: ${assignors.join(', ')}.`,
    };
  return regex === null || regex === '' ? undefined : findRegexProblem(regex);
}

function findInvalid(
  request: ConsumerGroupHeartbeatRequest,
  version: number,
  subscriptionBytesMax: number,
): string | undefined {
  const { memberId, memberEpoch, instanceId, subscribedTopicNames, topicPartitions } = request;
  if (memberId.trim() === '' && (version >= OWN_MEMBER_ID_SINCE || memberEpoch !== 0))
    return "MemberId can't be empty.";
  if (request.groupId.trim() === '') return "GroupId can't be empty.";
  if (instanceId?.trim() === '') return "InstanceId can't be empty.";
  if (request.rackId?.trim() === '') return "RackId can't be empty.";
  if (memberEpoch === 0) {
    if (request.rebalanceTimeoutMs === -1)
      return 'RebalanceTimeoutMs must be provided in first request.';
    if (topicPartitions === null || topicPartitions.length > 0)
      return 'TopicPartitions must be empty when (re-)joining.';
    if (subscribedTopicNames === null && request.subscribedTopicRegex === null)
      return 'Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.';
  } else if (memberEpoch === STATIC_LEAVE_EPOCH) {
    if (instanceId === null) return "InstanceId can't be null.";
  } else if (memberEpoch < LEAVE_EPOCH) return 'MemberEpoch is invalid.';
  const subscriptionBytes = (subscribedTopicNames ?? []).reduce(
    (sum, name) => sum + Buffer.byteLength(name),
    0,
  );
  return subscriptionBytes > subscriptionBytesMax
    ? `The subscription is longer than ${subscriptionBytesMax} bytes.`
    : undefined;
}

function findRegexProblem(regex: string): Refusal | undefined {
  const problem =
    regex.length > REGEX_LENGTH_MAX
      ? `it is longer than ${REGEX_LENGTH_MAX} characters`
      : findPatternProblem(regex);
  if (problem === undefined) return undefined;
  return {
    errorCode: ErrorCode.INVALID_REGULAR_EXPRESSION,
    message: `SubscribedTopicRegex \`${regex}\` is not a valid regular expression: ${problem}.`,
  };
}
