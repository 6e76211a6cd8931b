import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MillraceError, systemClock } from '@millrace/foundation';
import type { SinkRecord } from '@millrace/record';
import type { ReplayStatus } from '../src/dead-letters/replay-status.ts';
import type { Worker } from '../src/worker.ts';
import { BrokerBed } from './broker-bed.ts';
import { collectorConfig, create, numbersConfig, taskState, text, until } from './harness.ts';

const dead = {
  'errors.tolerance': 'all',
  'errors.deadletterqueue.topic.name': 'dead',
  'errors.deadletterqueue.context.headers.enable': 'true',
};
const json = {
  ...collectorConfig,
  ...dead,
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
};
const refusal = new MillraceError({
  code: 'sink.refused',
  retry: 'fatal',
  message: 'no such column',
  hint: 'add the column',
});

async function produce(bed: BrokerBed, values: readonly (string | null)[]): Promise<void> {
  await using producer = bed.client.producer({});
  const { delivered } = await producer.send(
    values.map((value, index) => ({
      topic: 'numbers',
      partition: 0,
      key: Buffer.from(`k${index}`),
      value: value === null ? null : Buffer.from(value),
      timestampMs: 1000 + index,
      headers: [{ key: 'own', value: Buffer.from(`h${index}`) }],
    })),
  );
  expect((await delivered).failures).toEqual([]);
}

/** Refuses records whose value is listed. */
function refuse(bed: BrokerBed, values: readonly unknown[]): void {
  bed.collector.hooks.put = (records: readonly SinkRecord[]) =>
    Promise.resolve(
      records.flatMap(({ value }, index) =>
        values.includes(value) ? [{ index, error: refusal }] : [],
      ),
    );
}

async function finished(worker: Worker, name: string, status: ReplayStatus): Promise<ReplayStatus> {
  await until('over', () => worker.errors.replay(name, status.id).state !== 'running');
  return worker.errors.replay(name, status.id);
}

async function letterCount(bed: BrokerBed): Promise<number> {
  return (await bed.records('dead', 'read_committed')).length;
}

async function untilLetters(bed: BrokerBed, count: number): Promise<void> {
  const startedMs = systemClock.monotonicMs();
  while ((await letterCount(bed)) < count) {
    if (systemClock.monotonicMs() - startedMs > 60_000) throw new Error(`not ${count} letters`);
    await systemClock.sleep(20);
  }
}

test('dead letters of a sink are listed decoded, by kind, page by page', async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await bed.openWorker();
  refuse(bed, [2, 4]);
  await produce(bed, ['0', 'poison', '2', '3', '4', '{']);
  await create(worker, 'c', json);
  await untilLetters(bed, 4);
  const page = await worker.errors.deadLetters('c', {});
  expect(page).toMatchObject({ connector: 'c', topic: 'dead', next: null });
  const [, refused] = page.letters.filter(({ error }) => error?.stage === 'TASK_PUT');
  expect(refused).toMatchObject({
    partition: 0,
    timestamp: '1970-01-01T00:00:01.004Z',
    record: { topic: 'numbers', partition: 0, offset: 4 },
    key: { decoded: 'k4' },
    value: { decoded: 4 },
    headers: [{ key: 'own', value: { decoded: 'h4' } }],
    error: {
      connector: 'c',
      task: '0',
      stage: 'TASK_PUT',
      class: 'org.apache.kafka.connect.sink.SinkTask',
      exception: {
        class: 'org.apache.kafka.connect.errors.ConnectException',
        message: 'no such column',
      },
    },
    attempts: 0,
    replayed: false,
    obstacle: null,
  });
  const poison = page.letters.find(({ value }) => value !== null && 'text' in value);
  expect(poison?.value).toMatchObject({ text: 'poison' });
  // The fingerprint is the one of the group of errors.
  const group = worker.errors.errorsOf('c').groups.find(({ stage }) => stage === 'TASK_PUT');
  expect(group).toMatchObject({ count: 2, outcome: 'dead-letter', remedy: 'add the column' });
  expect(refused?.error?.fingerprint).toBe(group?.fingerprint);
  const ofKind = await worker.errors.deadLetters('c', { fingerprint: group?.fingerprint });
  expect(ofKind.letters.map(({ value }) => value)).toEqual([{ decoded: 2 }, { decoded: 4 }]);
  expect((await worker.errors.deadLetters('c', { since: 1004 })).letters).toHaveLength(2);
  // Pages.
  const first = await worker.errors.deadLetters('c', { limit: 3 });
  const second = await worker.errors.deadLetters('c', { limit: 3, cursor: first.next ?? '' });
  expect([...first.letters, ...second.letters].map(({ offset }) => offset)).toEqual([0, 1, 2, 3]);
  expect(second.next).toBeNull();
  const last = await worker.errors.deadLetters('c', { from: -1 });
  expect(last.letters.map(({ offset }) => offset)).toEqual([3]);
  const shown = await worker.errors.deadLetter('c', 0, 3);
  expect(shown.error?.stacktrace).toContain('hint: add the column');
  await expect(worker.errors.deadLetter('c', 0, 99)).rejects.toThrow('There is no dead letter');
});

test('a replay goes in order through the current transforms and the running sink, once', async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await bed.openWorker();
  const wrong = ['1', '3', '5'].map(Number);
  refuse(bed, wrong);
  await produce(bed, ['0', '1', '2', '3', '4', '5']);
  await create(worker, 'c', json);
  await untilLetters(bed, 3);
  bed.collector.hooks = {};
  const dry = await worker.errors.replayDeadLetters('c', { dry_run: true });
  expect(dry).toMatchObject({ state: 'completed', dry_run: true, delivered: 3, failed: 0 });
  expect(dry.previews[0]).toEqual({
    letter: { partition: 0, offset: 0 },
    topic: 'numbers',
    key: 'k1',
    value: 1,
  });
  expect(bed.collector.records).toHaveLength(3);

  const one = await worker.errors.replayDeadLetters('c', { limit: 1 });
  expect(await finished(worker, 'c', one)).toMatchObject({
    state: 'completed',
    delivered: 1,
    error: null,
  });
  const rest = await worker.errors.replayDeadLetters('c', {});
  expect(await finished(worker, 'c', rest)).toMatchObject({
    state: 'completed',
    delivered: 2,
    failed: 0,
    skipped: { replayed: 1 },
  });
  const replayed = bed.collector.records.slice(3);
  expect(replayed.map(({ value }) => value)).toEqual(wrong);
  expect(replayed[1]).toMatchObject({
    topic: 'numbers',
    partition: 0,
    offset: 3,
    timestampMs: 1003,
    key: 'k3',
    headers: [{ key: 'own', value: 'h3' }],
  });
  expect(bed.collector.flushes.length).toBeGreaterThan(0);
  const again = await worker.errors.replayDeadLetters('c', {});
  expect(await finished(worker, 'c', again)).toMatchObject({
    delivered: 0,
    skipped: { replayed: 3 },
  });
  // Nothing of it shows in the connector's own offsets, and the live records go on.
  await produce(bed, ['6']);
  await until('live', () => bed.collector.records.at(-1)?.value === 6);
  expect((await worker.errors.deadLetters('c', {})).letters.every(({ replayed: is }) => is)).toBe(
    true,
  );
  expect(worker.errors.replays('c')).toHaveLength(4);
  // A new worker knows too.
  await worker[Symbol.asyncDispose]();
  const next = await bed.openWorker();
  await until('running', () => taskState(next, 'c') === 'RUNNING');
  const later = await next.errors.replayDeadLetters('c', {});
  expect(await finished(next, 'c', later)).toMatchObject({
    delivered: 0,
    skipped: { replayed: 3 },
  });
});

test('what fails in a replay is a dead letter again, with its attempts, and not tried in the same run', async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await bed.openWorker();
  refuse(bed, [1, 3]);
  await produce(bed, ['0', '1', '2', '3', 'poison']);
  await create(worker, 'c', json);
  await untilLetters(bed, 3);
  refuse(bed, [3]);
  for (const attempts of [1, 2]) {
    const status = await worker.errors.replayDeadLetters('c', {});
    const done = await finished(worker, 'c', status);
    expect(done).toMatchObject({
      state: 'completed',
      delivered: attempts === 1 ? 1 : 0,
      failed: 2,
    });
    expect(done.problems.map(({ stage }) => stage).sort()).toEqual(['TASK_PUT', 'VALUE_CONVERTER']);
    await untilLetters(bed, 3 + attempts * 2);
    const { letters } = await worker.errors.deadLetters('c', {});
    const open = letters.filter(({ replayed }) => !replayed);
    expect(open).toHaveLength(2);
    for (const letter of open) expect(letter).toMatchObject({ attempts });
    expect(open.map(({ record }) => record?.['offset']).sort()).toEqual([3, 4]);
    expect(open.map(({ headers }) => headers.length)).toEqual([1, 1]);
  }
  expect(bed.collector.records.map(({ value }) => value)).toEqual([0, 2, 1]);
});

test('a sink that throws for a whole batch is told letter by letter which one it is', async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await bed.openWorker();
  refuse(bed, [1, 2, 3]);
  await produce(bed, ['1', '2', '3']);
  await create(worker, 'c', json);
  await untilLetters(bed, 3);
  bed.collector.hooks.put = (records) =>
    records.some(({ value }) => value === 2) ? Promise.reject(refusal) : Promise.resolve([]);
  const status = await worker.errors.replayDeadLetters('c', {});
  expect(await finished(worker, 'c', status)).toMatchObject({ delivered: 2, failed: 1 });
  expect(bed.collector.records.map(({ value }) => value)).toEqual([1, 3]);
  expect(taskState(worker, 'c')).toBe('RUNNING');
});

test('a replay that its task does not survive repeats nothing that it had done', async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await bed.openWorker();
  const values = Array.from({ length: 250 }, (_, index) => index);
  refuse(bed, values);
  await produce(bed, values.map(String));
  await create(worker, 'c', { ...json, 'task.restart.attempts.max': '0' });
  await untilLetters(bed, 250);
  let puts = 0;
  bed.collector.hooks.put = (records, signal) => {
    if (records.length === 0 || ++puts < 3) return Promise.resolve([]);
    return new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new Error('aborted'))),
    );
  };
  const status = await worker.errors.replayDeadLetters('c', {});
  await until('third batch', () => puts === 3);
  await expect(worker.errors.replayDeadLetters('c', {})).rejects.toThrow('is running');
  await worker.restartTask('c', 0);
  expect(await finished(worker, 'c', status)).toMatchObject({ state: 'failed', delivered: 200 });
  await worker.settled('c');
  await until('running', () => taskState(worker, 'c') === 'RUNNING');
  bed.collector.hooks = {};
  const next = await worker.errors.replayDeadLetters('c', {});
  expect(await finished(worker, 'c', next)).toMatchObject({
    state: 'completed',
    delivered: 50,
    skipped: { replayed: 200 },
  });
  expect(bed.collector.records.map(({ value }) => value)).toEqual(values);
});

test('without a running task a sink replays nothing, and says what to do; a deletion ends a replay', async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await bed.openWorker();
  refuse(bed, [1]);
  await produce(bed, ['1']);
  await create(worker, 'c', json);
  await untilLetters(bed, 1);
  await worker.pauseConnector('c');
  await until('paused', () => taskState(worker, 'c') === 'PAUSED');
  await expect(worker.errors.replayDeadLetters('c', {})).rejects.toThrow('no task of c is running');
  await worker.resumeConnector('c');
  await until('running', () => taskState(worker, 'c') === 'RUNNING');
  bed.collector.hooks.put = () => new Promise(() => undefined);
  await worker.errors.replayDeadLetters('c', {});
  await worker.deleteConnector('c');
  await worker.settled('c');
  expect(() => worker.errors.errorsOf('c')).toThrow('not found');
  const plain = { ...collectorConfig };
  await create(worker, 'd', plain);
  await expect(worker.errors.replayDeadLetters('d', {})).rejects.toThrow('sets no records aside');
});

test("a source's records enter its transforms again and go to their topic, exactly once", async () => {
  await using bed = await BrokerBed.open('in-process');
  let isBroken = true;
  const broken = {
    kind: 'transform',
    name: 'breakable',
    javaClasses: ['org.example.Breakable'],
    version: '1',
    fields: {},
    create: () => ({
      apply: <R extends { readonly topic: string; readonly value: unknown }>(record: R): R => {
        if (isBroken && record.value === '2') throw new Error('cannot do 2');
        return { ...record, topic: 'routed' };
      },
    }),
  } as const;
  const worker = await bed.openWorker({}, [broken]);
  bed.numbers.available = 4;
  bed.numbers.hooks.value = (n) => (n === 3 ? Symbol('bad') : String(n));
  await create(worker, 'n', {
    ...numbersConfig,
    ...dead,
    transforms: 't',
    'transforms.t.type': 'breakable',
  });
  await untilLetters(bed, 2);
  await until('committed', () => bed.numbers.committed.at(-1) === 4);
  const page = await worker.errors.deadLetters('n', {});
  expect(page.letters[0]).toMatchObject({
    record: { topic: 'numbers', source_partition: { source: 'a' }, source_offset: { n: 3 } },
    value: { decoded: '2' },
    obstacle: null,
  });
  expect(page.letters[1]?.obstacle).toContain('no form that can be read back');
  isBroken = false;
  const dry = await worker.errors.replayDeadLetters('n', { dry_run: true });
  expect(dry).toMatchObject({ delivered: 1, skipped: { not_replayable: 1 } });
  expect(dry.previews).toEqual([
    { letter: { partition: 0, offset: 0 }, topic: 'routed', key: null, value: '2' },
  ]);
  await worker.stopConnector('n');
  for (const delivered of [1, 0]) {
    const status = await worker.errors.replayDeadLetters('n', {});
    expect(await finished(worker, 'n', status)).toMatchObject({ state: 'completed', delivered });
  }
  const routed = await bed.records('routed', 'read_committed');
  expect(routed.map(({ value }) => text(value))).toEqual(['0', '1', '2']);
  expect(await worker.connectorOffsets('n')).toEqual({
    offsets: [{ partition: { source: 'a' }, offset: { n: 4 } }],
  });
});

let rejections: unknown[] = [];
const note = (reason: unknown): void => {
  rejections.push(reason);
};
beforeAll(() => {
  rejections = [];
  process.on('unhandledRejection', note);
});
afterAll(() => {
  process.off('unhandledRejection', note);
  expect(rejections).toEqual([]);
});
