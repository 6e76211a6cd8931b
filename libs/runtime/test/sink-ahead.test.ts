import { expect, test } from '@jest/globals';
import type { ConverterPlugin } from '@millrace/connector-api';
import { deferred, MillraceError, type Deferred } from '@millrace/foundation';
import {
  collectorConfig,
  create,
  metric,
  range,
  taskState,
  TestBed,
  text,
  traceOfTask,
  until,
} from './harness.ts';

const GROUP = 'connect-c';
const first = { topic: 'numbers', partition: 0 };
const passing = new MillraceError({ code: 'sink.away', retry: 'retriable', message: 'not now' });

/** A text converter that tells what it has converted, and refuses "poison". */
class Noting {
  readonly converted: string[] = [];
  readonly plugin: ConverterPlugin = {
    kind: 'converter',
    name: 'noting',
    javaClasses: ['org.example.NotingConverter'],
    version: '1.0',
    fields: {},
    create: () => ({
      fromConnect: (_topic, _schema, value) => Buffer.from(String(value)),
      toConnect: (_topic, bytes) => {
        const value = text(bytes);
        if (value === 'poison') throw new Error('poisoned');
        this.converted.push(value);
        return { schema: null, value };
      },
    }),
  };
}

/** A sink whose first put waits for the gate, while batches of three are there. */
class AheadBed extends TestBed {
  readonly noting = new Noting();
  readonly gate: Deferred = deferred();
  readonly batches: unknown[][] = [];

  async start(
    values: readonly string[],
    settings: Readonly<Record<string, string>> = {},
  ): ReturnType<TestBed['open']> {
    this.collector.hooks.put ??= async (records) => {
      this.batches.push(records.map(({ value }) => value));
      if (this.batches.length === 1) await this.gate.promise;
      return [];
    };
    const worker = await this.open({}, [this.noting.plugin]);
    await this.log.appendText('numbers', values);
    await create(worker, 'c', {
      ...collectorConfig,
      'value.converter': 'noting',
      'consumer.override.max.poll.records': '3',
      ...settings,
    });
    return worker;
  }

  async untilCommitted(offset: number): Promise<void> {
    await until('committed', async () => (await this.log.committed(GROUP, 'numbers')) === offset);
  }
}

test('the next batch is converted while one is put, and no more than that', async () => {
  await using bed = new AheadBed();
  const worker = await bed.start(range(9));
  await until('converted ahead', () => bed.noting.converted.length === 6);
  expect(bed.batches).toEqual([range(3)]);
  expect(metric(worker, 'kafka_connect_sink_task_sink_record_read_total')).toBe(3);
  bed.gate.resolve();
  await bed.untilCommitted(9);
  expect(bed.batches).toEqual([range(3), range(3, 3), range(3, 6)]);
  expect(bed.noting.converted).toEqual(range(9));
});

test('a record that is poison fails the task only when it is its turn, after what came before it', async () => {
  await using bed = new AheadBed();
  const worker = await bed.start([...range(4), 'poison', '5']);
  await until('converted ahead', () => bed.noting.converted.length === 4);
  expect(taskState(worker, 'c')).toBe('RUNNING');
  bed.gate.resolve();
  await until('failed', () => taskState(worker, 'c') === 'FAILED');
  expect(bed.collector.values).toEqual(range(3));
  expect(traceOfTask(worker, 'c')).toContain('partition 0, offset 4');
});

test('with tolerance the poison alone is left out, in order', async () => {
  await using bed = new AheadBed();
  await bed.start([...range(4), 'poison', ...range(4, 4)], { 'errors.tolerance': 'all' });
  await until('converted ahead', () => bed.noting.converted.length === 4);
  bed.gate.resolve();
  await bed.untilCommitted(9);
  expect(bed.collector.values).toEqual(range(8));
});

test.each([
  [
    'the task rewinds',
    (bed: AheadBed): void => bed.collector.context?.seek({ ...first, offset: 1 }),
    [...range(3), ...range(8, 1)],
  ],
  [
    'the task pauses the partition for a while',
    (bed: AheadBed): void => {
      bed.collector.context?.pause([first]);
      bed.collector.hooks.flush = () => {
        bed.collector.context?.resume([first]);
        return Promise.resolve(undefined);
      };
      bed.collector.context?.requestCommit();
    },
    range(9),
  ],
  [
    'a flush fails and the partition is rewound',
    (bed: AheadBed): void => {
      bed.collector.hooks.flush = () => {
        bed.collector.hooks.flush = () => Promise.resolve(undefined);
        return Promise.reject(passing);
      };
      bed.collector.context?.requestCommit();
    },
    [...range(3), ...range(9)],
  ],
])('when %s, what was read ahead is read again in order', async (_, during, expected) => {
  await using bed = new AheadBed();
  await bed.start(range(9));
  await until('converted ahead', () => bed.noting.converted.length === 6);
  during(bed);
  bed.gate.resolve();
  await bed.untilCommitted(9);
  expect(bed.collector.values).toEqual(expected);
});

test('what was read ahead waits while the connector is paused, and is delivered once afterwards', async () => {
  await using bed = new AheadBed();
  const worker = await bed.start(range(9));
  await until('converted ahead', () => bed.noting.converted.length === 6);
  await worker.pauseConnector('c');
  bed.gate.resolve();
  await until('paused', () => taskState(worker, 'c') === 'PAUSED');
  const delivered = bed.collector.values.length;
  expect(await bed.log.committed(GROUP, 'numbers')).toBe(delivered);
  expect(delivered).toBeLessThan(9);
  await worker.resumeConnector('c');
  await bed.untilCommitted(9);
  expect(bed.collector.values).toEqual(range(9));
});

test('a batch that is put again goes before what was read ahead, and nothing is lost or doubled', async () => {
  await using bed = new AheadBed();
  let attempts = 0;
  bed.collector.hooks.put = async () => {
    if (++attempts > 1) return [];
    await until('converted ahead', () => bed.noting.converted.length === 6);
    throw passing;
  };
  await bed.start(range(9), { 'errors.retry.delay.max.ms': '20' });
  await bed.untilCommitted(9);
  expect(bed.collector.values).toEqual(range(9));
});

test('what was read ahead of a partition that is lost is not put', async () => {
  await using bed = new AheadBed();
  await bed.start(range(9));
  await until('converted ahead', () => bed.noting.converted.length === 6);
  await bed.log.expireMembers(GROUP);
  bed.gate.resolve();
  await bed.untilCommitted(9);
  const { values } = bed.collector;
  // Nothing was committed yet: all is delivered anew, from the first on.
  expect(values.slice(values.lastIndexOf('0'))).toEqual(range(9));
});
