import { expect, test } from '@jest/globals';
import { defineFields } from '@millrace/config';
import type { TransformPlugin } from '@millrace/connector-api';
import type { RawConnectorConfig } from '../src/herder.ts';
import type { Worker } from '../src/worker.ts';
import { create, collectorConfig, numbersConfig, TestBed, until } from './harness.ts';
import { CHOSEN_LOG } from './logs/served-log.ts';

test('validation names every problem, hides secrets and shows unknown keys with the nearest known one', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  const infos = await worker.validateConfig('NumbersConnector', {
    'connector.class': 'org.example.NumbersConnector',
    'tasks.max': 'many',
    password: 'hunter22',
    'batch.sise': '3',
    transforms: 'a,a',
    'transforms.a.type': 'Nope',
    'errors.tolerance': 'some',
  });
  const errors = infos.configs.flatMap(({ value }) => value.errors);
  expect(errors).toContain('Missing required configuration "name" which has no default value.');
  expect(errors).toContain(
    'Invalid value many for configuration tasks.max: Not a number of type INT',
  );
  expect(errors).toContain(
    'Invalid value [a, a] for configuration transforms: Duplicate alias provided.',
  );
  expect(errors).toContain(
    'Invalid value some for configuration errors.tolerance: String must be one of: none, all',
  );
  expect(errors.some((each) => each.includes('Class Nope could not be found.'))).toBe(true);
  expect(infos.error_count).toBe(errors.length);
  const byName = new Map(infos.configs.map((config) => [config.value.name, config]));
  expect(byName.get('password')?.value.value).toBe('[hidden]');
  expect(byName.get('batch.sise')).toEqual({
    definition: null,
    value: {
      name: 'batch.sise',
      value: '3',
      recommended_values: ['batch.size'],
      errors: [],
      visible: true,
    },
  });
  expect(byName.get('tasks.max')?.definition).toMatchObject({
    group: 'Common',
    order: 4,
    order_in_group: 4,
    type: 'INT',
    required: false,
    default_value: '1',
  });
  expect(infos.groups.slice(0, 4)).toEqual([
    'Common',
    'Transforms',
    'Predicates',
    'Error Handling',
  ]);
  await expect(worker.validateConfig('Other', { 'connector.class': 'numbers' })).rejects.toThrow(
    'Included connector type numbers does not match request type Other',
  );
});

test('an unknown key is accepted and warned about', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  await create(worker, 'n', { ...numbersConfig, 'batch.sise': '3' });
  expect(bed.logged).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      fields: { connector: 'n', key: 'batch.sise', nearest: 'batch.size' },
    }),
  );
});

test('plugins are found by all their names', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  const classes = worker.plugins(false);
  expect(worker.plugins(true).map((plugin) => plugin.class)).toEqual([
    'org.example.CollectorSinkConnector',
    'org.example.NumbersConnector',
  ]);
  expect(classes).toContainEqual({
    class: 'org.apache.kafka.connect.json.JsonConverter',
    type: 'header_converter',
    version: '4.1.0',
  });
  for (const name of [
    'CollectorSink',
    'CollectorSinkConnector',
    'collector',
    'JsonConverter',
    'Json',
  ])
    expect(worker.pluginConfig(name).length).toBeGreaterThan(0);
  expect(() => worker.pluginConfig('Nope')).toThrow('Unknown plugin Nope.');
});

// A broker and its connections have timers of their own.
(CHOSEN_LOG === undefined ? test : test.skip)(
  'a closed worker leaves no timer behind',
  async () => {
    const bed = new TestBed();
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const worker = await bed.open();
    bed.numbers.available = 5;
    await create(worker, 'n', numbersConfig);
    await create(worker, 'c', collectorConfig);
    await until('put', () => bed.collector.records.length === 5);
    await bed[Symbol.asyncDispose]();
    const after = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    expect(after).toBeLessThanOrEqual(before); // the runner's own may have ended meanwhile
  },
);

async function problemsOf(
  worker: Worker,
  config: RawConnectorConfig,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const className = config['connector.class'] ?? '';
  const { configs } = await worker.validateConfig(className, { name: 'v', ...config });
  return Object.fromEntries(
    configs
      .filter(({ value }) => value.errors.length > 0)
      .map(({ value }) => [value.name, value.errors]),
  );
}

test('exactly-once that is required is refused, since it would not be had', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  const refused = await problemsOf(worker, {
    ...numbersConfig,
    'exactly.once.support': 'REQUIRED',
    'transaction.boundary': 'connector',
  });
  expect(refused['exactly.once.support']).toEqual([
    'This worker does not have exactly-once source support enabled.',
    expect.stringContaining('does not implement the API required'),
  ]);
  expect(refused['transaction.boundary']?.[0]).toContain(
    'does not support connector-defined transaction boundaries',
  );
  expect(
    await problemsOf(worker, {
      ...numbersConfig,
      'exactly.once.support': 'requested',
      'transaction.boundary': 'interval',
    }),
  ).toEqual({});
});

test("a null is absence to the connector's own keys and an error to those of Connect", async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  const config = { ...numbersConfig, password: null };
  expect(await problemsOf(worker, config)).toEqual({});
  expect(await problemsOf(worker, { ...config, 'of.nobody': null })).toEqual({
    'of.nobody': ['Null value can not be supplied as the configuration value.'],
  });
  const info = await worker.createConnector({ name: 'n', config, initialState: 'STOPPED' });
  expect(info.config).toEqual({ ...numbersConfig, name: 'n' });
  expect(await problemsOf(worker, { ...numbersConfig, 'tasks.max': null })).toEqual({
    'tasks.max': [
      'Invalid value null for configuration tasks.max: Value must be non-null',
      'Null value can not be supplied as the configuration value.',
    ],
  });
});

test('dead letters that a sink would read again are refused at the key and in the words of Connect', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  const letters = { ...collectorConfig, 'errors.deadletterqueue.topic.name': 'x' };
  expect(await problemsOf(worker, { ...letters, topics: 'a,x' })).toEqual({
    topics: [
      "The DLQ topic 'x' may not be included in the list of topics ('topics=[a, x]') consumed by the connector",
    ],
  });
  expect(await problemsOf(worker, { ...letters, topics: '', 'topics.regex': 'x.*' })).toEqual({
    'topics.regex': [
      "The DLQ topic 'x' may not be matched by the regex for the topics ('topics.regex=x.*') consumed by the connector",
    ],
  });
});

test('definitions show what an absent key stands for, and recommend converters of the kind', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  const { configs } = await worker.validateConfig('numbers', { ...numbersConfig, name: 'v' });
  const find = (name: string): (typeof configs)[number] | undefined =>
    configs.find(({ value }) => value.name === name);
  expect(find('connector.plugin.version')?.value).toMatchObject({
    value: '1.0',
    recommended_values: ['1.0'],
  });
  expect(find('connector.plugin.version')?.definition?.display_name).toBe('Connector version');
  expect(find('header.converter')?.value.value).toBe(
    'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  );
  const keyConverters = find('key.converter')?.value.recommended_values ?? [];
  expect(keyConverters).toEqual([...keyConverters].sort());
  expect(keyConverters).not.toContain('org.apache.kafka.connect.storage.SimpleHeaderConverter');
  expect(find('exactly.once.support')?.definition?.order).toBe(2);
  expect(find('batch.size')?.definition?.order).toBe(-1);
});

test("a sink may not read by the worker's own group", async () => {
  await using bed = new TestBed();
  const worker = await bed.open({ 'group.id': 'connect-v' });
  expect(Object.keys(await problemsOf(worker, collectorConfig))).toEqual(['name']);
  const chosen = { ...collectorConfig, name: 'w', 'consumer.override.group.id': 'connect-v' };
  expect(await problemsOf(worker, chosen)).toEqual({
    'consumer.override.group.id': [
      'Consumer group connect-v conflicts with Connect worker group connect-v',
    ],
  });
});

test("a transform's fields are listed under its alias with their short names, its own before the rest", async () => {
  await using bed = new TestBed();
  const worker = await bed.open({}, [renamer]);
  const { configs } = await worker.validateConfig('numbers', {
    ...numbersConfig,
    name: 'v',
    transforms: 'r',
    'transforms.r.type': 'renamer',
    'transforms.r.to': 'x',
  });
  expect(
    configs
      .filter(({ value }) => value.name.startsWith('transforms.r.'))
      .map(({ definition }) => [definition?.name, definition?.display_name, definition?.order]),
  ).toEqual([
    ['transforms.r.type', 'Transformation type for r', 0],
    ['transforms.r.plugin.version', 'Transformation version for r', 1],
    ['transforms.r.to', 'to', 2],
    ['transforms.r.negate', 'negate', 3],
    ['transforms.r.predicate', 'predicate', 4],
  ]);
});

const renamer: TransformPlugin = {
  kind: 'transform',
  name: 'renamer',
  javaClasses: [],
  version: '2.0',
  fields: defineFields({ to: { type: 'STRING', doc: 'The new name.' } }),
  create: () => ({ apply: (record) => record }),
};
