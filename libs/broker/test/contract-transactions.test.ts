import { describe, expect, test } from '@jest/globals';
import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { BrokerContext, TRANSPORTS } from './broker-context.ts';
import {
  committedOffset,
  latestOffset,
  READ_COMMITTED,
  READ_UNCOMMITTED,
  readValues,
} from './read-records.ts';
import { eventually, TransactionalProducer } from './transactional-producer.ts';

describe.each(TRANSPORTS)('transactions over %s', (kind) => {
  test('records and offsets are seen after the commit, and those of an abort never', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('out');
    await client.createTopic('in');
    const found = await client.ask(apis.findCoordinator, { keyType: 1, coordinatorKeys: ['t'] });
    expect(found.coordinators[0]).toMatchObject({ key: 't', errorCode: 0 });
    const producer = new TransactionalProducer(client, 't');
    expect(await producer.init()).toBe(0);
    expect(producer.epoch).toBe(0);

    expect(await producer.addPartitions('out')).toBe(0);
    expect(await producer.produce('out', ['a', 'b'])).toMatchObject({ errorCode: 0 });
    expect(await producer.addOffsets('g')).toBe(0);
    expect(await producer.commitOffset('g', 'in', 7)).toBe(0);
    expect(await readValues(client, 'out')).toEqual([]);
    expect(await readValues(client, 'out', { isolationLevel: READ_UNCOMMITTED })).toEqual([
      'a',
      'b',
    ]);
    expect(await committedOffset(client, 'g', 'in')).toEqual({
      errorCode: ErrorCode.UNSTABLE_OFFSET_COMMIT,
      committedOffset: -1,
    });
    expect(await committedOffset(client, 'g', 'in', false)).toEqual({
      errorCode: 0,
      committedOffset: -1,
    });
    expect(await producer.end(true)).toBe(0);
    expect(
      await eventually(
        () => committedOffset(client, 'g', 'in'),
        ({ errorCode }) => errorCode === 0,
      ),
    ).toEqual({ errorCode: 0, committedOffset: 7 });
    expect(
      await eventually(
        () => readValues(client, 'out'),
        (values) => values.length > 0,
      ),
    ).toEqual(['a', 'b']);

    expect(await producer.addPartitions('out')).toBe(0);
    expect(await producer.produce('out', ['c'])).toMatchObject({ errorCode: 0, baseOffset: 3 });
    expect(await producer.addOffsets('g')).toBe(0);
    expect(await producer.commitOffset('g', 'in', 9)).toBe(0);
    expect(await producer.end(false)).toBe(0);
    expect(
      await eventually(
        () => committedOffset(client, 'g', 'in'),
        ({ errorCode }) => errorCode === 0,
      ),
    ).toEqual({ errorCode: 0, committedOffset: 7 });
    expect(await producer.addPartitions('out')).toBe(0);
    expect(await producer.produce('out', ['d'])).toMatchObject({ errorCode: 0 });
    expect(await producer.end(true)).toBe(0);
    const last = await eventually(
      () => readValues(client, 'out'),
      (values) => values.includes('d'),
    );
    expect(last).toEqual(['a', 'b', 'd']);

    await context.restart();
    const later = await context.client(kind);
    expect(await readValues(later, 'out')).toEqual(['a', 'b', 'd']);
    expect(await committedOffset(later, 'g', 'in')).toEqual({ errorCode: 0, committedOffset: 7 });
  });

  test('a new producer of an id fences the one before, and its transaction is aborted', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('out');
    const zombie = new TransactionalProducer(client, 't');
    await zombie.init();
    await zombie.addPartitions('out');
    await zombie.produce('out', ['lost']);
    const heir = new TransactionalProducer(client, 't');
    expect(await heir.init()).toBe(0);
    expect(heir.producerId).toBe(zombie.producerId);
    // One epoch for the abort, the next for the heir.
    expect(heir.epoch).toBe(zombie.epoch + 2);
    expect(await zombie.produce('out', ['late'])).toMatchObject({
      errorCode: ErrorCode.INVALID_PRODUCER_EPOCH,
    });
    expect(await zombie.end(true)).toBe(ErrorCode.PRODUCER_FENCED);
    expect(await zombie.end(true, 1)).toBe(ErrorCode.INVALID_PRODUCER_EPOCH);
    expect(await zombie.addPartitions('out')).toBe(ErrorCode.PRODUCER_FENCED);
    expect(await zombie.addPartitions('out', [0], 1)).toBe(ErrorCode.INVALID_PRODUCER_EPOCH);
    expect(await zombie.init({ isRecovery: true })).toBe(ErrorCode.PRODUCER_FENCED);
    expect(await zombie.init({ isRecovery: true, version: 3 })).toBe(
      ErrorCode.INVALID_PRODUCER_EPOCH,
    );
    expect(await heir.addPartitions('out')).toBe(0);
    expect(await heir.produce('out', ['kept'])).toMatchObject({ errorCode: 0 });
    expect(await heir.end(true)).toBe(0);
    expect(
      await eventually(
        () => readValues(client, 'out'),
        (values) => values.length > 0,
      ),
    ).toEqual(['kept']);
  });

  test('clients of KIP-890 add partitions and groups by writing, and each end gives the next epoch', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('out');
    const producer = new TransactionalProducer(client, 't');
    await producer.init();
    expect(await producer.produce('out', ['a'], { version: 12 })).toMatchObject({ errorCode: 0 });
    expect(await producer.commitOffset('g', 'out', 5, { version: 5 })).toBe(0);
    const { epoch } = producer;
    expect(await producer.end(true, 5)).toBe(0);
    expect(producer.epoch).toBe(epoch + 1);
    // The next transaction need not wait for the markers of this one.
    expect(await producer.produce('out', ['b'], { version: 12 })).toMatchObject({ errorCode: 0 });
    expect(await producer.end(false, 5)).toBe(0);
    // The abort of nothing bumps the epoch too; the commit of nothing is an error.
    expect(await producer.end(false, 5)).toBe(0);
    expect(producer.epoch).toBe(epoch + 3);
    expect(await producer.end(true, 5)).toBe(ErrorCode.INVALID_TXN_STATE);
    expect(await readValues(client, 'out')).toEqual(['a']);
    expect(await committedOffset(client, 'g', 'out')).toEqual({ errorCode: 0, committedOffset: 5 });
  });

  test('a retried EndTxn of KIP-890 gets the same answer, the opposite one is refused', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('out');
    const producer = new TransactionalProducer(client, 't');
    await producer.init();
    await producer.produce('out', ['a'], { version: 12 });
    const { producerId, epoch: producerEpoch } = producer;
    await producer.end(true, 5);
    const again = { transactionalId: 't', producerId, producerEpoch };
    const retry = await eventually(
      () => client.ask(apis.endTxn, { ...again, committed: true }),
      ({ errorCode }) => errorCode !== ErrorCode.CONCURRENT_TRANSACTIONS,
    );
    expect(retry).toMatchObject({ errorCode: 0, producerId, producerEpoch: producerEpoch + 1 });
    expect((await client.ask(apis.endTxn, { ...again, committed: false })).errorCode).toBe(
      ErrorCode.INVALID_TXN_STATE,
    );
    // INV-7: it is known after a restart too.
    await context.restart();
    const later = await context.client(kind);
    expect(await later.ask(apis.endTxn, { ...again, committed: true })).toMatchObject({
      errorCode: 0,
      producerEpoch: producerEpoch + 1,
    });
  });

  test('no write reaches a partition that is not in the transaction', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('out', 2);
    const producer = new TransactionalProducer(client, 't');
    await producer.init();
    await producer.addPartitions('out', [0]);
    expect(await producer.produce('out', ['x'], { partition: 1 })).toMatchObject({
      errorCode: ErrorCode.TRANSACTION_ABORTABLE,
    });
    expect(await producer.produce('out', ['x'], { partition: 1, version: 9 })).toMatchObject({
      errorCode: ErrorCode.INVALID_TXN_STATE,
    });
    expect(await producer.commitOffset('g', 'out', 1)).toBe(ErrorCode.TRANSACTION_ABORTABLE);
    expect(await producer.commitOffset('g', 'out', 1, { version: 3 })).toBe(
      ErrorCode.INVALID_TXN_STATE,
    );
    const stranger = new TransactionalProducer(client, 'stranger');
    stranger.producerId = 99;
    stranger.epoch = 0;
    expect(await stranger.produce('out', ['x'])).toMatchObject({
      errorCode: ErrorCode.INVALID_PRODUCER_ID_MAPPING,
    });
    expect(await stranger.end(true)).toBe(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
    expect(await readValues(client, 'out', { isolationLevel: 0, partition: 1 })).toEqual([]);
    expect(await producer.addPartitions('missing')).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    await client.ask(apis.findCoordinator, { coordinatorKeys: ['g'] });
    expect(await producer.addPartitions('__consumer_offsets')).toBe(
      ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    );
    expect(
      await client.ask(apis.initProducerId, { transactionalId: '', transactionTimeoutMs: 1000 }),
    ).toMatchObject({ errorCode: ErrorCode.INVALID_REQUEST });
    expect(
      await client.ask(apis.initProducerId, { transactionalId: 'x', transactionTimeoutMs: 9e8 }),
    ).toMatchObject({ errorCode: ErrorCode.INVALID_TRANSACTION_TIMEOUT });
  });

  test('a transaction that takes too long is aborted, and its producer goes on with a new epoch', async () => {
    await using context = await BrokerContext.open({
      config: { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '20' },
    });
    const client = await context.client(kind);
    await client.createTopic('out');
    const producer = new TransactionalProducer(client, 't');
    await producer.init({ timeoutMs: 1 });
    await producer.produce('out', ['slow'], { version: 12 });
    const { epoch } = producer;
    const described = await eventually(
      () => client.ask(apis.describeTransactions, { transactionalIds: ['t'] }),
      ({ transactionStates: [state] }) => state?.transactionState === 'CompleteAbort',
    );
    expect(described.transactionStates[0]).toMatchObject({ producerEpoch: epoch + 1 });
    expect(await producer.produce('out', ['late'], { version: 12 })).toMatchObject({
      errorCode: ErrorCode.INVALID_PRODUCER_EPOCH,
    });
    expect(await producer.end(true, 4)).toBe(ErrorCode.PRODUCER_FENCED);
    expect(await producer.end(false, 5)).toBe(0);
    expect(producer.epoch).toBe(epoch + 1);
    expect(await latestOffset(client, 'out', READ_COMMITTED)).toBe(2);
    expect(await readValues(client, 'out')).toEqual([]);
  });

  test('transactions and their producers are described and listed, and a hanging one can be ended', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('out');
    const idle = new TransactionalProducer(client, 'idle');
    await idle.init();
    const busy = new TransactionalProducer(client, 'busy');
    await busy.init({ timeoutMs: 12_345 });
    await busy.produce('out', ['a'], { version: 12 });
    const { transactionStates: states } = await client.ask(apis.describeTransactions, {
      transactionalIds: ['busy', 'idle', 'nobody', ''],
    });
    expect(states).toMatchObject([
      {
        errorCode: 0,
        transactionState: 'Ongoing',
        transactionTimeoutMs: 12_345,
        producerId: busy.producerId,
        producerEpoch: 0,
        topics: [{ topic: 'out', partitions: [0] }],
      },
      { errorCode: 0, transactionState: 'Empty', transactionStartTimeMs: -1, topics: [] },
      { errorCode: ErrorCode.TRANSACTIONAL_ID_NOT_FOUND },
      { errorCode: ErrorCode.INVALID_REQUEST },
    ]);
    const list = async (filter: object): Promise<readonly string[]> =>
      (await client.ask(apis.listTransactions, filter)).transactionStates
        .map(({ transactionalId }) => transactionalId)
        .sort();
    expect(await list({})).toEqual(['busy', 'idle']);
    expect(await list({ stateFilters: ['Ongoing'] })).toEqual(['busy']);
    expect(await list({ producerIdFilters: [idle.producerId] })).toEqual(['idle']);
    expect(await list({ durationFilter: 3_600_000 })).toEqual(['idle']);
    expect(await list({ transactionalIdPattern: 'b.*y' })).toEqual(['busy']);
    expect(await list({ transactionalIdPattern: 'us' })).toEqual([]);
    expect(await client.ask(apis.listTransactions, { stateFilters: ['Odd'] })).toMatchObject({
      errorCode: 0,
      unknownStateFilters: ['Odd'],
      transactionStates: [],
    });
    for (const transactionalIdPattern of ['(', '((a+)+)+$'.repeat(3) + 'x'])
      expect((await client.ask(apis.listTransactions, { transactionalIdPattern })).errorCode).toBe(
        transactionalIdPattern === '(' ? ErrorCode.INVALID_REGULAR_EXPRESSION : 0,
      );

    const describeProducers = async (): Promise<unknown> =>
      (
        await client.ask(apis.describeProducers, {
          topics: [{ name: 'out', partitionIndexes: [0, 7] }],
        })
      ).topics[0]?.partitions;
    expect(await describeProducers()).toMatchObject([
      {
        errorCode: 0,
        activeProducers: [
          {
            producerId: busy.producerId,
            producerEpoch: 0,
            lastSequence: 0,
            coordinatorEpoch: -1,
            currentTxnStartOffset: 0,
          },
        ],
      },
      { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION },
    ]);
    const writeMarker = async (producerEpoch: number, coordinatorEpoch: number): Promise<unknown> =>
      (
        await client.ask(apis.writeTxnMarkers, {
          markers: [
            {
              producerId: busy.producerId,
              producerEpoch,
              coordinatorEpoch,
              transactionResult: false,
              topics: [{ name: 'out', partitionIndexes: [0] }],
            },
          ],
        })
      ).markers[0]?.topics[0]?.partitions[0]?.errorCode;
    expect(await writeMarker(0, 5)).toBe(0);
    expect(await latestOffset(client, 'out', READ_COMMITTED)).toBe(2);
    expect(await describeProducers()).toMatchObject([
      { activeProducers: [{ coordinatorEpoch: 5, currentTxnStartOffset: -1 }] },
      {},
    ]);
    expect(await writeMarker(0, 4)).toBe(ErrorCode.TRANSACTION_COORDINATOR_FENCED);
    expect(await writeMarker(1, 5)).toBe(0);
    expect(await writeMarker(0, 5)).toBe(ErrorCode.INVALID_PRODUCER_EPOCH);
  });

  test('a transaction covers many partitions and topics, one of them deleted before the end', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('kept');
    await client.createTopic('gone');
    const producer = new TransactionalProducer(client, 't');
    await producer.init();
    await producer.produce('kept', ['a'], { version: 12 });
    await producer.produce('gone', ['a'], { version: 12 });
    await producer.commitOffset('g', 'gone', 3, { version: 5 });
    await client.ask(apis.deleteTopics, { topics: [{ name: 'gone' }] });
    expect(await producer.end(true, 5)).toBe(0);
    const values = await eventually(
      () => readValues(client, 'kept'),
      ({ length }) => length > 0,
    );
    expect(values).toEqual(['a']);
    // The marker of each partition is written by itself: the one of the offsets may come later.
    const committed = await eventually(
      () => committedOffset(client, 'g', 'gone'),
      ({ errorCode }) => errorCode === ErrorCode.NONE,
    );
    expect(committed).toEqual({ errorCode: 0, committedOffset: -1 });
    expect(await producer.produce('kept', ['b'], { version: 12 })).toMatchObject({ errorCode: 0 });
  });

  test('a later commit without a transaction wins over an offset that was pending', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('in');
    const producer = new TransactionalProducer(client, 't');
    await producer.init();
    await producer.commitOffset('g', 'in', 3, { version: 5 });
    const { topics } = await client.ask(apis.offsetCommit, {
      groupId: 'g',
      topics: [{ name: 'in', partitions: [{ partitionIndex: 0, committedOffset: 9 }] }],
    });
    expect(topics[0]?.partitions[0]?.errorCode).toBe(0);
    await producer.end(true, 5);
    const stable = await eventually(
      () => committedOffset(client, 'g', 'in'),
      ({ errorCode }) => errorCode === 0,
    );
    expect(stable.committedOffset).toBe(9);
    await context.restart();
    const later = await context.client(kind);
    expect(await committedOffset(later, 'g', 'in')).toEqual({ errorCode: 0, committedOffset: 9 });
  });

  test('offsets of a member that is not in the group are refused', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('in');
    const producer = new TransactionalProducer(client, 't');
    await producer.init();
    const commit = (memberId: string, generationId: number): Promise<number> =>
      producer.commitOffset('g', 'in', 1, { version: 5, memberId, generationId });
    expect(await commit('somebody', 3)).toBe(ErrorCode.ILLEGAL_GENERATION);
    expect(await commit('', -1)).toBe(0);
    expect(await commit('somebody', 3)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });
});
