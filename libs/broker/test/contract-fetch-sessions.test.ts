import { describe, expect, test } from '@jest/globals';
import { apis, ErrorCode, type FetchResponse } from '@millrace/kafka-protocol';
import { batchOf, BrokerContext, TRANSPORTS, type RawClient } from './broker-context.ts';

interface Asked {
  readonly sessionId?: number;
  readonly sessionEpoch?: number;
  /** Offsets by partition. */
  readonly partitions?: Readonly<Record<number, number>>;
  readonly forgotten?: readonly number[];
  readonly topic?: string;
  readonly maxWaitMs?: number;
  readonly replicaId?: number;
}

function fetch(client: RawClient, asked: Asked): Promise<FetchResponse> {
  const { sessionId = 0, sessionEpoch = 0, partitions = {}, forgotten = [] } = asked;
  const { topic = 't', maxWaitMs = 0, replicaId = -1 } = asked;
  const entries = Object.entries(partitions).map(([partition, fetchOffset]) => ({
    ...{ partition: Number(partition), fetchOffset, partitionMaxBytes: 1000 },
  }));
  return client.ask(
    apis.fetch,
    {
      ...{ maxWaitMs, minBytes: 1, sessionId, sessionEpoch, replicaId },
      topics: entries.length === 0 ? [] : [{ topic, partitions: entries }],
      forgottenTopicsData: forgotten.length === 0 ? [] : [{ topic, partitions: forgotten }],
    },
    12,
  );
}

function told(response: FetchResponse): number[] {
  return response.responses.flatMap(({ partitions }) =>
    partitions.map(({ partitionIndex }) => partitionIndex),
  );
}

describe.each(TRANSPORTS)('fetch sessions over %s', (kind) => {
  test('after the first answer only what is new is said, by both sides', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('t', 3);
    const first = await fetch(client, { partitions: { 0: 0, 1: 0, 2: 0 } });
    expect(first.sessionId).toBeGreaterThan(0);
    expect(told(first)).toEqual([0, 1, 2]);
    const { sessionId } = first;
    const idle = await fetch(client, { sessionId, sessionEpoch: 1 });
    expect(idle).toMatchObject({ errorCode: 0, sessionId, responses: [] });
    await client.produce('t', batchOf(['a']), { partition: 1 });
    const news = await fetch(client, { sessionId, sessionEpoch: 2 });
    expect(told(news)).toEqual([1]);
    expect(news.responses[0]?.partitions[0]?.highWatermark).toBe(1);
    const read = await fetch(client, { sessionId, sessionEpoch: 3, partitions: { 1: 1 } });
    expect(told(read)).toEqual([]);
    await client.produce('t', batchOf(['b']), { partition: 2 });
    await client.produce('t', batchOf(['c']), { partition: 0 });
    const without = await fetch(client, { sessionId, sessionEpoch: 4, forgotten: [2] });
    expect(told(without)).toEqual([0]);
    const ended = await fetch(client, { sessionId, sessionEpoch: -1 });
    expect(ended).toMatchObject({ errorCode: 0, sessionId: 0, responses: [] });
    const gone = await fetch(client, { sessionId, sessionEpoch: 5 });
    expect(gone.errorCode).toBe(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
  });

  test('an epoch out of turn is refused, and the session goes on', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('t');
    const { sessionId } = await fetch(client, { partitions: { 0: 0 } });
    const wrong = await fetch(client, { sessionId, sessionEpoch: 2 });
    expect(wrong.errorCode).toBe(ErrorCode.INVALID_FETCH_SESSION_EPOCH);
    expect((await fetch(client, { sessionId, sessionEpoch: 1 })).errorCode).toBe(0);
    expect((await fetch(client, { sessionId, sessionEpoch: 1 })).errorCode).toBe(
      ErrorCode.INVALID_FETCH_SESSION_EPOCH,
    );
    const byId = await client.ask(apis.fetch, {
      ...{ maxWaitMs: 0, minBytes: 1, sessionId, sessionEpoch: 2, topics: [] },
    });
    expect(byId.errorCode).toBe(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR);
  });

  test('a session waits for news of any of its partitions', async () => {
    await using context = await BrokerContext.open();
    const reader = await context.client(kind);
    const writer = await context.client(kind);
    await writer.createTopic('t', 2);
    const { sessionId } = await fetch(reader, { partitions: { 0: 0, 1: 0 } });
    const waiting = fetch(reader, { sessionId, sessionEpoch: 1, maxWaitMs: 20_000 });
    await writer.produce('t', batchOf(['a']), { partition: 1 });
    expect(told(await waiting)).toEqual([1]);
  });

  test('errors are said again and again, and what comes after them is news', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('t');
    const first = await fetch(client, { partitions: { 0: 0, 7: 0 } });
    expect(told(first)).toEqual([0, 7]);
    const { sessionId } = first;
    for (const sessionEpoch of [1, 2]) {
      const again = await fetch(client, { sessionId, sessionEpoch });
      expect(told(again)).toEqual([7]);
      expect(again.responses[0]?.partitions[0]?.errorCode).toBe(
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      );
    }
  });

  test('readers beyond the slots go on without a session', async () => {
    await using context = await BrokerContext.open({
      config: {
        'max.incremental.fetch.session.cache.slots': '2',
        'max.incremental.fetch.session.cache.partitions': '4',
      },
    });
    const client = await context.client(kind);
    await client.createTopic('t', 4);
    const ids: boolean[] = [];
    for (const partitions of [{ 0: 0 }, { 0: 0, 1: 0, 2: 0, 3: 0 }, { 1: 0, 2: 0 }, { 3: 0 }])
      ids.push((await fetch(client, { partitions })).sessionId > 0);
    // The second one has too many partitions; the last one finds no slot.
    expect(ids).toEqual([true, false, true, false]);
    // A follower comes before consumers.
    const follower = await fetch(client, { partitions: { 0: 0 }, replicaId: 2 });
    expect(follower.sessionId).toBeGreaterThan(0);
    // But no partition of ours has followers.
    expect(follower.responses[0]?.partitions[0]?.errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER);
  });
});
