import {
  apis,
  ErrorCode,
  ZERO_UUID,
  type CreatePartitionsRequest,
  type CreatePartitionsResponseInput,
  type CreateTopicsRequest,
  type CreateTopicsResponseInput,
  type DeleteTopicsRequest,
  type DeleteTopicsResponseInput,
} from '@millrace/kafka-protocol';
import type { Call } from '../core.ts';
import { quotaClientOf } from './quota-clients.ts';

/** From these versions on what exceeds the quota is refused; before, it is done and the client waits (KIP-599). */
const STRICT_SINCE = { createTopics: 6, deleteTopics: 5, createPartitions: 3 } as const;

type Next<Req, Res> = (request: Req) => Promise<Res | undefined>;
export type Limit = (request: never, call: Call, next: Next<never, object>) => Promise<unknown>;

const REFUSED = {
  errorCode: ErrorCode.THROTTLING_QUOTA_EXCEEDED,
  errorMessage: 'The throttling quota has been exceeded.',
};

/** Which of the items may be done now. What they cost is taken; what fails afterwards is to be given back. */
function admit<T>(
  items: readonly T[],
  call: Call,
  isStrict: boolean,
  costOf: (item: T) => number,
): { readonly admitted: readonly T[]; readonly refused: readonly T[] } {
  const { quotas } = call.core;
  const client = quotaClientOf(call);
  const admitted: T[] = [];
  const refused: T[] = [];
  for (const item of items) {
    if (isStrict && quotas.mutationThrottleMs(client) > 0) {
      refused.push(item);
      continue;
    }
    quotas.takeMutations(client, costOf(item));
    admitted.push(item);
  }
  return { admitted, refused };
}

function giveBack(call: Call, count: number): void {
  if (count > 0) call.core.quotas.takeMutations(quotaClientOf(call), -count);
}

async function limitCreateTopics(
  request: CreateTopicsRequest,
  call: Call,
  next: Next<CreateTopicsRequest, CreateTopicsResponseInput>,
): Promise<CreateTopicsResponseInput | undefined> {
  const costOf = ({ assignments, numPartitions }: CreateTopicsRequest['topics'][number]): number =>
    assignments.length > 0
      ? assignments.length
      : Math.max(
          1,
          numPartitions === -1 ? call.core.settings.values['num.partitions'] : numPartitions,
        );
  const isStrict = call.version >= STRICT_SINCE.createTopics;
  const { admitted, refused } = admit(request.topics, call, isStrict, costOf);
  const answer = await next({ ...request, topics: admitted });
  const failed = new Set(
    (answer?.topics ?? []).filter(({ errorCode }) => errorCode !== 0).map(({ name }) => name),
  );
  for (const topic of admitted) if (failed.has(topic.name)) giveBack(call, costOf(topic));
  const none = refused.map(({ name }) => ({ name, topicId: ZERO_UUID, ...REFUSED, configs: [] }));
  return { ...answer, topics: [...(answer?.topics ?? []), ...none] };
}

async function limitCreatePartitions(
  request: CreatePartitionsRequest,
  call: Call,
  next: Next<CreatePartitionsRequest, CreatePartitionsResponseInput>,
): Promise<CreatePartitionsResponseInput | undefined> {
  const costs = new Map(
    request.topics.map(({ name, count }) => [
      name,
      Math.max(0, count - (call.core.topics.find(name)?.partitionCount ?? count)),
    ]),
  );
  const isStrict = call.version >= STRICT_SINCE.createPartitions;
  const costOf = ({ name }: { readonly name: string }): number => costs.get(name) ?? 0;
  const { admitted, refused } = admit(request.topics, call, isStrict, costOf);
  const answer = await next({ ...request, topics: admitted });
  for (const result of answer?.results ?? [])
    if (result.errorCode !== 0) giveBack(call, costOf(result));
  const none = refused.map(({ name }) => ({ name, ...REFUSED }));
  return { ...answer, results: [...(answer?.results ?? []), ...none] };
}

async function limitDeleteTopics(
  request: DeleteTopicsRequest,
  call: Call,
  next: Next<DeleteTopicsRequest, DeleteTopicsResponseInput>,
): Promise<DeleteTopicsResponseInput | undefined> {
  const { topics } = call.core;
  const isStrict = call.version >= STRICT_SINCE.deleteTopics;
  const isById = call.version >= 6;
  const asked: readonly { readonly name: string | null; readonly topicId: string }[] = isById
    ? request.topics
    : request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }));
  const costs = new Map(
    asked.map((topic) => {
      const entry = topic.name === null ? topics.findById(topic.topicId) : topics.find(topic.name);
      return [topic, entry?.partitionCount ?? 0] as const;
    }),
  );
  const { admitted, refused } = admit(asked, call, isStrict, (topic) => costs.get(topic) ?? 0);
  const answer = await next(
    isById
      ? { ...request, topics: admitted }
      : { ...request, topicNames: admitted.map(({ name }) => name ?? '') },
  );
  for (const topic of admitted) {
    const result = answer?.responses.find(
      ({ name, topicId }) => name === topic.name || topicId === topic.topicId,
    );
    if (result !== undefined && result.errorCode !== 0) giveBack(call, costs.get(topic) ?? 0);
  }
  const none = refused.map(({ name, topicId }) => ({ name, topicId, ...REFUSED }));
  return { ...answer, responses: [...(answer?.responses ?? []), ...none] };
}

/** By api; the types are those of the api with the key, which a table of all can't name. */
export const MUTATION_LIMITS: ReadonlyMap<number, unknown> = new Map<number, unknown>([
  [apis.createTopics.key, limitCreateTopics],
  [apis.createPartitions.key, limitCreatePartitions],
  [apis.deleteTopics.key, limitDeleteTopics],
]);
