import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { FileSignals, signalOfJson, signalOfRow } from '../src/index.ts';

const action = (type: string, data: object | string | null): unknown =>
  signalOfRow({
    id: '1',
    type,
    data: typeof data === 'object' && data !== null ? JSON.stringify(data) : data,
  }).action;

test('an execute-snapshot signal is incremental unless it says blocking', () => {
  expect(action('execute-snapshot', { 'data-collections': ['public.a', 'public\\.b.*'] })).toEqual({
    kind: 'execute-snapshot',
    mode: 'incremental',
    collections: ['public.a', 'public\\.b.*'],
    conditions: [],
    surrogateKey: null,
  });
  expect(
    action('execute-snapshot', {
      type: 'BLOCKING',
      'data-collections': ['public.a'],
      'additional-conditions': [{ 'data-collection': 'public.a', filter: 'SELECT 1' }],
      'surrogate-key': 'v',
    }),
  ).toMatchObject({
    mode: 'blocking',
    conditions: [{ collection: 'public.a', filter: 'SELECT 1' }],
    surrogateKey: 'v',
  });
});

test.each([
  ['execute-snapshot', {}],
  ['execute-snapshot', { 'data-collections': [] }],
  ['execute-snapshot', { 'data-collections': ['('] }],
  ['execute-snapshot', { 'data-collections': ['a'], type: 'other' }],
  ['execute-snapshot', { 'data-collections': ['a'], 'additional-conditions': [{ filter: 'x' }] }],
  ['execute-snapshot', 'no json'],
  ['execute-snapshot', '[]'],
  ['stop-snapshot', { type: 'blocking' }],
  ['log', {}],
  ['set-binlog-position', { binlog_filename: 'a' }],
  ['no-such-type', {}],
])('%s %j can not be obeyed, and says why', (type, data) => {
  expect(action(type, data)).toMatchObject({ kind: 'invalid' });
});

test('the other types', () => {
  expect(action('stop-snapshot', { 'data-collections': ['a'], type: 'incremental' })).toEqual({
    kind: 'stop-snapshot',
    collections: ['a'],
  });
  expect(action('stop-snapshot', null)).toEqual({ kind: 'stop-snapshot', collections: [] });
  expect(action('pause-snapshot', '{"type":"incremental"}')).toEqual({ kind: 'pause-snapshot' });
  expect(action('resume-snapshot', '')).toEqual({ kind: 'resume-snapshot' });
  expect(action('log', { message: 'at {}' })).toEqual({ kind: 'log', message: 'at {}' });
  expect(action('snapshot-window-open', null)).toEqual({ kind: 'window-open' });
  expect(action('set-binlog-position', { gtid_set: 'u:1-5' })).toEqual({
    kind: 'set-binlog-position',
    position: { kind: 'gtid', gtidSet: 'u:1-5' },
  });
});

test('a signal as JSON may hold its data as an object or as text', () => {
  expect(signalOfJson('{"id":"7","type":"log","data":{"message":"m"}}', 'kafka', 3)).toEqual({
    id: '7',
    type: 'log',
    channel: 'kafka',
    topicOffset: 3,
    action: { kind: 'log', message: 'm' },
  });
  expect(signalOfJson('{"type":"log","data":"{\\"message\\":\\"m\\"}"}', 'file').action).toEqual({
    kind: 'log',
    message: 'm',
  });
  expect(signalOfJson('', 'file').action).toMatchObject({ kind: 'invalid' });
});

test('the signal file is emptied once it was read, and need not be there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'signals-'));
  const path = join(folder, 'signals.txt');
  const channel = new FileSignals(path);
  expect(await channel.read()).toEqual([]);
  await writeFile(path, '{"type":"log","data":{"message":"a"}}\n\nbroken\n');
  expect((await channel.read()).map((signal) => signal.action.kind)).toEqual(['log', 'invalid']);
  expect(await readFile(path, 'utf8')).toBe('');
  expect(await channel.read()).toEqual([]);
  await rm(folder, { recursive: true });
});
