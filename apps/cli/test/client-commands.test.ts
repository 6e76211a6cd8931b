import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FakeWorker, run } from './cli-harness.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-cli-'));
  file = join(folder, 'a.json');
  writeFileSync(file, '{"name":"a/b","config":{"connector.class":"X"},"initial_state":"STOPPED"}');
});
afterAll(() => rmSync(folder, { recursive: true }));

const STATUS = {
  name: 'a',
  type: 'source',
  connector: { state: 'RUNNING', worker_id: 'h:1' },
  tasks: [{ id: 0, state: 'FAILED', worker_id: 'h:1', trace: 'it broke' }],
};

test('connectors are listed with the states of their tasks, or as JSON', async () => {
  await using worker = await FakeWorker.open(() => [200, { a: { status: STATUS } }]);
  const text = await run(['connectors', '--url', `${worker.url}/`]);
  expect(text).toEqual({
    code: 0,
    out: 'NAME  TYPE    STATE    TASKS\na     source  RUNNING  FAILED',
    error: '',
  });
  const json = await run(['connectors', '--json', '--url', worker.url]);
  expect(JSON.parse(json.out)).toEqual({ a: { status: STATUS } });
  expect(worker.asked[0]?.path).toBe('/connectors?expand=status');
});

test('a status shows why a task has failed', async () => {
  await using worker = await FakeWorker.open(() => [200, STATUS]);
  expect((await run(['connectors', 'status', 'a', '--url', worker.url])).out).toContain('it broke');
});

test.each([
  ['delete', 'DELETE', '/connectors/a%2Fb'],
  ['pause', 'PUT', '/connectors/a%2Fb/pause'],
  ['resume', 'PUT', '/connectors/a%2Fb/resume'],
  ['stop', 'PUT', '/connectors/a%2Fb/stop'],
  ['restart', 'POST', '/connectors/a%2Fb/restart?includeTasks=true&onlyFailed=false'],
])('%s names its connector in the path', async (command, method, path) => {
  await using worker = await FakeWorker.open(() => [204]);
  expect((await run(['connectors', command, 'a/b', '--url', worker.url])).code).toBe(0);
  expect(worker.asked).toEqual([{ method, path, body: undefined }]);
});

test('create posts a file with its initial state, update puts its configuration if there is such a connector', async () => {
  await using worker = await FakeWorker.open(() => [201, {}]);
  expect((await run(['connectors', 'create', file, '--url', worker.url])).out).toBe('a/b: created');
  expect((await run(['connectors', 'update', file, '--url', worker.url])).out).toBe('a/b: updated');
  const config = { name: 'a/b', 'connector.class': 'X' };
  expect(worker.asked).toEqual([
    {
      method: 'POST',
      path: '/connectors',
      body: { name: 'a/b', config, initial_state: 'STOPPED' },
    },
    { method: 'GET', path: '/connectors/a%2Fb', body: undefined },
    { method: 'PUT', path: '/connectors/a%2Fb/config', body: config },
  ]);
});

test('a configuration is shown without its secrets', async () => {
  const config = {
    'connector.class': 'X',
    'own.key': 'hunter1',
    'database.password': 'hunter2',
    'other.password': '${env:PASSWORD}',
    'connection.url': 'jdbc:x://me:hunter3@host/db?password=hunter4',
  };
  const fields = [{ name: 'own.key', type: 'PASSWORD' }];
  await using worker = await FakeWorker.open(({ path }) =>
    path.startsWith('/connector-plugins') ? [200, fields] : [200, { name: 'a', config, tasks: [] }],
  );
  for (const flag of [[], ['--json']]) {
    const { out } = await run(['connectors', 'get', 'a', ...flag, '--url', worker.url]);
    expect(out).not.toContain('hunter');
    expect(out).toContain('${env:PASSWORD}');
  }
});

test('who misspells a connector is told its name', async () => {
  await using worker = await FakeWorker.open(({ path }) =>
    path === '/connectors' ? [200, ['orders', 'lines']] : [404, { message: 'Unknown connector' }],
  );
  const { code, error } = await run(['connectors', 'pause', 'ordesr', '--url', worker.url]);
  expect(code).toBe(1);
  expect(error).toContain('there is no connector "ordesr"');
  expect(error).toContain('did you mean "orders"');
});

test('a refusal is shown with its hint: 2 for a bad request, 1 otherwise; the other operands are tried', async () => {
  await using worker = await FakeWorker.open(({ path }) =>
    path.includes('bad')
      ? [400, { error_code: 400, message: 'no such thing' }]
      : [404, { error_code: 404, message: 'Unknown connector', hint: 'look again' }],
  );
  const missing = await run(['connectors', 'pause', 'x', 'y', '--url', worker.url]);
  expect(missing.code).toBe(1);
  expect(missing.error).toBe(
    'millrace: Unknown connector\n  hint: look again\nmillrace: Unknown connector\n  hint: look again',
  );
  expect((await run(['connectors', 'pause', 'bad', '--url', worker.url])).code).toBe(2);
});

test('without a worker the command says how to start one', async () => {
  const { code, error } = await run(['health', '--url', 'http://127.0.0.1:9']);
  expect(code).toBe(1);
  expect(error).toContain('millrace start');
});
