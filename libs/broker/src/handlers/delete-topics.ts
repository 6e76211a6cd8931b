import {
  apis,
  ErrorCode,
  errorByCode,
  ZERO_UUID,
  type DeleteTopicsRequest,
  type DeleteTopicsResponseInput,
  type DeleteTopicsResponseResultInput,
} from '@millrace/kafka-protocol';
import { storageRefusal, type BrokerCore, type Call } from '../core.ts';
import type { TopicEntry } from '../metadata/metadata-image.ts';
import { serve, type ServedApi } from '../served-api.ts';

/** From this version on a topic may be named by its id. */
const TOPIC_IDS_SINCE = 6;

export const deleteTopicsHandler: ServedApi = serve(apis.deleteTopics, deleteTopics);

interface Asked {
  readonly name: string | null;
  readonly topicId: string;
}

async function deleteTopics(
  request: DeleteTopicsRequest,
  { core, version }: Call,
): Promise<DeleteTopicsResponseInput> {
  const asked: readonly Asked[] =
    version >= TOPIC_IDS_SINCE
      ? request.topics
      : request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }));
  const responses: DeleteTopicsResponseResultInput[] = [];
  const seen = new Set<string>();
  for (const each of asked) {
    const key = each.name ?? each.topicId;
    responses.push(
      seen.has(key)
        ? failed(each, ErrorCode.INVALID_REQUEST, 'The topic is named twice in the request.')
        : await deleteTopic(each, core),
    );
    seen.add(key);
  }
  return { responses };
}

async function deleteTopic(
  asked: Asked,
  core: BrokerCore,
): Promise<DeleteTopicsResponseResultInput> {
  if (!core.settings.values['delete.topic.enable'])
    return failed(asked, ErrorCode.TOPIC_DELETION_DISABLED);
  const found = findTopic(asked, core);
  if (typeof found === 'number') return failed(asked, found);
  try {
    const removed = await core.topics.delete(found.topicId);
    if (removed === undefined) return failed(asked, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    await core.groups.forgetTopic(removed.name);
    return { name: removed.name, topicId: removed.topicId, errorCode: ErrorCode.NONE };
  } catch (error) {
    const { errorCode, message } = storageRefusal(core, error);
    return failed(asked, errorCode, message);
  }
}

function findTopic({ name, topicId }: Asked, core: BrokerCore): TopicEntry | number {
  if (name !== null && topicId !== ZERO_UUID) return ErrorCode.INVALID_REQUEST;
  if (name !== null) return core.topics.find(name) ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  if (topicId === ZERO_UUID) return ErrorCode.INVALID_REQUEST;
  return core.topics.findById(topicId) ?? ErrorCode.UNKNOWN_TOPIC_ID;
}

function failed(
  { name, topicId }: Asked,
  errorCode: number,
  message?: string,
): DeleteTopicsResponseResultInput {
  return { name, topicId, errorCode, errorMessage: message ?? errorByCode(errorCode).message };
}
