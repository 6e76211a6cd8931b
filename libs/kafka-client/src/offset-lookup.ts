import { must } from '@millrace/foundation';
import { apis, errorFromCode, type ListOffsetsResponsePartition } from '@millrace/kafka-protocol';
import type { OffsetAnswer } from './admin-api.ts';
import type { Cluster } from './cluster.ts';
import type { IsolationLevel } from './consumer-api.ts';
import { answerIncomplete, topicNotKnown } from './errors.ts';
import type { TopicPartition } from './records.ts';

export const LATEST_TIMESTAMP = -1;
export const EARLIEST_TIMESTAMP = -2;
export const MAX_TIMESTAMP = -3;

export interface OffsetLookup extends TopicPartition {
  /** Milliseconds, or one of the constants above. */
  readonly timestamp: number;
}

/** In the order of the lookups. Asks each leader once; throws a retriable error when a leader is unknown or has moved. */
export async function lookUpOffsets(
  cluster: Cluster,
  lookups: readonly OffsetLookup[],
  isolationLevel: IsolationLevel,
): Promise<OffsetAnswer[]> {
  const unknown = new Set<string>();
  for (const { topic, partition } of lookups) {
    if (cluster.findLeader(topic, partition) === undefined) unknown.add(topic);
  }
  if (unknown.size > 0) await cluster.refresh(unknown);
  // A request may name a partition once, so a second question about it goes into another one.
  const asked = new Map<string, number>();
  const requests = new Map<
    string,
    { readonly leaderId: number; readonly lookups: OffsetLookup[] }
  >();
  for (const lookup of lookups) {
    const partitionKey = `${lookup.partition} ${lookup.topic}`;
    const round = asked.get(partitionKey) ?? 0;
    asked.set(partitionKey, round + 1);
    const leader = cluster.findLeader(lookup.topic, lookup.partition);
    if (leader === undefined) {
      const why = { name: 'LEADER_NOT_AVAILABLE', message: 'the partition has no known leader' };
      throw topicNotKnown(lookup.topic, 0, why);
    }
    const key = `${leader.id} ${round}`;
    const request = requests.get(key) ?? { leaderId: leader.id, lookups: [] };
    request.lookups.push(lookup);
    requests.set(key, request);
  }
  try {
    const answers = new Map<OffsetLookup, OffsetAnswer>();
    await Promise.all(
      [...requests.values()].map(async (request) => {
        const part = await askLeader(cluster, request.leaderId, request.lookups, isolationLevel);
        for (const [index, answer] of part.entries()) {
          answers.set(must(request.lookups[index], 'an answer for each lookup'), answer);
        }
      }),
    );
    return lookups.map((lookup) => must(answers.get(lookup), 'an answer for each lookup'));
  } catch (error) {
    // The next attempt should ask the right broker.
    await cluster.refresh(new Set(lookups.map(({ topic }) => topic))).catch(() => undefined);
    throw error;
  }
}

async function askLeader(
  cluster: Cluster,
  leaderId: number,
  lookups: readonly OffsetLookup[],
  isolationLevel: IsolationLevel,
): Promise<OffsetAnswer[]> {
  const leader = cluster.findBroker(leaderId);
  if (leader === undefined) throw answerIncomplete('Metadata', `broker ${leaderId}`);
  const byTopic = new Map<string, OffsetLookup[]>();
  for (const lookup of lookups) {
    byTopic.set(lookup.topic, [...(byTopic.get(lookup.topic) ?? []), lookup]);
  }
  const answer = await cluster.linkTo(leader).request(apis.listOffsets, {
    isolationLevel: isolationLevel === 'read_committed' ? 1 : 0,
    timeoutMs: cluster.settings.requestTimeoutMs,
    topics: [...byTopic].map(([name, partitions]) => ({
      name,
      partitions: partitions.map(({ partition, timestamp }) => ({
        partitionIndex: partition,
        timestamp,
      })),
    })),
  });
  const answers = new Map<string, ListOffsetsResponsePartition>();
  for (const { name, partitions } of answer.topics) {
    for (const partition of partitions) {
      answers.set(`${partition.partitionIndex} ${name}`, partition);
    }
  }
  return lookups.map(({ topic, partition }) => {
    const found = answers.get(`${partition} ${topic}`);
    const name = `${topic}-${partition}`;
    if (found === undefined) throw answerIncomplete('ListOffsets', name);
    if (found.errorCode !== 0) throw errorFromCode(found.errorCode, `list offsets of ${name}`);
    return {
      topic,
      partition,
      offset: found.offset,
      timestampMs: found.timestamp,
      leaderEpoch: found.leaderEpoch,
    };
  });
}
