import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { serve, type ServedApi } from '../served-api.ts';

/** From this version on several members at once, each with an answer of its own. */
const BATCHED_SINCE = 3;

export const leaveGroupHandler: ServedApi = serve(
  apis.leaveGroup,
  async (request, { core, version }) => {
    const { groupId } = request;
    if (groupId === '') return { errorCode: ErrorCode.INVALID_GROUP_ID };
    const members =
      version >= BATCHED_SINCE
        ? request.members.map((each) => ({
            memberId: each.memberId,
            instanceId: each.groupInstanceId,
          }))
        : [{ memberId: request.memberId, instanceId: null }];
    const errorCodes = await core.groups.leave({ groupId, members });
    if (version < BATCHED_SINCE) return { errorCode: errorCodes[0] ?? ErrorCode.NONE };
    return {
      errorCode: ErrorCode.NONE,
      members: members.map(({ memberId, instanceId }, index) => ({
        memberId,
        groupInstanceId: instanceId,
        errorCode: errorCodes[index] ?? ErrorCode.UNKNOWN_MEMBER_ID,
      })),
    };
  },
);
