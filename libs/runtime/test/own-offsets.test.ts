import { expect, test } from '@jest/globals';
import type { SourceConnector } from '@millrace/connector-api';
import { systemClock } from '@millrace/foundation';
import { BrokerBed } from './broker-bed.ts';
import { create, numbersConfig, taskState, text, traceOfTask, until } from './harness.ts';

const OWN = { ...numbersConfig, 'offsets.storage.topic': 'own-offsets' };

async function last(bed: BrokerBed, topic: string): Promise<string | null | undefined> {
  const record = (await bed.records(topic, 'read_committed')).at(-1);
  return record === undefined ? undefined : record.value === null ? null : text(record.value);
}

async function untilLast(bed: BrokerBed, topic: string, value: string | null): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + 60_000;
  let seen = await last(bed, topic);
  while (seen !== value && systemClock.monotonicMs() < deadlineMs) {
    await systemClock.sleep(20);
    seen = await last(bed, topic);
  }
  expect([topic, seen]).toEqual([topic, value]);
}

test.each(['disabled', 'enabled'])(
  "a connector's own offsets topic is written first and read first, and the worker's follows (exactly once %s)",
  async (support) => {
    await using bed = await BrokerBed.open('in-process');
    const config = { 'exactly.once.source.support': support };
    const worker = await bed.openWorker(config);
    bed.numbers.available = 10;
    await create(worker, 'n', numbersConfig);
    await until('told', () => bed.numbers.committed.at(-1) === 10, 60_000);

    // Given a topic of its own, it goes on from what the worker's topic holds.
    await worker.putConnectorConfig('n', OWN);
    await until('started again', () => bed.numbers.starts.length === 2, 60_000);
    bed.numbers.available = 25;
    await until('told', () => bed.numbers.committed.at(-1) === 25, 60_000);
    expect(bed.numbers.starts).toEqual([undefined, 10]);
    await untilLast(bed, 'own-offsets', '{"n":25}');
    await untilLast(bed, 'connect-offsets', '{"n":25}');

    // Compacted by the worker's settings.
    const [described] = await bed.client.admin.describeConfigs([
      { type: 'topic', name: 'own-offsets' },
    ]);
    const policy = described?.entries.find(({ name }) => name === 'cleanup.policy');
    expect(policy?.value).toBe('compact');

    await worker.stopConnector('n');
    await worker.settled('n');
    const partition = { source: 'a' };
    expect(await worker.connectorOffsets('n')).toEqual({
      offsets: [{ partition, offset: { n: 25 } }],
    });
    await worker.resetConnectorOffsets('n');
    expect(await worker.connectorOffsets('n')).toEqual({ offsets: [] });
    await untilLast(bed, 'own-offsets', null);
    await untilLast(bed, 'connect-offsets', null);
    await worker.alterConnectorOffsets('n', { offsets: [{ partition, offset: { n: 20 } }] });
    bed.numbers.available = 30;
    await worker.resumeConnector('n');
    await until('told', () => bed.numbers.committed.at(-1) === 30, 60_000);
    expect(bed.numbers.starts).toEqual([undefined, 10, 20]);
  },
);

test('with exactly once a source may not write into its own offsets topic: the transaction would wait for itself', async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await bed.openWorker({ 'exactly.once.source.support': 'enabled' });
  bed.numbers.topic = 'own-offsets';
  bed.numbers.available = 1;
  await create(worker, 'n', OWN);
  await until('failed', () => taskState(worker, 'n') === 'FAILED', 60_000);
  expect(traceOfTask(worker, 'n')).toContain(
    'Source tasks may not produce to their own offsets topics when exactly-once support is enabled',
  );
});

test('a connector is asked before its offsets are altered: it may object, and says whether that is all', async () => {
  await using bed = await BrokerBed.open('in-process');
  const asked: unknown[] = [];
  const careful: SourceConnector = {
    ...bed.numbers.plugin(),
    name: 'careful',
    javaClasses: ['org.example.CarefulConnector'],
    alterOffsets: (_config, offsets) => {
      asked.push(offsets);
      return offsets.some(({ offset }) => offset?.['n'] === -1)
        ? Promise.reject(new Error('there is no -1'))
        : Promise.resolve(true);
    },
  };
  const worker = await bed.openWorker({}, [careful]);
  await worker.createConnector({
    name: 'c',
    config: { 'connector.class': 'careful' },
    initialState: 'STOPPED',
  });
  const partition = { source: 'a' };
  const alter = (n: number): Promise<{ readonly message: string }> =>
    worker.alterConnectorOffsets('c', { offsets: [{ partition, offset: { n } }] });
  await expect(alter(-1)).rejects.toThrow('there is no -1');
  expect(await worker.connectorOffsets('c')).toEqual({ offsets: [] });
  expect(await alter(4)).toEqual({
    message: 'The offsets for this connector have been altered successfully',
  });
  expect(await worker.resetConnectorOffsets('c')).toEqual({
    message: 'The offsets for this connector have been reset successfully',
  });
  expect(asked).toEqual([
    [{ partition, offset: { n: -1 } }],
    [{ partition, offset: { n: 4 } }],
    [{ partition, offset: null }],
  ]);

  await worker.createConnector({ name: 'n', config: numbersConfig, initialState: 'STOPPED' });
  const { message } = await worker.alterConnectorOffsets('n', {
    offsets: [{ partition, offset: { n: 1 } }],
  });
  expect(message).toBe(
    'The Connect framework-managed offsets for this connector have been altered successfully. However, if this connector manages offsets externally, they will need to be manually altered in the system that the connector uses.',
  );
});
