import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { SinkTask } from '@millrace/connector-api';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { Decimal, logical, schemas, type Schema, type SinkRecord } from '@millrace/record';
import { fileSink } from '../src/index.ts';

const never = new AbortController().signal;
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-file-'));
  file = join(folder, 'out');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function start(config: Record<string, string> = {}): Promise<SinkTask> {
  const task = fileSink.createTask();
  await task.start(
    {
      connector: 'file-test',
      task: 3,
      config: { file, ...config },
      log: silentLogger,
      clock: systemClock,
      random: systemRandom,
      seek: () => undefined,
      requestCommit: () => undefined,
      assignment: () => [],
      pause: () => undefined,
      resume: () => undefined,
      report: () => Promise.resolve(),
    },
    never,
  );
  return task;
}

const record = (value: unknown, valueSchema: Schema | null = null): SinkRecord => ({
  topic: 't',
  partition: 0,
  keySchema: null,
  key: null,
  valueSchema,
  value,
  timestampMs: 0,
  headers: [],
  offset: 0,
  timestampType: 'create',
  originalTopic: 't',
  originalPartition: 0,
  originalOffset: 0,
  raw: { key: null, value: null, headers: [] },
});

test('text is written as it is and everything else as JSON, appended to what is there', async () => {
  writeFileSync(file, 'before\n');
  const task = await start();
  expect(await task.put([record('zwölf "12"'), record({ a: 1 }), record(null)], never)).toEqual([]);
  await task.flush?.([], never);
  await task.stop();
  expect(readFileSync(file, 'utf8')).toBe('before\nzwölf "12"\n{"a":1}\nnull\n');
});

test('JSON Lines hold what JsonConverter would write', async () => {
  const schema = schemas.struct({
    id: schemas.int64(),
    price: logical.decimal(2),
    ratio: schemas.float64(),
    day: logical.date(),
    raw: schemas.bytes(),
    note: schemas.string({ optional: true }),
  });
  const value = {
    id: 9007199254740993n,
    price: new Decimal(250n, 2),
    ratio: 5,
    day: new Date(20_000 * 86_400_000),
    raw: Buffer.from([1, 2]),
  };
  const task = await start({ format: 'jsonl' });
  const failures = await task.put(
    [record(value, schema), record('text'), record(new Date(0)), record({ n: 2n ** 60n })],
    never,
  );
  expect(failures.map(({ index, error }) => [index, error.code])).toEqual([
    [2, 'file.value_not_writable'],
  ]);
  await task.stop();
  expect(readFileSync(file, 'utf8').split('\n')).toEqual([
    '{"id":9007199254740993,"price":"APo=","ratio":5.0,"day":20000,"raw":"AQI=","note":null}',
    '"text"',
    '{"n":1152921504606846976}',
    '',
  ]);
});

test('a line torn by a crash is cut off before more is appended, and its piece is kept aside', async () => {
  writeFileSync(file, `whole\n${'torn'.repeat(50_000)}`);
  const task = await start();
  await task.put([record('again')], never);
  await task.stop();
  expect(readFileSync(file, 'utf8')).toBe('whole\nagain\n');
  expect(readFileSync(`${file}.torn`, 'utf8')).toBe(`${'torn'.repeat(50_000)}\n`);
});

test('a full disk is an error that passes, and leaves no part of a batch', async () => {
  const task = await start({ file: '/dev/full' });
  await expect(task.put([record('x'.repeat(10_000))], never)).rejects.toMatchObject({
    code: 'file.disk_full',
    retry: 'retriable',
  });
  await task.stop();
});

test('a folder that is missing is named with what to do', async () => {
  await expect(start({ file: join(folder, 'none', 'out') })).rejects.toMatchObject({
    code: 'file.not_accessible',
    retry: 'fatal',
    hint: 'create the folder first',
  });
});

test('after a rotation the next lines go to a new file', async () => {
  const task = await start();
  await task.put([record('a')], never);
  renameSync(file, `${file}.1`);
  await task.flush?.([], never);
  await task.put([record('b')], never);
  await task.stop();
  expect([readFileSync(`${file}.1`, 'utf8'), readFileSync(file, 'utf8')]).toEqual(['a\n', 'b\n']);
});

test('tasks never share a file', async () => {
  expect(await fileSink.taskConfigs({ file }, 4)).toHaveLength(1);
  expect(await fileSink.taskConfigs({ file: `${file}-\${task}` }, 4)).toHaveLength(4);
  const task = await start({ file: `${file}-\${task}` });
  await task.put([record('a')], never);
  await task.stop();
  expect(readFileSync(`${file}-3`, 'utf8')).toBe('a\n');
});
