import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { serve, type ServedApi } from '../served-api.ts';

/** The one kind of group that is served. */
const TYPE = 'classic';

export const listGroupsHandler: ServedApi = serve(apis.listGroups, (request, { core }) => {
  const states = new Set(request.statesFilter.map((state) => state.toLowerCase()));
  const types = new Set(request.typesFilter.map((type) => type.toLowerCase()));
  const isWanted = (state: string): boolean =>
    (states.size === 0 || states.has(state.toLowerCase())) && (types.size === 0 || types.has(TYPE));
  return {
    errorCode: ErrorCode.NONE,
    groups: core.groups
      .groups()
      .filter(({ state }) => isWanted(state.phase))
      .map(({ state }) => ({
        groupId: state.groupId,
        protocolType: state.protocolType ?? '',
        groupState: state.phase,
        groupType: TYPE,
      })),
  };
});
