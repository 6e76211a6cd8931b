import { expect, test } from '@jest/globals';
import type { SinkConnector } from '@millrace/connector-api';
import { OfflineValidator } from '../src/config/offline-validation.ts';

let connected = 0;
const sink = (rules: SinkConnector['rules']): SinkConnector => ({
  kind: 'sink',
  name: 'test-sink',
  javaClasses: ['org.example.TestSinkConnector'],
  version: '1',
  fields: {
    port: { type: 'INT', doc: '', default: 1 },
    secret: { type: 'PASSWORD', doc: '', default: null },
  },
  ...(rules === undefined ? {} : { rules }),
  validate: () => {
    connected += 1;
    return Promise.resolve([]);
  },
  taskConfigs: (config) => Promise.resolve([config]),
  createTask: () => {
    throw new Error('no task is needed to check a configuration');
  },
});

const check = (more: Readonly<Record<string, string>>, rules?: SinkConnector['rules']) =>
  new OfflineValidator([sink(rules)]).check({
    name: 'a',
    'connector.class': 'TestSink',
    topics: 't',
    ...more,
  });

test('what may connect is not called; the rules are', async () => {
  const rules = () => [{ key: 'port', message: 'not with that' }];
  expect(await check({}, rules)).toEqual([
    { key: 'port', message: 'not with that', severity: 'error' },
  ]);
  expect(connected).toBe(0);
});

test('rules that throw are a problem of the configuration, not of the program', async () => {
  const rules = () => {
    throw new Error('it is full');
  };
  expect(await check({}, rules)).toMatchObject([
    { key: 'connector.class', message: expect.stringContaining('it is full') as unknown },
  ]);
});

test('a value with a placeholder is not judged, nor are rules over it; others are', async () => {
  const rules = () => [{ key: 'port', message: 'not with that' }];
  expect(await check({ port: '${env:PORT}' }, rules)).toEqual([]);
  expect(await check({ port: '${env:PORT}', 'tasks.max': '0' }, rules)).toMatchObject([
    { key: 'tasks.max' },
  ]);
});

test('the values of secrets are in no message', async () => {
  const found = await check({ secret: 'hunter2', secrte: 'hunter2', port: 'x' });
  expect(found).toHaveLength(2);
  expect(JSON.stringify(found)).not.toContain('hunter2');
});
