import { expect, test } from '@jest/globals';
import { BrokerBed } from './broker-bed.ts';
import { until } from './harness.ts';

type Entry = readonly [key: string, value: unknown];

/** As workers of Kafka Connect of several versions have left it: text as it is, anything else as JSON, null as null. */
async function leave(bed: BrokerBed, topic: string, entries: readonly Entry[]): Promise<void> {
  await bed.client.admin.createTopics([
    { name: topic, partitions: 1, replicationFactor: 1, configs: { 'cleanup.policy': 'compact' } },
  ]);
  const producer = bed.client.producer({ acks: 'all' });
  const bytesOf = (value: unknown): Uint8Array | null =>
    value === null ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  const { delivered } = await producer.send(
    entries.map(([key, value]) => ({
      topic,
      partition: 0,
      key: Buffer.from(key),
      value: bytesOf(value),
      timestampMs: null,
      headers: [],
    })),
  );
  expect((await delivered).failures).toEqual([]);
  await producer.close();
}

const properties = (config: Readonly<Record<string, unknown>>): unknown => ({ properties: config });
const numbers = (name: string): Entry => [
  `connector-${name}`,
  properties({ name, 'connector.class': 'numbers' }),
];

test('what a cluster of Kafka Connect left behind loads: old versions, tombstones, halves, and what is damaged', async () => {
  await using bed = await BrokerBed.open('in-process');
  await leave(bed, 'connect-configs', [
    ['session-key', { key: 'AAAA', algorithm: 'HmacSHA256', 'creation-timestamp': 1 }],
    ['logger-cluster-org.example', { level: 'DEBUG' }],
    numbers('started'),
    ['task-started-0', properties({ 'task.class': 'numbers' })],
    ['commit-started', { tasks: 1 }],
    // Before KIP-875 there was no state.v2.
    ['target-state-paused', { state: 'PAUSED' }],
    numbers('paused'),
    // A worker that knows STOPPED tells those that don't to pause.
    numbers('stopped'),
    ['target-state-stopped', { state: 'PAUSED', 'state.v2': 'STOPPED' }],
    ['commit-stopped', { tasks: 0 }],
    // Compaction took the first task: the set is made anew.
    numbers('halved'),
    ['task-halved-1', properties({ 'task.class': 'numbers' })],
    ['commit-halved', { tasks: 2 }],
    // Tasks that were never committed.
    numbers('uncommitted'),
    ['task-uncommitted-0', properties({ 'task.class': 'numbers' })],
    // Deleted: everything else of it stays.
    numbers('deleted'),
    ['task-deleted-0', properties({ 'task.class': 'numbers' })],
    ['commit-deleted', { tasks: 1 }],
    ['connector-deleted', null],
    ['target-state-deleted', null],
    // Of nobody.
    ['target-state-nobody', { state: 'STARTED', 'state.v2': 'STARTED' }],
    ['task-nobody-0', properties({})],
    ['commit-nobody', { tasks: 1 }],
    ['restart-connector-started', { 'include-tasks': true, 'only-failed': false }],
    ['tasks-fencing-started', { 'task-count': 3 }],
    ['cluster-something-new', { a: 1 }],
    // Damaged, each in its way.
    ['connector-broken', 'not JSON'],
    ['connector-list', '[]'],
    ['connector-odd', properties({ name: 'odd', 'connector.class': 7 })],
    ['commit-started-too', { tasks: 'many' }],
    ['task-', properties({})],
    ['task-started-x', properties({})],
    ['target-state-started', { state: 'DANCING' }],
    ['connector-', null],
    ['', {}],
  ]);
  await leave(bed, 'connect-offsets', [
    ['["started",{"n":0}]', { n: 5 }],
    ['["deleted",{"n":0}]', null],
    ['["started"]', { n: 9 }],
    ['nonsense', 'nonsense'],
  ]);
  await leave(bed, 'connect-status', [
    [
      'status-connector-started',
      { state: 'RUNNING', trace: null, worker_id: 'jvm:8083', generation: 7 },
    ],
    [
      'status-task-started-0',
      { state: 'FAILED', trace: 'x', worker_id: 'jvm:8083', generation: 7 },
    ],
    [
      'status-connector-gone',
      { state: 'RUNNING', trace: null, worker_id: 'jvm:8083', generation: 7 },
    ],
    [
      'status-topic-lines:connector-started',
      { topic: { name: 'lines', connector: 'started', task: 0, discoverTimestamp: 1 } },
    ],
    ['status-topic-old:connector-started', null],
    ['status-connector-broken', 'not JSON'],
  ]);

  const worker = await bed.openWorker();
  const stateOf = (name: string): string => worker.connectorStatus(name).connector.state;
  expect(worker.connectors()).toEqual([
    'halved',
    'odd',
    'paused',
    'started',
    'stopped',
    'uncommitted',
  ]);
  await until(
    'all settle',
    () => stateOf('halved') === 'RUNNING' && stateOf('odd') === 'FAILED',
    20_000,
  );
  expect(['paused', 'started', 'stopped', 'uncommitted'].map(stateOf)).toEqual([
    'PAUSED',
    'RUNNING',
    'STOPPED',
    'RUNNING',
  ]);
  expect(worker.connectorInfo('halved').tasks).toHaveLength(1);
  expect(worker.connectorInfo('stopped').tasks).toEqual([]);
  expect(worker.connectorTopics('started')).toContain('lines');
  expect(worker.connectorTopics('started')).not.toContain('old');
  await worker.resumeConnector('stopped');
  await until('resumed', () => stateOf('stopped') === 'RUNNING', 60_000);
});

test('a thousand connectors are found and listed with their states', async () => {
  await using bed = await BrokerBed.open('in-process');
  await leave(
    bed,
    'connect-configs',
    Array.from({ length: 1000 }, (_, index) => [
      numbers(`c${index}`),
      [`target-state-c${index}`, { state: 'PAUSED', 'state.v2': 'STOPPED' }] satisfies Entry,
    ]).flat(),
  );
  const worker = await bed.openWorker();
  expect(worker.connectors().map((name) => worker.connectorStatus(name).connector.state)).toEqual(
    Array.from({ length: 1000 }, () => 'STOPPED'),
  );
});
