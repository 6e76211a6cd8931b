import { expect, test } from '@jest/globals';
import {
  ErrorCode,
  type ConsumerGroupHeartbeatRequest,
  type OffsetCommitRequest,
} from '@millrace/kafka-protocol';
import type { KafkaClient } from '../src/client.ts';
import type { Consumer, ConsumerOptions } from '../src/consumer-api.ts';
import type { TopicPartition } from '../src/records.ts';
import { FakeCluster, type Fault } from './fake-cluster.ts';
import { openClient } from './open-client.ts';

const error = (errorCode: number): Fault => ({ kind: 'error', errorCode });

function openFake(target: readonly number[]): FakeCluster {
  const cluster = new FakeCluster();
  cluster.createTopic('t', 4);
  cluster.target = target;
  return cluster;
}

function heartbeats(cluster: FakeCluster): ConsumerGroupHeartbeatRequest[] {
  return cluster.requests
    .filter(({ api }) => api === 'ConsumerGroupHeartbeat')
    .map(({ request }) => request as ConsumerGroupHeartbeatRequest);
}

function join(
  client: KafkaClient,
  events: string[],
  options: Partial<ConsumerOptions> = {},
): Consumer {
  const note =
    (what: string) =>
    (partitions: readonly TopicPartition[]): void =>
      void events.push(`${what} ${partitions.map(({ partition }) => partition).join()}`);
  return client.consumer({
    groupId: 'g',
    groupProtocol: 'consumer',
    topics: ['t'],
    autoOffsetReset: 'earliest',
    fetchMaxWaitMs: 5,
    onAssigned: note('+'),
    onRevoked: note('-'),
    onLost: note('lost'),
    ...options,
  });
}

async function pollUntil(consumer: Consumer, isDone: () => boolean): Promise<void> {
  while (!isDone()) await consumer.poll({ timeoutMs: 5 });
}

test('what the coordinator says is held, given up and acknowledged', async () => {
  const cluster = openFake([0, 1, 2]);
  const events: string[] = [];
  await using client = openClient(cluster);
  await using consumer = join(client, events);
  await pollUntil(consumer, () => events.length > 0);
  cluster.retarget([2, 3]);
  await pollUntil(consumer, () => events.length > 2);
  expect(events).toEqual(['+ 0,1,2', '- 0,1', '+ 3']);
  const isTold = (): boolean =>
    heartbeats(cluster).some(
      ({ topicPartitions }) => topicPartitions?.[0]?.partitions.join() === '2,3',
    );
  await pollUntil(consumer, isTold);
  const [first, ...later] = heartbeats(cluster);
  expect(first).toMatchObject({ memberEpoch: 0, subscribedTopicNames: ['t'], topicPartitions: [] });
  // Nothing is repeated that has not changed.
  expect(later.every(({ subscribedTopicNames }) => subscribedTopicNames === null)).toBe(true);
});

test('after a heartbeat of unknown fate everything is said again', async () => {
  const cluster = openFake([0]);
  const events: string[] = [];
  await using client = openClient(cluster);
  await using consumer = join(client, events);
  await pollUntil(consumer, () => events.length > 0);
  cluster.fail('ConsumerGroupHeartbeat', { kind: 'lost-answer' });
  const before = heartbeats(cluster).length;
  const again = (): ConsumerGroupHeartbeatRequest | undefined =>
    heartbeats(cluster)
      .slice(before)
      .find(({ subscribedTopicNames }) => subscribedTopicNames !== null);
  await pollUntil(consumer, () => again() !== undefined);
  expect(again()?.topicPartitions?.[0]?.partitions).toEqual([0]);
  expect(events).toEqual(['+ 0']);
});

test.each([ErrorCode.FENCED_MEMBER_EPOCH, ErrorCode.UNKNOWN_MEMBER_ID])(
  'who is put out (error %d) loses its partitions and joins anew',
  async (errorCode) => {
    const cluster = openFake([0]);
    const events: string[] = [];
    await using client = openClient(cluster);
    await using consumer = join(client, events);
    await pollUntil(consumer, () => events.length > 0);
    cluster.fail('ConsumerGroupHeartbeat', error(errorCode));
    await pollUntil(consumer, () => events.length > 2);
    expect(events).toEqual(['+ 0', 'lost 0', '+ 0']);
    const joins = heartbeats(cluster).filter(({ memberEpoch }) => memberEpoch === 0);
    expect(joins).toHaveLength(2);
    expect(new Set(joins.map(({ memberId }) => memberId)).size).toBe(1);
  },
);

test('a commit with an old epoch is tried again with the new one', async () => {
  const cluster = openFake([0]);
  const events: string[] = [];
  await using client = openClient(cluster);
  await using consumer = join(client, events);
  await pollUntil(consumer, () => events.length > 0);
  cluster.memberEpoch += 1;
  await consumer.commit([{ topic: 't', partition: 0, offset: 3 }]);
  expect(cluster.committed.get('t-0')).toBe(3);
  const commits = cluster.requests.filter(({ api }) => api === 'OffsetCommit');
  const last = commits.at(-1)?.request as OffsetCommitRequest;
  expect(last.generationIdOrMemberEpoch).toBe(consumer.groupMetadata().generationId);
});

test.each([
  ['a member says so when it goes', null, -1],
  ['a static member says that it comes back', 'one', -2],
] as const)('%s', async (_what, groupInstanceId, memberEpoch) => {
  const cluster = openFake([0]);
  const events: string[] = [];
  await using client = openClient(cluster);
  const consumer = join(client, events, groupInstanceId === null ? {} : { groupInstanceId });
  await pollUntil(consumer, () => events.length > 0);
  await consumer.close();
  expect(events).toEqual(['+ 0', '- 0']);
  expect(heartbeats(cluster).at(-1)).toMatchObject({ memberEpoch });
});

test('an error that joining again would not mend is thrown by poll', async () => {
  const cluster = openFake([0]);
  cluster.fail('ConsumerGroupHeartbeat', error(ErrorCode.UNSUPPORTED_ASSIGNOR));
  await using client = openClient(cluster);
  await using consumer = join(client, [], { remoteAssignor: 'best' });
  await expect(pollUntil(consumer, () => false)).rejects.toMatchObject({
    code: 'kafka.unsupported_assignor',
  });
});

test('who does not poll for max.poll.interval.ms leaves, and joins with the next poll', async () => {
  const cluster = openFake([0]);
  const events: string[] = [];
  await using client = openClient(cluster);
  await using consumer = join(client, events, { rebalanceTimeoutMs: 20 });
  await pollUntil(consumer, () => events.length > 0);
  while (!heartbeats(cluster).some(({ memberEpoch }) => memberEpoch === -1)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await pollUntil(consumer, () => events.length > 2);
  expect(events).toEqual(['+ 0', 'lost 0', '+ 0']);
});

test('a regular expression is left to the coordinator', async () => {
  const cluster = openFake([1]);
  const events: string[] = [];
  await using client = openClient(cluster);
  await using consumer = client.consumer({
    groupId: 'g',
    groupProtocol: 'consumer',
    topicsRegex: 't.*',
    onAssigned: (partitions) => void events.push(partitions.map((one) => one.topic).join()),
  });
  await pollUntil(consumer, () => events.length > 0);
  expect(events).toEqual(['t']);
  expect(heartbeats(cluster)[0]).toMatchObject({ subscribedTopicRegex: 't.*' });
  expect(() => client.consumer({ groupId: 'g', topicsRegex: 't.*' })).toThrow('classic protocol');
});
