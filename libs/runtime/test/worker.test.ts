import { expect, test } from '@jest/globals';
import {
  create,
  collectorConfig,
  numbersConfig,
  range,
  taskState,
  TestBed,
  text,
  until,
} from './harness.ts';
import { MillraceError } from '@millrace/foundation';
import type { ConnectorOffsets } from '../src/herder.ts';
import type { Worker } from '../src/worker.ts';

const keysAndValues = async (
  bed: TestBed,
  topic: string,
): Promise<readonly (readonly [string, string | null])[]> =>
  (await bed.log.records(topic)).map(
    ({ key, value }) => [text(key), value === null ? null : text(value)] as const,
  );

test('configurations, target states and task configurations are stored in the format of Connect', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  await create(worker, 'c', collectorConfig, 'PAUSED');
  await worker.settled('c');
  expect(worker.connectorInfo('c').tasks).toEqual([]);
  await worker.resumeConnector('c');
  await until('running', () => taskState(worker, 'c') === 'RUNNING');
  await worker.stopConnector('c');
  await worker.settled('c');
  await worker.deleteConnector('c');
  expect(await keysAndValues(bed, 'connect-configs')).toEqual([
    ['target-state-c', '{"state":"PAUSED","state.v2":"PAUSED"}'],
    ['connector-c', '{"properties":{"connector.class":"collector","topics":"numbers","name":"c"}}'],
    ['target-state-c', '{"state":"STARTED","state.v2":"STARTED"}'],
    [
      'task-c-0',
      '{"properties":{"connector.class":"collector","topics":"numbers","name":"c","task.class":"org.example.CollectorSinkTask"}}',
    ],
    ['commit-c', '{"tasks":1}'],
    ['target-state-c', '{"state":"PAUSED","state.v2":"STOPPED"}'],
    ['commit-c', '{"tasks":0}'],
    ['connector-c', null],
    ['target-state-c', null],
  ]);
  expect(await bed.log.topicConfigs('connect-configs')).toMatchObject({
    'cleanup.policy': 'compact',
    'segment.bytes': '16777216',
  });
});

test('a worker that is opened again resumes connectors, states and offsets', async () => {
  await using bed = new TestBed();
  const first = await bed.open();
  bed.numbers.available = 20;
  await create(first, 'n', numbersConfig);
  await create(first, 'p', { ...collectorConfig }, 'STARTED');
  await until('done', () => bed.numbers.committed.at(-1) === 20);
  await until('put', () => bed.collector.records.length === 20);
  await first.pauseConnector('p');
  await create(first, 's', collectorConfig, 'STOPPED');
  await until('paused', () => taskState(first, 'p') === 'PAUSED');
  await first[Symbol.asyncDispose]();
  const states = new Map(await keysAndValues(bed, 'connect-status'));
  expect(states.get('status-connector-n')).toContain('"state":"UNASSIGNED"');
  expect(states.get('status-task-n-0')).toBe(
    '{"state":"UNASSIGNED","trace":null,"worker_id":"127.0.0.1:8083","generation":0,"version":"1.0"}',
  );

  const second = await bed.open();
  expect(second.connectors()).toEqual(['n', 'p', 's']);
  bed.numbers.available = 25;
  await until('goes on', () => bed.numbers.committed.at(-1) === 25);
  expect(bed.numbers.starts).toEqual([undefined, 20]);
  expect(await bed.log.values('numbers')).toEqual(range(25));
  expect(taskState(second, 'p')).toBe('PAUSED');
  expect(second.connectorStatus('s').connector.state).toBe('STOPPED');
  expect(second.connectorTopics('n')).toEqual(['numbers']);
  await second.resumeConnector('p');
  await until('the sink goes on', () => bed.collector.records.length === 25);
});

test('state that the JVM wrote is understood, whatever the order of members in an offset key', async () => {
  await using bed = new TestBed();
  bed.numbers.partition = { a: '1', b: '2' };
  const put = async (topic: string, key: string, value: string): Promise<void> => {
    await bed.log.createTopic(topic, 1, { 'cleanup.policy': 'compact' });
    await bed.log.append({
      topic,
      partition: 0,
      key: Buffer.from(key),
      value: Buffer.from(value),
      timestampMs: null,
      headers: [],
    });
  };
  await put(
    'connect-configs',
    'connector-n',
    '{"properties":{"name":"n","connector.class":"org.example.NumbersConnector"}}',
  );
  await put(
    'connect-configs',
    'task-n-0',
    '{"properties":{"task.class":"org.example.NumbersTask"}}',
  );
  await put('connect-configs', 'commit-n', '{"tasks":1}');
  await put(
    'connect-configs',
    'session-key',
    '{"key":"eA==","algorithm":"HmacSHA256","creation-timestamp":1}',
  );
  await put('connect-offsets', '["n",{"b":"2","a":"1"}]', '{"n":7}');
  const worker = await bed.open();
  bed.numbers.available = 9;
  await until('goes on', () => bed.numbers.committed.at(-1) === 9);
  expect(bed.numbers.starts).toEqual([7]);
  expect((await keysAndValues(bed, 'connect-offsets')).at(-1)).toEqual([
    '["n",{"b":"2","a":"1"}]',
    '{"n":9}',
  ]);
  expect(taskState(worker, 'n')).toBe('RUNNING');
});

test('a topic of state that is not compacted is refused', async () => {
  await using bed = new TestBed();
  await bed.log.createTopic('connect-offsets', 1, { 'cleanup.policy': 'delete' });
  await expect(bed.open()).rejects.toThrow('has cleanup.policy "delete", expected "compact"');
});

test('an unchanged configuration restarts no task; a changed one does', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  await create(worker, 'n', numbersConfig);
  await until('running', () => taskState(worker, 'n') === 'RUNNING');
  const { created } = await worker.putConnectorConfig('n', { name: 'n', ...numbersConfig });
  expect(created).toBe(false);
  await worker.settled('n');
  expect(bed.numbers.starts).toHaveLength(1);
  await worker.patchConnectorConfig('n', { 'batch.size': '5' });
  await until('restarted', () => bed.numbers.starts.length === 2);
  expect(worker.taskConfigs('n')[0]?.config['batch.size']).toBe('5');
  await worker.patchConnectorConfig('n', { 'batch.size': null });
  await until('again', () => bed.numbers.starts.length === 3);
  expect(worker.connectorConfig('n')).toEqual({ ...numbersConfig, name: 'n' });
});

test('a paused source commits, polls no more, and goes on when resumed; stopped it loses its tasks', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  bed.numbers.available = 5;
  await create(worker, 'n', numbersConfig);
  await until('read', async () => (await bed.log.values('numbers')).length === 5);
  await worker.pauseConnector('n');
  await until('paused', () => taskState(worker, 'n') === 'PAUSED');
  expect(bed.numbers.committed.at(-1)).toBe(5);
  bed.numbers.available = 8;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(await bed.log.values('numbers')).toHaveLength(5);
  await worker.resumeConnector('n');
  await until('resumed', async () => (await bed.log.values('numbers')).length === 8);
  expect(bed.numbers.starts).toHaveLength(1);
  await worker.stopConnector('n');
  await worker.settled('n');
  expect(worker.connectorStatus('n')).toMatchObject({ connector: { state: 'STOPPED' }, tasks: [] });
  expect(await worker.connectorOffsets('n')).toEqual({
    offsets: [{ partition: { source: 'a' }, offset: { n: 8 } }],
  });
});

test('offsets are altered and reset only of a stopped connector', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  bed.numbers.available = 5;
  await create(worker, 'n', numbersConfig);
  await until('committed', () => bed.numbers.committed.at(-1) === 5);
  const wanted = { offsets: [{ partition: { source: 'a' }, offset: { n: 2 } }] };
  await expect(worker.alterConnectorOffsets('n', wanted)).rejects.toThrow(
    'must be in the STOPPED state',
  );
  await worker.stopConnector('n');
  expect((await worker.alterConnectorOffsets('n', wanted)).message).toContain(
    'altered successfully',
  );
  await worker.resumeConnector('n');
  await until('repeated', async () => (await bed.log.values('numbers')).length === 8);
  expect(bed.numbers.starts.at(-1)).toBe(2);
  await worker.stopConnector('n');
  expect((await worker.resetConnectorOffsets('n')).message).toContain('reset successfully');
  expect(await worker.connectorOffsets('n')).toEqual({ offsets: [] });
  expect((await keysAndValues(bed, 'connect-offsets')).at(-1)).toEqual([
    '["n",{"source":"a"}]',
    null,
  ]);
});

test('offsets of a sink are those of its group', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  await bed.log.appendText('numbers', range(4));
  await create(worker, 'c', collectorConfig);
  await until('committed', async () => (await bed.log.committed('connect-c', 'numbers')) === 4);
  const at = (offset: number): object => ({
    offsets: [
      {
        partition: { kafka_topic: 'numbers', kafka_partition: 0 },
        offset: { kafka_offset: offset },
      },
    ],
  });
  expect(await worker.connectorOffsets('c')).toEqual(at(4));
  await worker.stopConnector('c');
  await worker.settled('c');
  await worker.alterConnectorOffsets('c', {
    offsets: [
      { partition: { kafka_topic: 'numbers', kafka_partition: '0' }, offset: { kafka_offset: 1 } },
    ],
  });
  expect(await worker.connectorOffsets('c')).toEqual(at(1));
  await expect(
    worker.alterConnectorOffsets('c', { offsets: [{ partition: {}, offset: null }] }),
  ).rejects.toMatchObject({ code: 'connect.bad_request' });
});

test('an alteration of offsets that a crash cuts in half is finished at the next start, unless the connector was changed since', async () => {
  await using bed = new TestBed();
  const first = await bed.open();
  await first.createConnector({ name: 'n', config: numbersConfig, initialState: 'STOPPED' });
  const at = (n: number): ConnectorOffsets => ({
    offsets: ['a', 'b'].map((source) => ({ partition: { source }, offset: { n } })),
  });
  await first.alterConnectorOffsets('n', at(1));
  const cut = async (worker: Worker, n: number): Promise<void> => {
    let count = 0;
    bed.log.faults.refuse = ({ topic }) =>
      topic === 'connect-offsets' && ++count > 1
        ? new MillraceError({ code: 'test.refused', message: 'refused', retry: 'fatal' })
        : undefined;
    await expect(worker.alterConnectorOffsets('n', at(n))).rejects.toThrow('connect-offsets');
    bed.log.faults.refuse = undefined;
  };
  await cut(first, 2);
  expect(await first.connectorOffsets('n')).not.toEqual(at(2));
  await bed.kill();
  const second = await bed.open();
  expect(await second.connectorOffsets('n')).toEqual(at(2));
  expect((await keysAndValues(bed, 'connect-configs')).at(-1)).toEqual([
    'offsets-alteration-n',
    null,
  ]);

  await cut(second, 3);
  const half = await second.connectorOffsets('n');
  await second.pauseConnector('n');
  await second.stopConnector('n');
  await bed.kill();
  expect(await (await bed.open()).connectorOffsets('n')).toEqual(half);
});

test('a deleted connector is gone, its states too, and one of its name starts anew after it', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  bed.numbers.available = 3;
  await create(worker, 'n', numbersConfig);
  await until('committed', () => bed.numbers.committed.at(-1) === 3);
  await worker.deleteConnector('n');
  expect(() => worker.connectorStatus('n')).toThrow('No status found for connector n');
  expect(() => worker.connectorInfo('n')).toThrow('Connector n not found');
  await expect(worker.deleteConnector('n')).rejects.toMatchObject({ code: 'connect.not_found' });
  await create(worker, 'n', numbersConfig);
  await until('running', () => taskState(worker, 'n') === 'RUNNING');
  // As in Connect, offsets outlive the connector.
  expect(bed.numbers.starts).toEqual([undefined, 3]);
  expect(bed.numbers.stops).toBe(1);
});

test('refusals have the codes and the words of Connect', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  await create(worker, 'n', numbersConfig);
  await expect(create(worker, 'n', numbersConfig)).rejects.toMatchObject({
    code: 'connect.already_exists',
    message: 'Connector n already exists',
  });
  await expect(create(worker, 'x', {})).rejects.toThrow('contains no connector type');
  await expect(
    create(worker, 'x', { 'connector.class': 'org.example.NumbresConnector' }),
  ).rejects.toMatchObject({
    code: 'connect.bad_request',
    hint: 'did you mean "org.example.NumbersConnector"?',
  });
  await expect(create(worker, 'x', { ...numbersConfig, name: 'y' })).rejects.toThrow(
    "Connector name configuration (y) doesn't match connector name in the URL (x)",
  );
  await expect(
    create(worker, 'x', { 'connector.class': 'collector', 'tasks.max': '0' }),
  ).rejects.toThrow(
    [
      'Connector configuration is invalid and contains the following 3 error(s):',
      'Invalid value 0 for configuration tasks.max: Value must be at least 1',
      'Must configure one of topics or topics.regex',
      'Must configure one of topics or topics.regex',
      'You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`',
    ].join('\n'),
  );
  await expect(worker.pauseConnector('x')).rejects.toThrow('Unknown connector x');
  await expect(worker.restartTask('n', 7)).rejects.toThrow('Unknown task: n-7');
});

test('a restart with tasks shows its plan and then runs', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  await create(worker, 'n', numbersConfig);
  await until('running', () => taskState(worker, 'n') === 'RUNNING');
  const plan = await worker.restartConnector('n', { includeTasks: true, onlyFailed: false });
  expect(plan?.connector.state).toBe('RESTARTING');
  expect(plan?.tasks[0]?.state).toBe('RESTARTING');
  await until('running again', () => taskState(worker, 'n') === 'RUNNING');
  expect(bed.numbers.starts).toHaveLength(2);
  expect(
    await worker.restartConnector('n', { includeTasks: false, onlyFailed: false }),
  ).toBeUndefined();
  await worker.settled('n');
  expect(bed.numbers.starts).toHaveLength(2);
});

test('more tasks than allowed fail the connector', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  const plugin = bed.numbers.plugin();
  const greedy = {
    ...plugin,
    name: 'greedy',
    javaClasses: [],
    taskConfigs: () => Promise.resolve([{}, {}]),
  };
  const other = await bed.open({}, [greedy]);
  await create(other, 'g', { 'connector.class': 'greedy' });
  await until('failed', () => other.connectorStatus('g').connector.state === 'FAILED');
  expect(other.connectorStatus('g').connector.trace).toContain('has generated 2 tasks');
  expect(worker.connectors()).toEqual([]);
});
