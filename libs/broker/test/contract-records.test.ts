import { describe, expect, test } from '@jest/globals';
import { systemClock } from '@millrace/foundation';
import {
  apis,
  decodeRecords,
  ErrorCode,
  openBatchSync,
  RecordBatchBuilder,
  ZERO_UUID,
} from '@millrace/kafka-protocol';
import { batchOf, BrokerContext, TRANSPORTS } from './broker-context.ts';

function valuesOf(records: Uint8Array | null): readonly string[] {
  if (records === null || records.byteLength === 0) return [];
  return decodeRecords(openBatchSync(records)).map(({ value }) =>
    Buffer.from(value ?? []).toString(),
  );
}

describe.each(TRANSPORTS)('records over %s', (kind) => {
  test('what is produced is fetched as it was, with the offsets that were answered', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('orders', 2);
    const sent = batchOf(['a', 'b']);
    const before = Buffer.from(sent);
    expect(await client.produce('orders', sent)).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect(Buffer.from(sent)).toEqual(before);
    expect(await client.produce('orders', batchOf(['c']), { acks: 1 })).toMatchObject({
      errorCode: 0,
      baseOffset: 2,
    });
    const first = await client.fetch('orders', 0);
    expect(first).toMatchObject({ errorCode: 0, highWatermark: 3 });
    expect(valuesOf(first.records)).toEqual(['a', 'b']);
    expect(valuesOf((await client.fetch('orders', 2)).records)).toEqual(['c']);
    expect((await client.fetch('orders', 0, { partition: 1 })).records?.byteLength).toBe(0);
  });

  test('a produce without acknowledgement has no answer and is stored all the same', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('silent');
    client.connection.sendOneWay(apis.produce, 9, {
      transactionalId: null,
      acks: 0,
      timeoutMs: 1000,
      topicData: [
        {
          name: 'silent',
          topicId: ZERO_UUID,
          partitionData: [{ index: 0, records: batchOf(['x']) }],
        },
      ],
    });
    const { records } = await client.fetch('silent', 0, { maxWaitMs: 10_000 });
    expect(valuesOf(records)).toEqual(['x']);
  });

  test('from version 13 on topics are named by id (KIP-516)', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    const topicId = await client.createTopic('by-id', 2);
    const other = await client.createTopic('by-id-too');
    const produce = async (ids: readonly string[], index = 0) => {
      const partitionData = [{ index, records: batchOf(['v']) }];
      const topicData = ids.map((id) => ({ topicId: id, partitionData }));
      const { responses } = await client.ask(apis.produce, { acks: -1, topicData }, 13);
      return responses.map(({ name, topicId: id, partitionResponses }) => [
        name,
        id,
        partitionResponses[0]?.errorCode,
      ]);
    };
    expect(await produce([topicId])).toEqual([['', topicId, ErrorCode.NONE]]);
    expect(await produce([topicId, other, ZERO_UUID], 1)).toEqual([
      ['', topicId, ErrorCode.NONE],
      ['', other, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
      ['', ZERO_UUID, ErrorCode.UNKNOWN_TOPIC_ID],
    ]);
    expect(valuesOf((await client.fetch('by-id', 0, { partition: 1 })).records)).toEqual(['v']);
    // A topic that was made anew is another one.
    await client.ask(apis.deleteTopics, { topics: [{ name: 'by-id' }] });
    await client.createTopic('by-id');
    expect(await produce([topicId])).toEqual([['', topicId, ErrorCode.UNKNOWN_TOPIC_ID]]);
  });

  test('compression.type packs anew, as hard as the level says, which may change', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('packed', 1, {
      'compression.type': 'gzip',
      'compression.gzip.level': '1',
    });
    const values = Array.from({ length: 500 }, (_, index) => `{"id":${index},"at":${index % 7}}`);
    const batch = batchOf(values);
    const storedBytes = async (): Promise<number> => {
      const { baseOffset } = await client.produce('packed', batch);
      const { records } = await client.fetch('packed', baseOffset);
      expect(valuesOf(records)).toEqual(values);
      return records?.byteLength ?? 0;
    };
    const fast = await storedBytes();
    const configs = [{ name: 'compression.gzip.level', configOperation: 0, value: '9' }];
    await client.ask(apis.incrementalAlterConfigs, {
      resources: [{ resourceType: 2, resourceName: 'packed', configs }],
    });
    const small = await storedBytes();
    expect(small).toBeLessThan(fast);
    expect(fast).toBeLessThan(batch.byteLength);
  });

  test('what may not be stored is refused with the error that Kafka gives', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('plain', 1, { 'max.message.bytes': '1000' });
    await client.createTopic('compacted', 1, { 'cleanup.policy': 'compact' });
    await client.createTopic('careful', 1, { 'min.insync.replicas': '2' });
    const good = batchOf(['v']);
    const damaged = Buffer.from(good);
    damaged[65] = (damaged[65] ?? 0) ^ 1;
    const old = Buffer.from(good);
    old[16] = 1;
    const future = Buffer.from(good);
    future[16] = 3;
    const refusals: readonly [string, Uint8Array | null, number, number?][] = [
      ['missing', good, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
      ['plain', good, ErrorCode.INVALID_REQUIRED_ACKS, 2],
      ['plain', null, ErrorCode.INVALID_RECORD],
      ['plain', Buffer.concat([good, good]), ErrorCode.INVALID_RECORD],
      ['plain', damaged, ErrorCode.CORRUPT_MESSAGE],
      ['plain', good.subarray(0, good.byteLength - 1), ErrorCode.INVALID_RECORD],
      ['plain', old, ErrorCode.INVALID_RECORD],
      ['plain', future, ErrorCode.CORRUPT_MESSAGE],
      ['plain', batchOf(['x'.repeat(2000)]), ErrorCode.MESSAGE_TOO_LARGE],
      [
        'plain',
        batchOf(['v'], { isTransactional: true }),
        ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
      ],
      ['compacted', batchOf(['v'], { key: null }), ErrorCode.INVALID_RECORD],
      ['careful', good, ErrorCode.NOT_ENOUGH_REPLICAS],
      ['__consumer_offsets', good, ErrorCode.INVALID_TOPIC_EXCEPTION],
    ];
    await client.ask(apis.findCoordinator, { coordinatorKeys: ['g'] });
    for (const [topic, records, errorCode, acks] of refusals) {
      const answer = await client.produce(topic, records, acks === undefined ? {} : { acks });
      expect({ topic, errorCode: answer.errorCode }).toEqual({ topic, errorCode });
    }
    expect(await client.produce('plain', good)).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect(await client.produce('careful', good, { acks: 1 })).toMatchObject({ errorCode: 0 });
  });

  test('the records that are to blame are named (KIP-467)', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('compacted', 1, { 'cleanup.policy': 'compact' });
    await client.createTopic('timely', 1, { 'message.timestamp.after.max.ms': '1000' });
    const builder = (): RecordBatchBuilder => new RecordBatchBuilder();
    const keyless = builder();
    const early = builder();
    const nowMs = systemClock.nowMs();
    for (let index = 0; index < 6; index += 1) {
      const key = index % 3 === 1 ? null : Buffer.from('k');
      keyless.append(key, Buffer.from('v'), nowMs);
      early.append(null, Buffer.from('v'), index === 2 ? nowMs + 600_000 : nowMs);
    }
    const compacted = await client.produce('compacted', keyless.buildSync());
    expect(compacted.errorCode).toBe(ErrorCode.INVALID_RECORD);
    expect(compacted.recordErrors).toEqual([
      { batchIndex: 1, batchIndexErrorMessage: expect.stringContaining('without key') },
      { batchIndex: 4, batchIndexErrorMessage: expect.stringContaining('without key') },
    ]);
    const timely = await client.produce('timely', early.buildSync({ codec: 'gzip' }));
    expect(timely.errorCode).toBe(ErrorCode.INVALID_TIMESTAMP);
    expect(timely.recordErrors).toMatchObject([{ batchIndex: 2 }]);
  });

  test('an idempotent producer that repeats itself stores once, and a gap is refused', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('once');
    const { producerId, producerEpoch } = await client.ask(apis.initProducerId, {
      transactionalId: null,
    });
    const batch = (baseSequence: number, epoch = producerEpoch): Uint8Array =>
      batchOf(['a', 'b'], { producerId, producerEpoch: epoch, baseSequence });
    expect(await client.produce('once', batch(0))).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect(await client.produce('once', batch(2))).toMatchObject({ errorCode: 0, baseOffset: 2 });
    expect(await client.produce('once', batch(0))).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect(await client.produce('once', batch(6))).toMatchObject({
      errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
    });
    expect(await client.produce('once', batch(0, producerEpoch + 1))).toMatchObject({
      errorCode: 0,
      baseOffset: 4,
    });
    expect(await client.produce('once', batch(4))).toMatchObject({
      errorCode: ErrorCode.INVALID_PRODUCER_EPOCH,
    });
    const other = await client.ask(apis.initProducerId, { transactionalId: null });
    expect(other.producerId).not.toBe(producerId);
  });

  test('a fetch waits for records and is answered when they come', async () => {
    await using context = await BrokerContext.open();
    const reader = await context.client(kind);
    const writer = await context.client(kind);
    await writer.createTopic('tail');
    const waiting = reader.fetch('tail', 0, { maxWaitMs: 20_000 });
    await writer.produce('tail', batchOf(['late']));
    expect(valuesOf((await waiting).records)).toEqual(['late']);
    const empty = await reader.fetch('tail', 1, { maxWaitMs: 20 });
    expect(empty).toMatchObject({ errorCode: 0, highWatermark: 1 });
  });

  test('a fetch waits until it has the bytes it asked for', async () => {
    await using context = await BrokerContext.open();
    const reader = await context.client(kind);
    const writer = await context.client(kind);
    await writer.createTopic('slow');
    const batch = batchOf(['x'.repeat(1000)]);
    const waiting = reader.fetch('slow', 0, { maxWaitMs: 20_000, minBytes: 2500 });
    for (let index = 0; index < 3; index += 1)
      await writer.produce('slow', batchOf(['x'.repeat(1000)]));
    expect((await waiting).records?.byteLength).toBe(3 * batch.byteLength);
  });

  test('the first batch is given whole, whatever the limits say', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('large');
    await client.produce('large', batchOf(['x'.repeat(5000)]));
    await client.produce('large', batchOf(['y'.repeat(5000)]));
    const { records } = await client.fetch('large', 0, { maxBytes: 1, partitionMaxBytes: 1 });
    expect(valuesOf(records)).toEqual(['x'.repeat(5000)]);
  });

  test('a fetch of what is not there says so', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    const topicId = await client.createTopic('here');
    expect((await client.fetch('here', 7)).errorCode).toBe(ErrorCode.OFFSET_OUT_OF_RANGE);
    expect((await client.fetch('gone', 0)).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    expect((await client.fetch('here', 0, { partition: 9 })).errorCode).toBe(
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    );
    expect((await client.fetch('here', 0, { currentLeaderEpoch: 5 })).errorCode).toBe(
      ErrorCode.UNKNOWN_LEADER_EPOCH,
    );
    const byId = async (id: string): Promise<number | undefined> => {
      const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 100 }];
      const topics = [{ topicId: id, partitions }];
      const { responses } = await client.ask(apis.fetch, { maxWaitMs: 0, minBytes: 0, topics });
      return responses[0]?.partitions[0]?.errorCode;
    };
    expect(await byId(topicId)).toBe(0);
    expect(await byId('AAAAAAAAAAAAAAAAAAAAAQ')).toBe(ErrorCode.UNKNOWN_TOPIC_ID);
    const session = await client.ask(apis.fetch, {
      maxWaitMs: 0,
      minBytes: 0,
      sessionId: 5,
      sessionEpoch: 3,
      topics: [],
    });
    expect(session.errorCode).toBe(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
  });

  test('offsets are found by their ends and by time', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('times');
    for (const [index, timestampMs] of [1000, 3000, 2000].entries())
      await client.produce('times', batchOf([`v${index}`], { timestampMs }));
    const ask = async (timestamp: number, version?: number): Promise<unknown> => {
      const partitions = [{ partitionIndex: 0, timestamp }];
      const { topics } = await client.ask(
        apis.listOffsets,
        { topics: [{ name: 'times', partitions }] },
        version,
      );
      const [answer] = topics[0]?.partitions ?? [];
      return [answer?.errorCode, answer?.offset, answer?.timestamp];
    };
    expect(await ask(-1)).toEqual([0, 3, -1]);
    expect(await ask(-2)).toEqual([0, 0, -1]);
    expect(await ask(-3)).toEqual([0, 1, 3000]);
    expect(await ask(1500)).toEqual([0, 1, 3000]);
    expect(await ask(1000)).toEqual([0, 0, 1000]);
    expect(await ask(9000)).toEqual([0, -1, -1]);
    // What an older version does not know is not answered in it.
    const unknown = [ErrorCode.UNSUPPORTED_VERSION, -1, -1];
    for (const [timestamp, since] of [
      [-3, 7],
      [-4, 8],
      [-5, 9],
    ] as const) {
      expect(await ask(timestamp, since - 1)).toEqual(unknown);
      expect(await ask(timestamp, since)).not.toEqual(unknown);
    }
  });

  test('records below an offset are deleted for good', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('short');
    await client.createTopic('kept', 1, { 'cleanup.policy': 'compact' });
    await client.produce('short', batchOf(['a', 'b', 'c']));
    const ask = async (name: string, offset: number): Promise<unknown> => {
      const { topics } = await client.ask(apis.deleteRecords, {
        topics: [{ name, partitions: [{ partitionIndex: 0, offset }] }],
      });
      const [answer] = topics[0]?.partitions ?? [];
      return [answer?.errorCode, answer?.lowWatermark];
    };
    expect(await ask('short', 2)).toEqual([0, 2]);
    expect((await client.fetch('short', 1)).errorCode).toBe(ErrorCode.OFFSET_OUT_OF_RANGE);
    expect(await ask('short', 9)).toEqual([ErrorCode.OFFSET_OUT_OF_RANGE, -1]);
    expect(await ask('kept', 0)).toEqual([ErrorCode.POLICY_VIOLATION, -1]);
    expect(await ask('short', -1)).toEqual([0, 3]);
  });

  test('log append time is stamped and answered', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('stamped', 1, { 'message.timestamp.type': 'LogAppendTime' });
    const { logAppendTimeMs } = await client.produce('stamped', batchOf(['a']));
    expect(logAppendTimeMs).toBeGreaterThan(1_700_000_000_000);
    const { records } = await client.fetch('stamped', 0);
    expect(decodeRecords(openBatchSync(records ?? new Uint8Array()))[0]?.timestampMs).toBe(
      logAppendTimeMs,
    );
  });

  test('acknowledged records and a newer leader epoch are found after a kill', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('durable');
    await client.produce('durable', batchOf(['a', 'b']));
    const killed = await context.openAfterKill();
    const after = await killed.client(kind);
    expect(valuesOf((await after.fetch('durable', 0)).records)).toEqual(['a', 'b']);
    expect((await after.fetch('durable', 0, { currentLeaderEpoch: 0 })).errorCode).toBe(
      ErrorCode.FENCED_LEADER_EPOCH,
    );
    expect(await after.produce('durable', batchOf(['c']))).toMatchObject({ baseOffset: 2 });
    const { topics } = await after.ask(apis.offsetForLeaderEpoch, {
      topics: [{ topic: 'durable', partitions: [{ partition: 0, leaderEpoch: 0 }] }],
    });
    expect(topics[0]?.partitions[0]).toMatchObject({ leaderEpoch: 0, endOffset: 2 });
  });
});
