import { apis, ErrorCode, type DescribeGroupsResponseGroupInput } from '@millrace/kafka-protocol';
import type { GroupView } from '../groups/group-coordinator.ts';
import { metadataOf, NOTHING } from '../groups/classic/group-state.ts';
import { serve, type ServedApi } from '../served-api.ts';

/** From this version on an unknown group is an error; before it was dead. */
const NOT_FOUND_SINCE = 6;

export const describeGroupsHandler: ServedApi = serve(
  apis.describeGroups,
  (request, { core, version }) => ({
    groups: request.groups.map((groupId) => {
      const group = core.groups.find(groupId);
      if (group !== undefined) return describe(group);
      const isError = version >= NOT_FOUND_SINCE;
      return {
        errorCode: isError ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.NONE,
        errorMessage: isError ? `Group ${groupId} not found.` : null,
        groupId,
        groupState: 'Dead',
      };
    }),
  }),
);

function describe({ state }: GroupView): DescribeGroupsResponseGroupInput {
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
      memberAssignment: isStable ? member.assignment : NOTHING,
    })),
  };
}
