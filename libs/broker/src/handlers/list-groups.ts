import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { phaseOfGroup, type Group } from '../groups/group-entry.ts';
import { serve, type ServedApi } from '../served-api.ts';

export const listGroupsHandler: ServedApi = serve(apis.listGroups, (request, { core }) => {
  const states = new Set(request.statesFilter.map((state) => state.toLowerCase()));
  const types = new Set(request.typesFilter.map((type) => type.toLowerCase()));
  const isWanted = (group: Group): boolean =>
    (states.size === 0 || states.has(phaseOfGroup(group).toLowerCase())) &&
    (types.size === 0 || types.has(group.kind));
  return {
    errorCode: ErrorCode.NONE,
    groups: core.groups
      .groups()
      .filter(({ group }) => isWanted(group))
      .map(({ groupId, group }) => ({
        groupId,
        protocolType: group.kind === 'consumer' ? 'consumer' : (group.state.protocolType ?? ''),
        groupState: phaseOfGroup(group),
        groupType: group.kind,
      })),
  };
});
