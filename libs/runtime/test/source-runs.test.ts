import { expect, test } from '@jest/globals';
import { defineFields } from '@millrace/config';
import type { SourceConnector } from '@millrace/connector-api';
import { systemClock } from '@millrace/foundation';
import { schemas, type RecordTarget, type SourceRecord } from '@millrace/record';
import { create, taskState, TestBed, until } from './harness.ts';

const TOPIC = 'runs';

/** Hands out all its values at once, as a run that is written in place; those in `odd` only by themselves. */
function runsOf(
  values: readonly string[],
  odd: ReadonlySet<string>,
  polled: boolean[],
): SourceConnector {
  const single = (index: number): SourceRecord => ({
    topic: TOPIC,
    partition: null,
    keySchema: schemas.string(),
    key: values[index],
    valueSchema: schemas.string(),
    // What is odd to the letter has no way into the log at all.
    value: values[index] === 'bad' ? Symbol('bad') : values[index],
    timestampMs: null,
    headers: [],
    sourcePartition: { source: 'runs' },
    sourceOffset: { n: values.length },
  });
  const json = (index: number): Buffer => Buffer.from(JSON.stringify(values[index]));
  const write = (target: RecordTarget, from: number): number => {
    let index = from;
    for (; index < values.length && !odd.has(values[index] ?? ''); index++) {
      const text = json(index);
      if (target.position + text.length * 2 > target.end) break;
      const end = target.position + text.length;
      text.copy(target.bytes, target.position);
      text.copy(target.bytes, end);
      target.add(end, end + text.length);
    }
    return index - from;
  };
  const run = {
    count: values.length,
    record: single,
    inPlace: { hasKeys: true, valueEnd: Buffer.alloc(0), bytes: 1_000, write },
    render: (from: number) => {
      const to = values.findIndex((value, index) => index >= from && odd.has(value));
      const slice = values.slice(from, to < 0 ? values.length : to).map((_, at) => json(from + at));
      const at: number[] = [];
      let position = 0;
      for (const { length } of slice) {
        at.push(position, position + length, position, position + length);
        position += length;
      }
      return {
        count: slice.length,
        bytes: Buffer.concat(slice),
        at: Int32Array.from(at),
        hasKeys: true,
        valueEnd: Buffer.alloc(0),
      };
    },
  };
  return {
    kind: 'source',
    name: 'runs',
    javaClasses: ['org.example.RunsConnector'],
    version: '1.0',
    fields: defineFields({}),
    taskConfigs: (config) => Promise.resolve([config]),
    createTask: () => ({
      start: (context) => {
        polled.push(context.takesRuns === true);
        return Promise.resolve();
      },
      poll: async (signal) => {
        if (polled.length > 1) await systemClock.sleep(60_000, signal);
        polled.push(true);
        return [{ ...single(0), run }];
      },
      stop: () => Promise.resolve(),
    }),
  };
}

const config = (settings: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
  'connector.class': 'runs',
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'key.converter.schemas.enable': 'false',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
  ...settings,
});

test.each(['1', '3'])(
  'records of a run that have no short way go by themselves, in their places: %s partitions',
  async (partitions) => {
    await using bed = new TestBed();
    const values = ['a', 'b', 'odd', 'c', 'bad', 'odd2', 'd'];
    const polled: boolean[] = [];
    const plugin = runsOf(values, new Set(['odd', 'bad', 'odd2']), polled);
    const worker = await bed.open({}, [plugin]);
    await create(
      worker,
      'r',
      config({
        'errors.tolerance': 'all',
        'topic.creation.default.partitions': partitions,
        'topic.creation.default.replication.factor': '1',
      }),
    );
    const good = values.filter((value) => value !== 'bad').map((value) => JSON.stringify(value));
    await until('written', async () => (await bed.log.values(TOPIC)).length === good.length);
    expect(polled[0]).toBe(true);
    const written = await bed.log.values(TOPIC);
    if (partitions === '1') expect(written).toEqual(good);
    else expect([...written].sort()).toEqual([...good].sort());
  },
);

test('a record of a run that can not be converted fails the task where nothing is tolerated', async () => {
  await using bed = new TestBed();
  const worker = await bed.open({}, [runsOf(['a', 'bad', 'b'], new Set(['bad']), [])]);
  await create(worker, 'r', config({}));
  await until('failed', () => taskState(worker, 'r') === 'FAILED');
  expect(await bed.log.values(TOPIC)).not.toContain('"b"');
});
