import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { serve, type ServedApi } from '../served-api.ts';

export const heartbeatHandler: ServedApi = serve(apis.heartbeat, async (request, { core }) => {
  const { groupId, memberId, generationId: generation, groupInstanceId: instanceId } = request;
  if (groupId === '') return { errorCode: ErrorCode.INVALID_GROUP_ID };
  return { errorCode: await core.groups.heartbeat({ groupId, memberId, generation, instanceId }) };
});
