import { expect, test } from '@jest/globals';
import type { ReplayStatus } from '@millrace/runtime';
import { FakeWorker, run } from './cli-harness.ts';

const letter = {
  partition: 0,
  offset: 7,
  timestamp: '2026-01-31T12:00:00.000Z',
  record: { topic: 'orders', partition: 2, offset: 41 },
  key: { decoded: 'k' },
  value: { text: '{', problem: 'not JSON' },
  headers: [{ key: 'h', value: { decoded: 5 } }],
  error: {
    fingerprint: 'abc',
    connector: 'c',
    task: '0',
    stage: 'VALUE_CONVERTER',
    class: 'x.JsonConverter',
    exception: { class: 'x.DataException', message: 'bad record' },
    stacktrace: 'at somewhere',
  },
  attempts: 2,
  replayed: false,
  obstacle: null,
};
const running: ReplayStatus = {
  id: 'r1',
  connector: 'c',
  topic: 'dead',
  state: 'running',
  dry_run: false,
  selection: {},
  started_at: '2026-01-31T12:00:00.000Z',
  ended_at: null,
  scanned: 1,
  delivered: 1,
  dropped: 0,
  failed: 0,
  skipped: { replayed: 0, not_replayable: 0 },
  progress: [],
  problems: [],
  previews: [],
  error: null,
  remedy: null,
};

function open(last: Partial<ReplayStatus> = {}): Promise<FakeWorker> {
  return FakeWorker.open(({ method, path }) => {
    if (path === '/connectors/c/config')
      return [200, { 'errors.deadletterqueue.topic.name': 'dead' }];
    if (path.includes('/errors'))
      return method === 'DELETE'
        ? [204]
        : [
            200,
            {
              name: 'c',
              since: 'then',
              forgotten: 0,
              groups: [
                {
                  fingerprint: 'abc',
                  count: 3,
                  first_seen: 'a',
                  last_seen: 'b',
                  stage: 'TASK_PUT',
                  class: '',
                  outcome: 'dead-letter',
                  exception: { class: 'x', message: 'no column', causes: [] },
                  remedy: 'add the column',
                  sample: { task: 0, topic: 'orders', partition: 2, offset: 41 },
                },
              ],
            },
          ];
    if (method === 'POST') return [202, running];
    if (path.includes('/replay/')) return [200, { ...running, state: 'completed', ...last }];
    if (path.includes('/dead-letters/')) return [200, letter];
    return [200, { connector: 'c', topic: 'dead', letters: [letter], next: null }];
  });
}

test('dead letters of a connector are read by its converters, and chosen by kind', async () => {
  await using worker = await open();
  const listed = await run([
    'dead-letters',
    'list',
    'c',
    '--fingerprint',
    'abc',
    '--url',
    worker.url,
  ]);
  expect(listed.out).toMatch(/0:7 .*VALUE_CONVERTER +orders 2:41 +2 +abc +bad record/);
  expect(worker.asked.at(-1)?.path).toBe('/api/connectors/c/dead-letters?fingerprint=abc');
  await run(['dead-letters', 'list', 'c', '--url', worker.url]);
  expect(worker.asked.at(-1)?.path).toBe('/api/connectors/c/dead-letters?from=-20');
  const shown = await run(['dead-letters', 'show', 'c', '0:7', '--url', worker.url]);
  expect(shown.out).toMatch(/value +\{ \(not JSON\)/);
  expect(shown.out).toMatch(/header h +5/);
  expect(shown.out).toContain('at somewhere');
  expect(worker.asked.at(-1)?.path).toBe('/api/connectors/c/dead-letters/0/7');
});

test('a replay is asked for with its selection, and waited for', async () => {
  await using worker = await open({ delivered: 5 });
  const words = ['--from', '3', '--to', '9', '--limit', '5', '--stage', 'TASK_PUT', '--dry-run'];
  const { code, out } = await run(['dead-letters', 'replay', 'c', ...words, '--url', worker.url]);
  expect(code).toBe(0);
  expect(out).toMatch(/delivered +5/);
  expect(worker.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /api/connectors/c/dead-letters/replay',
    'GET /api/connectors/c/dead-letters/replay/r1',
  ]);
  expect(worker.asked[0]?.body).toEqual({
    dry_run: true,
    from: 3,
    to: 9,
    limit: 5,
    stage: 'TASK_PUT',
  });
});

test('a replay that failed is a failure of the command, with its remedy', async () => {
  await using worker = await open({ state: 'failed', error: 'target gone', remedy: 'start it' });
  const { code, out } = await run(['dead-letters', 'replay', 'c', '--url', worker.url]);
  expect(code).toBe(1);
  expect(out).toContain('target gone\nstart it');
});

test('errors are shown by kind with what mends them, and cleared when asked', async () => {
  await using worker = await open();
  const { out } = await run(['errors', 'c', '--url', worker.url]);
  expect(out).toMatch(/abc +3 +b +TASK_PUT +dead-letter +orders 2:41 +no column/);
  expect(out).toContain('abc: add the column');
  await run(['errors', 'c', '--clear', '--url', worker.url]);
  expect(worker.asked.at(-1)).toMatchObject({
    method: 'DELETE',
    path: '/api/connectors/c/errors',
  });
});
