import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { refusedSync } from '../groups/classic/answers.ts';
import { serve, type ServedApi } from '../served-api.ts';

/** From here on a member says which protocol it means. */
const PROTOCOL_SINCE = 5;

export const syncGroupHandler: ServedApi = serve(
  apis.syncGroup,
  async (request, { core, version }) => {
    const { groupId, memberId } = request;
    const isNamed = request.protocolType !== null && request.protocolName !== null;
    if (version >= PROTOCOL_SINCE && !isNamed)
      return refusedSync(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    if (groupId === '') return refusedSync(ErrorCode.INVALID_GROUP_ID);
    return core.groups.sync({
      groupId,
      memberId,
      instanceId: request.groupInstanceId,
      generation: request.generationId,
      protocolType: request.protocolType,
      protocolName: request.protocolName,
      // Kept for the life of the generation: not as views of the received chunk.
      assignments: request.assignments.map((each) => ({
        memberId: each.memberId,
        assignment: each.assignment.slice(),
      })),
    });
  },
);
