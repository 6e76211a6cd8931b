import { expect, test } from '@jest/globals';
import { systemClock } from '@millrace/foundation';
import { ErrorCode } from '@millrace/kafka-protocol';
import type { KafkaClient } from '../src/client.ts';
import type { Consumer, ConsumerOptions } from '../src/consumer-api.ts';
import { FakeCluster, type Fault } from './fake-cluster.ts';
import { numbers, openClient, record } from './open-client.ts';

const error = (errorCode: number): Fault => ({ kind: 'error', errorCode });

async function clusterWith(count: number): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  await produce(cluster, 0, count);
  return cluster;
}

async function produce(cluster: FakeCluster, from: number, to: number): Promise<void> {
  await using client = openClient(cluster);
  await using producer = client.producer({
    lingerMs: 0,
    batchBytes: 120,
    enableIdempotence: false,
  });
  await producer.send(numbers(from, to).map((value) => record('t', value)));
}

function consume(client: KafkaClient, options: Partial<ConsumerOptions> = {}): Consumer {
  return client.consumer({
    groupId: 'g',
    topics: ['t'],
    autoOffsetReset: 'earliest',
    heartbeatIntervalMs: 5,
    fetchMaxWaitMs: 5,
    ...options,
  });
}

async function read(consumer: Consumer, count: number): Promise<string[]> {
  const values: string[] = [];
  while (values.length < count) {
    for (const { value } of await consumer.poll({ timeoutMs: 5_000 })) {
      values.push(Buffer.from(value ?? []).toString());
    }
  }
  return values;
}

test('a new member gets all partitions and reads all records in order', async () => {
  const cluster = await clusterWith(100);
  await using client = openClient(cluster);
  const assigned: string[] = [];
  await using consumer = consume(client, {
    onAssigned: (partitions) =>
      void assigned.push(...partitions.map((p) => `${p.topic}-${p.partition}`)),
  });
  expect(await read(consumer, 100)).toEqual(numbers(0, 100));
  expect(assigned).toEqual(['t-0']);
  expect(consumer.position({ topic: 't', partition: 0 })).toBe(100);
});

test('at most max.poll.records come at a time, and none is left out between two polls', async () => {
  const cluster = await clusterWith(100);
  await using client = openClient(cluster);
  await using consumer = consume(client, { maxPollRecords: 7 });
  const sizes = new Set<number>();
  const values: string[] = [];
  while (values.length < 100) {
    const records = await consumer.poll({ timeoutMs: 5_000 });
    sizes.add(records.length);
    values.push(...records.map(({ value }) => Buffer.from(value ?? []).toString()));
    expect(consumer.position({ topic: 't', partition: 0 })).toBe(
      values.length === 0 ? undefined : values.length,
    );
  }
  expect(values).toEqual(numbers(0, 100));
  expect(Math.max(...sizes)).toBe(7);
});

test('a committed offset is where the next member begins', async () => {
  const cluster = await clusterWith(10);
  await using client = openClient(cluster);
  const first = consume(client);
  await read(first, 10);
  await first.commit([{ topic: 't', partition: 0, offset: 4 }]);
  await first.close();
  await using second = consume(client);
  expect(await read(second, 6)).toEqual(numbers(4, 10));
  expect(await second.committed([{ topic: 't', partition: 0 }])).toEqual([
    { topic: 't', partition: 0, offset: 4, metadata: '' },
  ]);
});

test.each([
  ['JoinGroup', ErrorCode.COORDINATOR_LOAD_IN_PROGRESS],
  ['JoinGroup', ErrorCode.NOT_COORDINATOR],
  ['JoinGroup', ErrorCode.UNKNOWN_MEMBER_ID],
  ['JoinGroup', ErrorCode.REBALANCE_IN_PROGRESS],
  ['SyncGroup', ErrorCode.REBALANCE_IN_PROGRESS],
  ['SyncGroup', ErrorCode.UNKNOWN_MEMBER_ID],
  ['SyncGroup', ErrorCode.NOT_COORDINATOR],
  ['FindCoordinator', ErrorCode.COORDINATOR_NOT_AVAILABLE],
  ['OffsetFetch', ErrorCode.COORDINATOR_LOAD_IN_PROGRESS],
  ['Fetch', ErrorCode.NOT_LEADER_OR_FOLLOWER],
  ['Fetch', ErrorCode.UNKNOWN_LEADER_EPOCH],
])('joining and fetching get over %s answering %d', async (api, code) => {
  const cluster = await clusterWith(10);
  cluster.fail(api, error(code), error(code));
  await using client = openClient(cluster);
  await using consumer = consume(client);
  expect(await read(consumer, 10)).toEqual(numbers(0, 10));
});

test.each(['JoinGroup', 'SyncGroup', 'OffsetFetch', 'Fetch', 'FindCoordinator', 'ListOffsets'])(
  'joining and fetching get over a connection lost in %s',
  async (api) => {
    const cluster = await clusterWith(10);
    cluster.fail(api, { kind: 'lost-request' }, { kind: 'lost-answer' });
    await using client = openClient(cluster);
    await using consumer = consume(client);
    expect(await read(consumer, 10)).toEqual(numbers(0, 10));
  },
);

test('what the group refuses for good is thrown by poll', async () => {
  const cluster = await clusterWith(1);
  cluster.fail('JoinGroup', error(ErrorCode.GROUP_AUTHORIZATION_FAILED));
  await using client = openClient(cluster);
  await using consumer = consume(client);
  await expect(read(consumer, 1)).rejects.toMatchObject({
    code: 'kafka.group_authorization_failed',
  });
  expect(await read(consumer, 1)).toEqual(['0']); // poll goes on when that was mended
});

test('a rebalance revokes, commits inside the callback, and goes on from there', async () => {
  const cluster = await clusterWith(10);
  await using client = openClient(cluster);
  const events: string[] = [];
  const consumer: Consumer = consume(client, {
    onAssigned: (partitions) => void events.push(`assigned ${partitions.length}`),
    onRevoked: async (partitions) => {
      events.push(`revoked ${partitions.length}`);
      await consumer.commit([{ topic: 't', partition: 0, offset: 5 }]);
    },
  });
  await read(consumer, 10);
  cluster.fail('Heartbeat', error(ErrorCode.REBALANCE_IN_PROGRESS));
  expect(await read(consumer, 5)).toEqual(numbers(5, 10));
  expect(events).toEqual(['assigned 1', 'revoked 1', 'assigned 1']);
  await consumer.close();
});

test('a cooperative member keeps its partitions and positions over a rebalance', async () => {
  const cluster = await clusterWith(10);
  await using client = openClient(cluster);
  const revoked: unknown[] = [];
  await using consumer = consume(client, {
    assignors: ['cooperative-sticky'],
    onRevoked: (partitions) => void revoked.push(partitions),
  });
  await read(consumer, 10);
  const { generation } = cluster;
  cluster.fail('Heartbeat', error(ErrorCode.REBALANCE_IN_PROGRESS));
  while (cluster.generation === generation) await consumer.poll({ timeoutMs: 5 });
  await produce(cluster, 10, 12);
  expect(await read(consumer, 2)).toEqual(numbers(10, 12));
  expect(revoked).toEqual([]);
});

test.each([ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.ILLEGAL_GENERATION])(
  'a member that the group has put out (%d) loses its partitions and joins again',
  async (code) => {
    const cluster = await clusterWith(3);
    await using client = openClient(cluster);
    const events: string[] = [];
    await using consumer = consume(client, {
      onAssigned: (partitions) => void events.push(`assigned ${partitions.length}`),
      onRevoked: () => void events.push('revoked'),
      onLost: (partitions) => void events.push(`lost ${partitions.length}`),
    });
    await read(consumer, 3);
    cluster.fail('Heartbeat', error(code));
    expect(await read(consumer, 3)).toEqual(numbers(0, 3)); // nothing was committed
    expect(events).toEqual(['assigned 1', 'lost 1', 'assigned 1']);
  },
);

test.each<[number, string, string]>([
  [ErrorCode.REBALANCE_IN_PROGRESS, 'client.rebalance_in_progress', 'retriable'],
  [ErrorCode.ILLEGAL_GENERATION, 'client.commit_rejected', 'fatal'],
  [ErrorCode.UNKNOWN_MEMBER_ID, 'client.commit_rejected', 'fatal'],
  [ErrorCode.OFFSET_METADATA_TOO_LARGE, 'kafka.offset_metadata_too_large', 'fatal'],
])('a commit answered with %d is reported as %s', async (code, expected, retry) => {
  const cluster = await clusterWith(1);
  await using client = openClient(cluster);
  await using consumer = consume(client, { heartbeatIntervalMs: 60_000 });
  await read(consumer, 1);
  cluster.fail('OffsetCommit', error(code));
  await expect(consumer.commit([{ topic: 't', partition: 0, offset: 1 }])).rejects.toMatchObject({
    code: expected,
    retry,
  });
});

test('a commit is tried again while the coordinator moves or its connection is lost', async () => {
  const cluster = await clusterWith(1);
  await using client = openClient(cluster);
  await using consumer = consume(client);
  await read(consumer, 1);
  cluster.fail(
    'OffsetCommit',
    error(ErrorCode.NOT_COORDINATOR),
    { kind: 'lost-request' },
    error(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS),
  );
  await consumer.commit([{ topic: 't', partition: 0, offset: 1 }]);
  expect(cluster.committed.get('t-0')).toBe(1);
});

test('who does not poll for max.poll.interval.ms leaves the group and is told so', async () => {
  const cluster = await clusterWith(1);
  await using client = openClient(cluster);
  const lost: number[] = [];
  await using consumer = consume(client, {
    rebalanceTimeoutMs: 30,
    onLost: (partitions) => void lost.push(partitions.length),
  });
  await read(consumer, 1);
  while (cluster.count('LeaveGroup') === 0) await new Promise((resolve) => setImmediate(resolve));
  await expect(consumer.commit([{ topic: 't', partition: 0, offset: 1 }])).rejects.toMatchObject({
    code: 'client.commit_rejected',
  });
  expect(await read(consumer, 1)).toEqual(['0']);
  expect(lost).toEqual([1]);
});

test('a position that retention has overtaken is reset by policy, or reported', async () => {
  const cluster = await clusterWith(100);
  cluster.committed.set('t-0', 0);
  cluster.truncateBefore('t', 50);
  await using client = openClient(cluster);
  await using consumer = consume(client);
  const [first] = await read(consumer, 1);
  expect(Number(first)).toBeGreaterThanOrEqual(50);
  await consumer.close();
  await using strict = consume(client, { autoOffsetReset: 'none' });
  await expect(read(strict, 1)).rejects.toMatchObject({ code: 'client.offset_out_of_range' });
  strict.seek({ topic: 't', partition: 0 }, 98);
  expect(await read(strict, 2)).toEqual(['98', '99']);
});

test('without a committed offset the policy none is an error', async () => {
  const cluster = await clusterWith(1);
  await using client = openClient(cluster);
  await using consumer = consume(client, { autoOffsetReset: 'none' });
  await expect(read(consumer, 1)).rejects.toMatchObject({ code: 'client.no_committed_offset' });
});

test('paused partitions give nothing, and everything once resumed', async () => {
  const cluster = await clusterWith(10);
  await using client = openClient(cluster);
  await using consumer = consume(client, { maxPollRecords: 5 });
  await read(consumer, 5);
  consumer.pause([{ topic: 't', partition: 0 }]);
  expect(await consumer.poll({ timeoutMs: 10 })).toEqual([]);
  expect(consumer.paused()).toEqual([{ topic: 't', partition: 0 }]);
  consumer.resume([{ topic: 't', partition: 0 }]);
  expect(await read(consumer, 5)).toEqual(numbers(5, 10));
});

test('a seek goes back, whatever was fetched already', async () => {
  const cluster = await clusterWith(10);
  await using client = openClient(cluster);
  await using consumer = consume(client, { maxPollRecords: 4 });
  await read(consumer, 4);
  consumer.seek({ topic: 't', partition: 0 }, 1);
  expect(await read(consumer, 9)).toEqual(numbers(1, 10));
  expect(() => consumer.seek({ topic: 'other', partition: 0 }, 0)).toThrow(
    expect.objectContaining({ code: 'client.not_assigned' }),
  );
});

test('a pattern takes whole names only, and topics that come later', async () => {
  const cluster = await clusterWith(2);
  cluster.createTopic('tt');
  await using client = openClient(cluster, { metadataMaxAgeMs: 5 });
  await using consumer = client.consumer({
    groupId: 'g',
    topicsPattern: /t|u.*/,
    autoOffsetReset: 'earliest',
    fetchMaxWaitMs: 5,
  });
  expect(await read(consumer, 2)).toEqual(['0', '1']);
  cluster.createTopic('u1');
  while (consumer.assignment().length < 2) await consumer.poll({ timeoutMs: 20 });
  expect(consumer.assignment().map(({ topic }) => topic)).toEqual(['t', 'u1']);
});

test('wakeup and abort end a poll that waits', async () => {
  const cluster = await clusterWith(0);
  await using client = openClient(cluster);
  await using consumer = consume(client);
  const waiting = consumer.poll({ timeoutMs: 60_000 });
  consumer.wakeup();
  expect(await waiting).toEqual([]);
  const abort = new AbortController();
  const aborted = consumer.poll({ timeoutMs: 60_000, signal: abort.signal });
  abort.abort(new Error('stopped'));
  await expect(aborted).rejects.toThrow('stopped');
});

test('a dynamic member leaves when closed, a static one does not', async () => {
  const cluster = await clusterWith(1);
  await using client = openClient(cluster);
  const fixed = consume(client, { groupInstanceId: 'one' });
  await read(fixed, 1);
  await fixed.close();
  expect(cluster.count('LeaveGroup')).toBe(0);
  const dynamic = consume(client);
  await read(dynamic, 1);
  await dynamic.close();
  expect(cluster.count('LeaveGroup')).toBe(1);
  await expect(dynamic.poll({ timeoutMs: 0 })).rejects.toMatchObject({ code: 'client.closed' });
});

test('a static member whose name another one has taken loses all and is told so for good', async () => {
  const cluster = await clusterWith(1);
  await using client = openClient(cluster);
  const lost: number[] = [];
  await using consumer = consume(client, {
    groupInstanceId: 'one',
    onLost: (partitions) => void lost.push(partitions.length),
  });
  await read(consumer, 1);
  const { generation } = cluster;
  cluster.fail('Heartbeat', error(ErrorCode.FENCED_INSTANCE_ID));
  const fenced = { code: 'kafka.fenced_instance_id' };
  await expect(consumer.poll({ timeoutMs: 5_000 })).rejects.toMatchObject(fenced);
  await expect(consumer.poll({ timeoutMs: 0 })).rejects.toMatchObject(fenced);
  expect(lost).toEqual([1]);
  expect(cluster.generation).toBe(generation);
});

test('a reader reads to the end as of now, and polls on from there', async () => {
  const cluster = await clusterWith(50);
  await using client = openClient(cluster);
  await using reader = client.reader({ topic: 't', fetchMaxWaitMs: 5 });
  const seen: string[] = [];
  await reader.readToEnd((records) => {
    seen.push(...records.map(({ value }) => Buffer.from(value ?? []).toString()));
  });
  expect(seen).toEqual(numbers(0, 50));
  await reader.readToEnd(() => {
    throw new Error('nothing is left');
  });
  await produce(cluster, 50, 51);
  const [next] = await reader.poll({ timeoutMs: 5_000 });
  expect(next?.offset).toBe(50);
});

test.each(['Metadata', 'ListOffsets', 'Fetch'])(
  'an abort ends reading to the end at once, also while a broker owes the answer to %s',
  async (api) => {
    const cluster = await clusterWith(5);
    cluster.fail(api, { kind: 'silence' }, { kind: 'silence' });
    await using client = openClient(cluster, { requestTimeoutMs: 60_000 });
    await using reader = client.reader({ topic: 't' });
    const stop = new AbortController();
    const reason = new Error('no longer wanted');
    const reading = reader.readToEnd(() => undefined, stop.signal);
    const asked = cluster.count(api);
    while (cluster.count(api) === asked) await systemClock.sleep(1);
    stop.abort(reason);
    await expect(reading).rejects.toBe(reason);
  },
);
