import { describe, expect, test } from '@jest/globals';
import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { BrokerContext, TRANSPORTS } from './broker-context.ts';
import { committedOffset, READ_UNCOMMITTED, readValues } from './read-records.ts';
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
});
