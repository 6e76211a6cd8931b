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
import type { Refusal } from '../refusal.ts';
import { serve, type ServedApi } from '../served-api.ts';

const NO_SUCH_TOPIC = 'This server does not host this topic-partition.';
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
  const keys = asked.map(({ name, topicId }) => name ?? topicId);
  const done = new Set<string>();
  for (const [index, each] of asked.entries()) {
    const key = keys[index] ?? '';
    // Named twice: answered once, and nothing is done. Kafka takes an id for another topic than its name.
    if (done.has(key)) continue;
    done.add(key);
    const isTwice = keys.indexOf(key) !== keys.lastIndexOf(key) && key !== ZERO_UUID;
    responses.push(
      isTwice
        ? failed(each, ErrorCode.INVALID_REQUEST, 'Duplicate topic name.')
        : await deleteTopic(each, core),
    );
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
  if ('errorCode' in found) return failed(asked, found.errorCode, found.message);
  try {
    const removed = await core.topics.delete(found.topicId);
    if (removed === undefined)
      return failed(asked, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, NO_SUCH_TOPIC);
    await core.groups.forgetTopic(removed.name);
    return { name: removed.name, topicId: removed.topicId, errorCode: ErrorCode.NONE };
  } catch (error) {
    const { errorCode, message } = storageRefusal(core, error);
    return failed(asked, errorCode, message);
  }
}

function findTopic({ name, topicId }: Asked, core: BrokerCore): TopicEntry | Refusal {
  if (name !== null && topicId !== ZERO_UUID)
    return {
      errorCode: ErrorCode.INVALID_REQUEST,
      message: 'You may not specify both topic name and topic id.',
    };
  if (name !== null)
    return (
      core.topics.find(name) ?? {
        errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        message: NO_SUCH_TOPIC,
      }
    );
  if (topicId === ZERO_UUID)
    return {
      errorCode: ErrorCode.INVALID_REQUEST,
      message: 'Neither topic name nor id were specified.',
    };
  return (
    core.topics.findById(topicId) ?? {
      errorCode: ErrorCode.UNKNOWN_TOPIC_ID,
      message: 'This server does not host this topic ID.',
    }
  );
}

function failed(
  { name, topicId }: Asked,
  errorCode: number,
  message?: string,
): DeleteTopicsResponseResultInput {
  return { name, topicId, errorCode, errorMessage: message ?? errorByCode(errorCode).message };
}
