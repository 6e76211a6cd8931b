import { expect, test } from '@jest/globals';
import { shippedTransforms } from '@millrace/transforms';
import { CONTEXTS_MAX, contextsOf, withContext } from '../src/tracing/record-headers.ts';
import type { StageSpan, TaskTracer, Tracer, TransactionSpan } from '../src/tracing/tracer.ts';
import { BrokerBed } from './broker-bed.ts';
import { collectorConfig, create, numbersConfig, text, until } from './harness.ts';

const PARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const header = (value: string, key = 'traceparent') => ({ key, value: Buffer.from(value) });
const record = (...headers: readonly ReturnType<typeof header>[]) => ({ headers });

test.each([
  ['', 'empty'],
  [`00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`, 'a trace of zeros'],
  [`00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`, 'a span of zeros'],
  [`ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, 'version ff'],
  [PARENT.toUpperCase(), 'upper case'],
  [`${PARENT}-more`, 'version 00 with more behind it'],
  [`cc-${'a'.repeat(32)}-${'b'.repeat(16)}-01-${'x'.repeat(300)}`, 'too long'],
])('a malformed traceparent counts as none: %s (%s)', (traceparent) => {
  expect(contextsOf([record(header(traceparent))])).toEqual({ contexts: [], isShared: false });
});

test('contexts are read of the last header of the name, each once, and no more than a span may link', () => {
  const later = `cc-${'a'.repeat(32)}-${'b'.repeat(16)}-01-more`;
  expect(contextsOf([record(header('no'), header(later), header('a=1', 'tracestate'))])).toEqual({
    contexts: [{ traceparent: later, tracestate: 'a=1' }],
    isShared: true,
  });
  expect(contextsOf([record(header(PARENT)), record(header(PARENT))])).toEqual({
    contexts: [{ traceparent: PARENT }],
    isShared: true,
  });
  expect(contextsOf([record(header(PARENT)), record()]).isShared).toBe(false);
  expect(contextsOf([]).isShared).toBe(false);
  const many = Array.from({ length: CONTEXTS_MAX + 9 }, (_, n) =>
    record(header(`00-${'a'.repeat(32)}-${String(n + 1).padStart(16, '0')}-01`)),
  );
  expect(contextsOf(many)).toMatchObject({ isShared: false, contexts: { length: CONTEXTS_MAX } });
});

test('a record that was created in another trace stays in it', () => {
  const produced = { topic: 't', partition: null, key: null, value: null, timestampMs: null };
  const own = [header('x', 'own')];
  const foreign = [header(PARENT)];
  const added = withContext(
    [own, [], foreign].map((headers) => ({ ...produced, headers })),
    { traceparent: 'new', tracestate: 'a=1' },
  );
  expect(added.map(({ headers }) => headers.map(({ key, value }) => [key, text(value)]))).toEqual([
    [
      ['own', 'x'],
      ['traceparent', 'new'],
      ['tracestate', 'a=1'],
    ],
    [
      ['traceparent', 'new'],
      ['tracestate', 'a=1'],
    ],
    [['traceparent', PARENT]],
  ]);
});

class Recorder implements Tracer {
  readonly stages: (StageSpan & { readonly connector: string })[] = [];
  readonly transactions: TransactionSpan[] = [];
  joined = 0;

  task({ connector }: { readonly connector: string }): TaskTracer {
    return Object.assign((span: StageSpan) => this.stages.push({ ...span, connector }), {
      sending: () => ({ traceparent: PARENT }),
      joinTransaction: () => this.joined++,
      transaction: (span: TransactionSpan) => this.transactions.push(span),
    });
  }
}

test('records of a source carry the trace on to the sinks that read them', async () => {
  await using bed = await BrokerBed.open('in-process');
  const tracer = new Recorder();
  const worker = await bed.openWorker({}, shippedTransforms, tracer);
  bed.numbers.available = 20;
  await create(worker, 'in', {
    ...numbersConfig,
    transforms: 'h',
    'transforms.h.type': 'org.apache.kafka.connect.transforms.InsertHeader',
    'transforms.h.header': 'own',
    'transforms.h.value.literal': 'kept',
  });
  await create(worker, 'out', collectorConfig);
  await until('arrived', () => bed.collector.records.length === 20, 60_000);
  for (const { headers } of await bed.records('numbers'))
    expect(headers.map(({ key, value }) => [key, text(value)])).toEqual([
      ['own', 'kept'],
      ['traceparent', PARENT],
    ]);
  const read = tracer.stages.filter(({ stage }) => stage === 'read');
  expect(read.map(({ carried }) => carried)).toEqual(
    read.map(() => ({ contexts: [{ traceparent: PARENT }], isShared: true })),
  );
  expect(read.length).toBeGreaterThan(0);
});

test('transactions are told with their records and their end', async () => {
  await using bed = await BrokerBed.open('in-process');
  const tracer = new Recorder();
  const worker = await bed.openWorker({ 'exactly.once.source.support': 'enabled' }, [], tracer);
  bed.numbers.available = 30;
  await create(worker, 'n', numbersConfig);
  await until('committed', () => tracer.transactions.length === 3, 60_000);
  expect(tracer.transactions.map(({ outcome, recordCount }) => [outcome, recordCount])).toEqual([
    ['committed', 10],
    ['committed', 10],
    ['committed', 10],
  ]);
  expect(tracer.joined).toBe(3);
  expect(tracer.stages.filter(({ stage }) => stage === 'commit')).toHaveLength(3);
});

test('a transaction that is thrown away is told as aborted', async () => {
  await using bed = await BrokerBed.open('in-process');
  const tracer = new Recorder();
  const worker = await bed.openWorker({ 'exactly.once.source.support': 'enabled' }, [], tracer);
  bed.numbers.available = 50;
  bed.numbers.hooks.poll = (_signal, next) =>
    next === 30 ? Promise.reject(new Error('no more')) : Promise.resolve();
  await create(worker, 'n', {
    ...numbersConfig,
    'transaction.boundary': 'interval',
    'transaction.boundary.interval.ms': '60000',
    'task.restart.attempts.max': '0',
  });
  await until('aborted', () => tracer.transactions.length === 1, 60_000);
  expect(tracer.transactions).toMatchObject([{ outcome: 'aborted', recordCount: 30 }]);
});
