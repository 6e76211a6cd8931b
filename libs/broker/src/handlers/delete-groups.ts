import { apis, type DeleteGroupsResponseInput } from '@millrace/kafka-protocol';
import { serve, type ServedApi } from '../served-api.ts';

export const deleteGroupsHandler: ServedApi = serve(
  apis.deleteGroups,
  async ({ groupsNames }, { core }) => {
    const results: DeleteGroupsResponseInput['results'][number][] = [];
    for (const groupId of groupsNames) {
      results.push({ groupId, errorCode: await core.groups.delete(groupId) });
    }
    return { results };
  },
);
