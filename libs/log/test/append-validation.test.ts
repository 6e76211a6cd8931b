import { expect, test } from '@jest/globals';
import { LogContext } from './log-context.ts';
import { batch } from './support.ts';

/** Appends of one record each, from sequence 0 on. */
function singles(
  count: number,
): readonly (readonly [epoch: number, sequence: number, count: number])[] {
  return Array.from({ length: count }, (_, sequence) => [0, sequence, 1] as const);
}

const idempotence: readonly {
  name: string;
  before: readonly (readonly [epoch: number, sequence: number, count: number])[];
  epoch: number;
  sequence: number;
  count: number;
  expected: number | string;
}[] = [
  {
    name: 'any start of an unknown producer',
    before: [],
    epoch: 5,
    sequence: 42,
    count: 1,
    expected: 0,
  },
  { name: 'the next sequence', before: [[0, 0, 3]], epoch: 0, sequence: 3, count: 1, expected: 3 },
  {
    name: 'a repetition',
    before: [
      [0, 0, 3],
      [0, 3, 1],
    ],
    epoch: 0,
    sequence: 0,
    count: 3,
    expected: 0,
  },
  {
    name: 'a repetition of the fifth last',
    before: singles(5),
    epoch: 0,
    sequence: 0,
    count: 1,
    expected: 0,
  },
  {
    name: 'a repetition of the sixth last',
    before: singles(6),
    epoch: 0,
    sequence: 0,
    count: 1,
    expected: 'out-of-order-sequence',
  },
  {
    name: 'a repetition of another length',
    before: [[0, 0, 3]],
    epoch: 0,
    sequence: 0,
    count: 2,
    expected: 'out-of-order-sequence',
  },
  {
    name: 'a gap',
    before: [[0, 0, 3]],
    epoch: 0,
    sequence: 4,
    count: 1,
    expected: 'out-of-order-sequence',
  },
  {
    name: 'an older epoch',
    before: [[3, 0, 1]],
    epoch: 2,
    sequence: 1,
    count: 1,
    expected: 'invalid-producer-epoch',
  },
  {
    name: 'a newer epoch from 0',
    before: [[3, 0, 1]],
    epoch: 4,
    sequence: 0,
    count: 1,
    expected: 1,
  },
  {
    name: 'a newer epoch not from 0',
    before: [[3, 0, 1]],
    epoch: 4,
    sequence: 1,
    count: 1,
    expected: 'out-of-order-sequence',
  },
  {
    name: 'the wrap to 0',
    before: [[0, 2_147_483_647, 1]],
    epoch: 0,
    sequence: 0,
    count: 1,
    expected: 1,
  },
  {
    name: 'the wrap inside a batch',
    before: [[0, 2_147_483_646, 4]],
    epoch: 0,
    sequence: 2,
    count: 1,
    expected: 4,
  },
  {
    name: 'the same batch again across the wrap',
    before: [[0, 2_147_483_646, 4]],
    epoch: 0,
    sequence: 2_147_483_646,
    count: 4,
    expected: 0,
  },
];

test.each(idempotence)(
  'an idempotent producer: $name',
  async ({ before, epoch, sequence, count, expected }) => {
    for (const mode of ['in one group', 'one by one', 'after a restart', 'after a kill']) {
      if (mode === 'after a restart' || mode === 'after a kill') {
        // Kafka's snapshot keeps only the last batch of each producer.
        const repeatsOlder = before.length > 1 && typeof expected === 'number' && expected === 0;
        if (repeatsOlder && mode === 'after a restart') continue;
      }
      await using context = await LogContext.open();
      const send = (from: number, size: number, producerEpoch: number): Promise<unknown> =>
        context.log
          .append(
            batch({
              values: Array.from({ length: size }, () => 'x'),
              timestampMs: context.now,
              producerId: 9,
              producerEpoch,
              baseSequence: from,
            }),
            { leaderEpoch: 0 },
          )
          .then((result) => (result.kind === 'appended' ? result.baseOffset : result.reason));
      const sent = before.map(([producerEpoch, from, size]) => send(from, size, producerEpoch));
      if (mode !== 'in one group') await Promise.all(sent);
      if (mode === 'after a restart') await context.restart();
      if (mode === 'after a kill') await context.crash(() => context.disk.kill());
      const end = context.log.logEndOffset;
      expect([mode, await send(sequence, count, epoch)]).toEqual([mode, expected]);
      const isAppended =
        typeof expected === 'number' &&
        expected >= before.reduce((sum, [, , size]) => sum + size, 0);
      if (mode !== 'in one group')
        expect(context.log.logEndOffset).toBe(end + (isAppended ? count : 0));
    }
  },
);

test('a producer idle for a day is forgotten', async () => {
  await using context = await LogContext.open({ 'retention.ms': -1 });
  const send = (baseSequence: number): Promise<number> =>
    context.append({ values: ['x'], producerId: 9, producerEpoch: 0, baseSequence });
  await send(0);
  await expect(send(5)).rejects.toMatchObject({ code: 'log.out_of_order_sequence' });
  context.clock.advance(86_400_001);
  await context.manager.enforceRetention();
  expect(await send(5)).toBe(1);
});

test.each([
  ['a byte changed', (bytes: Uint8Array) => bytes.fill(1, 70, 71), 'corrupt', 2],
  ['cut short', (bytes: Uint8Array) => bytes.subarray(0, -1), 'corrupt', 2],
  ['nothing', () => new Uint8Array(0), 'corrupt', 2],
  ['an old format', (bytes: Uint8Array) => bytes.fill(1, 16, 17), 'unsupported-format', 43],
])('%s is refused and leaves the log as it was', async (_, change, reason, errorCode) => {
  await using context = await LogContext.open();
  const bytes = batch({ values: ['hello'], timestampMs: context.now });
  const result = await context.log.append(change(bytes), { leaderEpoch: 0 });
  expect(result).toMatchObject({ kind: 'refused', reason, errorCode });
  expect(context.log.logEndOffset).toBe(0);
});

test('sizes, times and missing keys outside of the topic settings are refused', async () => {
  await using context = await LogContext.open({ 'max.message.bytes': 200, 'segment.bytes': 1000 });
  const send = async (spec: Parameters<typeof batch>[0], times = 1): Promise<unknown> => {
    const one = batch({ timestampMs: context.now, ...spec });
    const bytes = Buffer.concat(Array.from({ length: times }, () => one));
    const result = await context.log.append(bytes, { leaderEpoch: 0 });
    return result.kind === 'refused' ? [result.reason, result.errorCode] : result.lastOffset;
  };
  expect(await send({ values: ['x'.repeat(200)] })).toEqual(['too-large', 10]);
  expect(await send({ values: ['x'] }, 20)).toEqual(['batches-too-large', 18]);
  expect(await send({ values: ['x'], timestampMs: context.now + 3_600_001 })).toEqual([
    'invalid-timestamp',
    32,
  ]);
  expect(await send({ values: ['x'] }, 2)).toBe(1);
  context.configure({ 'cleanup.policy': 'compact' });
  expect(await send({ values: ['x'] })).toEqual(['invalid-record', 87]);
  expect(await send({ values: ['x', 'y'], keys: ['k', null] })).toEqual(['invalid-record', 87]);
  expect(await send({ values: ['x', 'y'], keys: ['k', ''] })).toBe(3);
});

test('more bytes waiting than allowed are refused, and a single large append passes', async () => {
  await using context = await LogContext.open({}, { limits: { appendQueueBytesMax: 200 } });
  const send = (size: number): Promise<string> =>
    context.log
      .append(batch({ values: ['x'.repeat(size)], timestampMs: context.now }), { leaderEpoch: 0 })
      .then((result) => (result.kind === 'refused' ? result.reason : 'appended'));
  expect(await Promise.all([send(1000), send(10)])).toEqual(['appended', 'queue-full']);
  expect(await Promise.all([send(10), send(10), send(50)])).toEqual([
    'appended',
    'appended',
    'queue-full',
  ]);
  expect(context.log.queuedBytes).toBe(0);
  expect(context.manager.appendBudget.taken).toBe(0);
});

test('who gets an epoch for each transaction begins with sequence 0, so that nothing overtakes the first batch', async () => {
  await using context = await LogContext.open();
  const send = async (baseSequence: number, beginsAtZero?: boolean): Promise<unknown> => {
    const spec = { values: ['v'], producerId: 7, producerEpoch: 0, baseSequence };
    const bytes = batch({ ...spec, timestampMs: context.now });
    const result = await context.log.append(bytes, {
      leaderEpoch: 0,
      ...(beginsAtZero === undefined ? {} : { beginsAtZero }),
    });
    return result.kind === 'refused' ? result.errorCode : result.baseOffset;
  };
  expect(await send(1, true)).toBe(45);
  expect(await Promise.all([send(0, true), send(1, true)])).toEqual([0, 1]);
  // An older client may be one of whom all has been forgotten.
  await using other = await LogContext.open();
  const bytes = batch({ values: ['v'], producerId: 7, producerEpoch: 0, baseSequence: 5 });
  expect(await other.log.append(bytes, { leaderEpoch: 0 })).toMatchObject({ baseOffset: 0 });
});
