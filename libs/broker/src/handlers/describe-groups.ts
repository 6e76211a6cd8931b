import { apis, ErrorCode, type DescribeGroupsResponseGroupInput } from '@millrace/kafka-protocol';
import { metadataOf, NOTHING, type GroupState } from '../groups/classic/group-state.ts';
import { serve, type ServedApi } from '../served-api.ts';

/** From this version on an unknown group is an error; before it was dead. */
const NOT_FOUND_SINCE = 6;

export const describeGroupsHandler: ServedApi = serve(
  apis.describeGroups,
  (request, { core, version }) => ({
    groups: request.groups.map((groupId) => {
      const group = core.groups.find(groupId);
      if (group?.group.kind === 'classic') return describe(group.group.state);
      const isError = version >= NOT_FOUND_SINCE;
      return {
        errorCode: isError ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.NONE,
        errorMessage: isError ? notFound(groupId, group !== undefined) : null,
        groupId,
        groupState: 'Dead',
      };
    }),
  }),
);

function notFound(groupId: string, isOther: boolean): string {
  return isOther ? `Group ${groupId} is not a classic group.` : `Group ${groupId} not found.`;
}

function describe(state: GroupState): DescribeGroupsResponseGroupInput {
  const isStable = state.phase === 'Stable';
  return {
    errorCode: ErrorCode.NONE,
    groupId: state.groupId,
    groupState: state.phase,
    protocolType: state.protocolType ?? '',
    protocolData: isStable ? (state.protocolName ?? '') : '',
    members: [...state.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: isStable ? metadataOf(member, state.protocolName) : NOTHING,
      memberAssignment: member.assignment,
    })),
  };
}
