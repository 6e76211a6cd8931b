import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { AclOperation, AclResource } from '../acl.ts';
import { authorizedOperations } from '../rights.ts';
import {
  allowsCluster,
  allowsGroup,
  allowsTopic,
  GROUP_REFUSED,
  guard,
  openTo,
  split,
  TOPIC_REFUSED,
  type Guard,
} from './guard.ts';

const { READ, DESCRIBE, DELETE } = AclOperation;
const { errorCode: GROUP_CODE } = GROUP_REFUSED;
const { errorCode: TOPIC_CODE } = TOPIC_REFUSED;

const PROTOCOL_NAME_MAY_LACK_SINCE = 7;

const joinGroupGuard = guard(apis.joinGroup, (request, call, next) =>
  allowsGroup(call, READ, request.groupId)
    ? next(request)
    : {
        errorCode: GROUP_CODE,
        generationId: -1,
        protocolName: call.version >= PROTOCOL_NAME_MAY_LACK_SINCE ? null : '',
        leader: '',
        memberId: request.memberId,
        members: [],
      },
);

const syncGroupGuard = guard(apis.syncGroup, (request, call, next) =>
  allowsGroup(call, READ, request.groupId)
    ? next(request)
    : { errorCode: GROUP_CODE, assignment: new Uint8Array(0) },
);

const heartbeatGuard = guard(apis.heartbeat, (request, call, next) =>
  allowsGroup(call, READ, request.groupId) ? next(request) : { errorCode: GROUP_CODE },
);

const leaveGroupGuard = guard(apis.leaveGroup, (request, call, next) =>
  allowsGroup(call, READ, request.groupId) ? next(request) : { errorCode: GROUP_CODE, members: [] },
);

const consumerGroupHeartbeatGuard = guard(apis.consumerGroupHeartbeat, (request, call, next) => {
  const nothing = { memberEpoch: 0, heartbeatIntervalMs: 0 };
  if (!allowsGroup(call, READ, request.groupId)) return { ...GROUP_REFUSED, ...nothing };
  const names = request.subscribedTopicNames ?? [];
  // One topic that he may not see refuses the whole subscription.
  return names.every((name) => allowsTopic(call, DESCRIBE, name))
    ? next(request)
    : { ...TOPIC_REFUSED, ...nothing };
});

const offsetCommitGuard = guard(apis.offsetCommit, async (request, call, next) => {
  const refuse = (topics: typeof request.topics, errorCode: number) =>
    topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    }));
  if (!allowsGroup(call, READ, request.groupId))
    return { topics: refuse(request.topics, GROUP_CODE) };
  const [allowed, denied] = split(request.topics, ({ name }) => allowsTopic(call, READ, name));
  if (denied.length === 0) return next(request);
  // A commit of nothing at all would still be one; there is none.
  const answer = allowed.length === 0 ? undefined : await next({ ...request, topics: allowed });
  return { ...answer, topics: [...(answer?.topics ?? []), ...refuse(denied, TOPIC_CODE)] };
});

const GROUPS_SINCE = 8;

const offsetFetchGuard = guard(apis.offsetFetch, async (request, call, next) => {
  const hidden = (partitionIndex: number) => ({
    partitionIndex,
    committedOffset: -1,
    metadata: '',
    errorCode: TOPIC_CODE,
  });
  const maySee = ({ name }: { readonly name: string }): boolean =>
    allowsTopic(call, DESCRIBE, name);
  if (call.version < GROUPS_SINCE) {
    if (!allowsGroup(call, DESCRIBE, request.groupId))
      return {
        errorCode: GROUP_CODE,
        topics: (call.version >= 2 ? [] : (request.topics ?? [])).map(
          ({ name, partitionIndexes }) => ({
            name,
            partitions: partitionIndexes.map((index) => ({
              ...hidden(index),
              errorCode: GROUP_CODE,
            })),
          }),
        ),
      };
    const [allowed, denied] = split(request.topics ?? [], maySee);
    const answer = await next(denied.length === 0 ? request : { ...request, topics: allowed });
    return {
      ...answer,
      topics: [
        ...(answer?.topics ?? []).filter(maySee),
        ...denied.map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map(hidden),
        })),
      ],
    };
  }
  const [groups, refused] = split(request.groups, ({ groupId }) =>
    allowsGroup(call, DESCRIBE, groupId),
  );
  const shown = groups.map((group) => ({
    ...group,
    topics: group.topics === null ? null : group.topics.filter(maySee),
  }));
  const answer = await next({ ...request, groups: shown });
  return {
    ...answer,
    groups: [
      ...(answer?.groups ?? []).map((group) => {
        const asked = groups.find(({ groupId }) => groupId === group.groupId)?.topics ?? [];
        const denied = asked.filter((topic) => !maySee(topic));
        return {
          ...group,
          topics: [
            ...group.topics.filter(maySee),
            ...denied.map(({ name, partitionIndexes }) => ({
              name,
              partitions: partitionIndexes.map(hidden),
            })),
          ],
        };
      }),
      ...refused.map(({ groupId }) => ({ groupId, topics: [], errorCode: GROUP_CODE })),
    ],
  };
});

const offsetDeleteGuard = guard(apis.offsetDelete, async (request, call, next) => {
  if (!allowsGroup(call, DELETE, request.groupId)) return { errorCode: GROUP_CODE, topics: [] };
  const [allowed, denied] = split(request.topics, ({ name }) => allowsTopic(call, READ, name));
  const answer = await next({ ...request, topics: allowed });
  return {
    ...answer,
    topics: [
      ...(answer?.topics ?? []),
      ...denied.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: TOPIC_CODE,
        })),
      })),
    ],
  };
});

const describeGroupsGuard = guard(
  apis.describeGroups,
  async (request, call, next) => {
    const [allowed, denied] = split(request.groups, (id) => allowsGroup(call, DESCRIBE, id));
    const answer = await next({ ...request, groups: allowed });
    const groups = (answer?.groups ?? []).map((group) =>
      request.includeAuthorizedOperations && group.errorCode === ErrorCode.NONE
        ? { ...group, authorizedOperations: operationsOf(call, group.groupId) }
        : group,
    );
    return {
      ...answer,
      groups: [
        ...groups,
        ...denied.map((groupId) => ({
          ...GROUP_REFUSED,
          groupId,
          groupState: '',
          protocolType: '',
          protocolData: '',
          members: [],
        })),
      ],
    };
  },
  { isAlways: true },
);

const blankGroup = (groupId: string) => ({
  ...{ groupId, groupState: '', groupEpoch: 0, assignmentEpoch: 0, assignorName: '', members: [] },
});

const consumerGroupDescribeGuard = guard(
  apis.consumerGroupDescribe,
  async (request, call, next) => {
    const [allowed, denied] = split(request.groupIds, (id) => allowsGroup(call, DESCRIBE, id));
    const answer = await next({ ...request, groupIds: allowed });
    const groups = (answer?.groups ?? []).map((group) => {
      if (group.errorCode !== ErrorCode.NONE) return group;
      // Whoever sees a group but not its topics does not see the group either, in Kafka's words.
      const isHidden = (group.members ?? []).some((member) =>
        [...member.assignment.topicPartitions, ...member.targetAssignment.topicPartitions].some(
          ({ topicName }) => !allowsTopic(call, DESCRIBE, topicName),
        ),
      );
      if (isHidden)
        return {
          ...blankGroup(group.groupId),
          errorCode: TOPIC_CODE,
          errorMessage:
            'The group has described topic(s) that the client is not authorized to describe.',
        };
      return request.includeAuthorizedOperations
        ? { ...group, authorizedOperations: operationsOf(call, group.groupId) }
        : group;
    });
    return {
      ...answer,
      groups: [
        ...groups,
        ...denied.map((groupId) => ({ ...blankGroup(groupId), ...GROUP_REFUSED })),
      ],
    };
  },
  { isAlways: true },
);

const listGroupsGuard = guard(apis.listGroups, async (request, call, next) => {
  const answer = await next(request);
  if (answer === undefined || allowsCluster(call, DESCRIBE)) return answer;
  const groups = answer.groups.filter(({ groupId }) => allowsGroup(call, DESCRIBE, groupId));
  return { ...answer, groups };
});

const deleteGroupsGuard = guard(apis.deleteGroups, async (request, call, next) => {
  const [allowed, denied] = split(request.groupsNames, (id) => allowsGroup(call, DELETE, id));
  const answer = await next({ ...request, groupsNames: allowed });
  return {
    ...answer,
    results: [
      ...(answer?.results ?? []),
      ...denied.map((groupId) => ({ groupId, errorCode: GROUP_CODE })),
    ],
  };
});

function operationsOf(call: Parameters<typeof allowsGroup>[0], groupId: string): number {
  return authorizedOperations(call.rights, AclResource.GROUP, groupId);
}

export const groupGuards: readonly Guard[] = [
  joinGroupGuard,
  syncGroupGuard,
  heartbeatGuard,
  leaveGroupGuard,
  consumerGroupHeartbeatGuard,
  // Asks for no rights, as in Kafka: that there are no share groups is said before.
  openTo(apis.shareGroupHeartbeat),
  consumerGroupDescribeGuard,
  offsetCommitGuard,
  offsetFetchGuard,
  offsetDeleteGuard,
  describeGroupsGuard,
  listGroupsGuard,
  deleteGroupsGuard,
];
