import { copyFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { until } from '../built-cli.ts';
import { PluginFolder } from '../plugin-folder.ts';
import { RunningWorker } from '../running-worker.ts';

/** Tasks in threads, of a connector that misbehaves as badly as a task can. */
const folder = new PluginFolder();
let worker: RunningWorker;

const impatient = { 'tasks.isolation.blocked.timeout.ms': '1500' };

interface Status {
  readonly tasks: readonly { readonly state: string; readonly trace?: string }[];
}
interface Offsets {
  readonly offsets: readonly { readonly offset: { readonly n: number } }[];
}

beforeAll(async () => {
  const plugin = folder.add('plugins/moody', {}, {});
  copyFileSync(join(import.meta.dirname, 'moody.js'), join(plugin, 'index.js'));
  worker = await RunningWorker.start(folder.path, {
    'plugin.path': join(folder.path, 'plugins'),
    'tasks.isolation.memory.max.mb': '64',
    'task.shutdown.graceful.timeout.ms': '1000',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  });
}, 60_000);

afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

function configOf(name: string, own: Readonly<Record<string, string>>): Record<string, string> {
  return { 'connector.class': 'moody', topic: name, 'tasks.isolation': 'thread', ...own };
}

async function create(name: string, own: Readonly<Record<string, string>>): Promise<void> {
  await worker.ask('POST', '/connectors', { name, config: configOf(name, own) });
}

async function task(name: string): Promise<Status['tasks'][number] | undefined> {
  const { tasks } = (await worker.ask('GET', `/connectors/${name}/status`)) as Status;
  return tasks[0];
}

async function reached(name: string, state: string | undefined): Promise<void> {
  await until(async () => (await task(name))?.state === state || undefined);
}

async function committed(name: string, n: number): Promise<void> {
  await until(async () => {
    const { offsets } = (await worker.ask('GET', `/connectors/${name}/offsets`)) as Offsets;
    return offsets[0]?.offset.n === n || undefined;
  });
}

async function count(metric: string, connector: string): Promise<{ readonly samples: number }> {
  const line = new RegExp(`${metric}(?:_total)?\\{[^}]*connector="${connector}"[^}]*\\} (\\d+)`);
  return { samples: Number(line.exec(await metrics())?.[1] ?? 0) };
}

async function metrics(): Promise<string> {
  return (await fetch(`${worker.url}/metrics`)).text();
}

test('a task in a thread delivers, commits, shows its figures, pauses, and goes on behind its offset', async () => {
  await create('good', { mood: 'good', count: '500' });
  await committed('good', 500);
  await reached('good', 'RUNNING');
  await until(
    async () =>
      /source_record_write_total\{[^}]*connector="good"[^}]*\} 500/.test(await metrics()) ||
      undefined,
  );
  expect(await worker.ask('GET', '/connectors/good/topics')).toEqual({
    good: { topics: ['good'] },
  });
  await worker.ask('PUT', '/connectors/good/pause');
  await reached('good', 'PAUSED');
  await worker.ask('PUT', '/connectors/good/resume');
  await reached('good', 'RUNNING');
  await worker.ask('PUT', '/connectors/good/stop');
  await reached('good', undefined);
  await worker.ask(
    'PUT',
    '/connectors/good/config',
    configOf('good', { mood: 'good', count: '700' }),
  );
  await worker.ask('PUT', '/connectors/good/resume');
  await committed('good', 700);
  await until(
    async () =>
      /source_record_write_total\{[^}]*connector="good"[^}]*\} 200/.test(await metrics()) ||
      undefined,
  );
}, 60_000);

test.each([
  ['blocks the loop', 'loop', /has blocked its thread for \d+ ms/],
  ['fills its memory', 'memory', /more than the 64 MiB of heap/],
  ['throws where nobody catches', 'throw', /the thread of the task has died: thrown from a timer/],
  ['ends the process', 'exit', /the thread of the task has died: process\.exit\(7\)/],
])(
  'a task that %s fails alone and says why',
  async (_what, mood, message) => {
    await create(mood, { mood, count: '50', ...(mood === 'loop' ? impatient : {}) });
    await create(`beside-${mood}`, { mood: 'good', count: '2000', 'tasks.isolation': 'none' });
    await reached(mood, 'FAILED');
    expect((await task(mood))?.trace).toMatch(message);
    await committed(`beside-${mood}`, 2000);
    await reached(`beside-${mood}`, 'RUNNING');
    await worker.ask('DELETE', `/connectors/${mood}`);
    await worker.ask('DELETE', `/connectors/beside-${mood}`);
  },
  90_000,
);

test('a task that blocks can be deleted, and does not keep the worker from its end', async () => {
  await create('stuck', { mood: 'loop', count: '0' });
  await reached('stuck', 'RUNNING');
  await worker.ask('DELETE', '/connectors/stuck');
  await until(async () => {
    const names = (await worker.ask('GET', '/connectors')) as readonly string[];
    return !names.includes('stuck') || undefined;
  });
}, 60_000);

test('what a connector throws keeps its message and its cause on the way', async () => {
  await create('fails', { mood: 'fail', count: '10', 'task.restart.attempts.max': '0' });
  await reached('fails', 'FAILED');
  const { trace } = (await task('fails')) ?? {};
  expect(trace).toMatch(/TASK_POLL failed: no mood for it/);
  expect(trace).toMatch(/Caused by: TypeError: the deeper reason/);
  await worker.ask('DELETE', '/connectors/fails');
}, 60_000);

test('a sink in a thread', async () => {
  const out = join(folder.path, 'out.txt');
  await worker.ask('POST', '/connectors', {
    name: 'out',
    config: {
      'connector.class': 'FileStreamSink',
      topics: 'good',
      file: out,
      'tasks.isolation': 'thread',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    },
  });
  await until(async () => {
    const text = await readFile(out, 'utf8').catch(() => '');
    return text.split('\n').length === 701 || undefined;
  });
}, 60_000);

test('a sink whose thread was ended has left its group, which need not wait for its session', async () => {
  await worker.ask('POST', '/connectors', {
    name: 'stays',
    config: {
      'connector.class': 'moody-sink',
      topics: 'good',
      'tasks.isolation': 'thread',
      'task.restart.attempts.max': '0',
      ...impatient,
    },
  });
  await reached('stays', 'FAILED');
  await worker.ask('PUT', '/connectors/stays/stop');
  await reached('stays', undefined);
  // Refused while the group has members.
  expect(await worker.ask('DELETE', '/connectors/stays/offsets')).toMatchObject({
    message: expect.stringContaining('reset successfully'),
  });
}, 40_000);

test('dead letters are replayed through a sink in its thread', async () => {
  const out = join(folder.path, 'replayed.txt');
  const config = {
    'connector.class': 'FileStreamSink',
    topics: 'good',
    file: out,
    'tasks.isolation': 'thread',
    'value.converter': 'org.apache.kafka.connect.converters.IntegerConverter',
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': 'dead',
    'errors.deadletterqueue.context.headers.enable': 'true',
  };
  await worker.ask('PUT', '/connectors/replays/config', config);
  await until(async () => {
    const { samples } = await count('deadletterqueue_produce_requests', 'replays');
    return samples === 700 || undefined;
  });
  await worker.ask('PUT', '/connectors/replays/config', {
    ...config,
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  });
  // Refused as long as the task with the new configuration has not come up.
  const replay = '/api/connectors/replays/dead-letters/replay';
  await until(async () => {
    const started = await worker.ask('POST', replay, { limit: 5 }).catch(() => undefined);
    if (started === undefined) return undefined;
    const { id } = started as { readonly id: string };
    const outcome = await until(async () => {
      const seen = (await worker.ask('GET', `${replay}/${id}`)) as { readonly state: string };
      return seen.state === 'running' ? undefined : seen;
    });
    return outcome.state === 'failed' ? undefined : outcome;
  });
  expect(await readFile(out, 'utf8')).toBe('value 0\nvalue 1\nvalue 2\nvalue 3\nvalue 4\n');
}, 60_000);

test('the worker ends with its threads', async () => {
  expect(await worker.stop()).toBe(0);
}, 60_000);
