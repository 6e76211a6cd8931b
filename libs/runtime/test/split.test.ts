import { expect, test } from '@jest/globals';
import { defineFields } from '@millrace/config';
import type { TransformPlugin } from '@millrace/connector-api';
import type { ConnectRecord } from '@millrace/record';
import {
  collectorConfig,
  create,
  numbersConfig,
  range,
  taskState,
  TestBed,
  until,
} from './harness.ts';

/** Every number three times; the second of 7 can't be converted. */
const triple: TransformPlugin = {
  kind: 'transform',
  name: 'triple',
  javaClasses: [],
  version: '1.0',
  fields: defineFields({}),
  create: () =>
    Promise.resolve({
      apply: (record) => record,
      split: <R extends ConnectRecord>(record: R): readonly R[] =>
        ['a', 'b', 'c'].map((letter) => ({
          ...record,
          value:
            letter === 'b' && record.value === '7'
              ? Symbol('no')
              : `${String(record.value)}${letter}`,
        })),
    }),
};
/** Drops what ends in c. */
const noC: TransformPlugin = {
  ...triple,
  name: 'no-c',
  create: () => ({ apply: (record) => (String(record.value).endsWith('c') ? null : record) }),
};
const splitting = {
  transforms: 't,n',
  'transforms.t.type': 'triple',
  'transforms.n.type': 'no-c',
};
const twice = (numbers: readonly string[]): readonly string[] =>
  numbers.flatMap((n) => [`${n}a`, `${n}b`]);

test('a source delivers all parts of a split record, through the steps behind', async () => {
  await using bed = new TestBed();
  const worker = await bed.open({}, [triple, noC]);
  bed.numbers.available = 5;
  await create(worker, 'n', { ...numbersConfig, ...splitting });
  await until('committed', () => bed.numbers.committed.at(-1) === 5);
  expect(await bed.log.values('numbers')).toEqual(twice(range(5)));
});

test('a position stays behind a record of which one part is not acknowledged', async () => {
  await using bed = new TestBed();
  bed.numbers.batchMax = 1;
  bed.log.faults.holdAcks = ({ topic, value }) =>
    topic === 'numbers' && Buffer.from(value ?? []).toString() === '3b';
  const worker = await bed.open({}, [triple, noC]);
  bed.numbers.available = 8;
  await create(worker, 'n', { ...numbersConfig, ...splitting, 'errors.tolerance': 'all' });
  await until('the prefix is committed', () => bed.numbers.committed.at(-1) === 3);
  bed.log.faults.holdAcks = undefined;
  bed.log.releaseAcks();
  // Of 7 no part is delivered, since one part of it can't be.
  await until('the rest is committed', () => bed.numbers.committed.at(-1) === 8);
  expect(await bed.log.values('numbers')).toEqual(twice(range(7)));
});

test('a sink is given all parts in order, and commits behind the whole record', async () => {
  await using bed = new TestBed();
  const worker = await bed.open({}, [triple, noC]);
  await bed.log.appendText('numbers', range(20));
  await create(worker, 'c', { ...collectorConfig, ...splitting });
  await until('committed', async () => (await bed.log.committed('connect-c', 'numbers')) === 20);
  expect(bed.collector.values.map(String).filter((value) => !value.startsWith('Symbol'))).toEqual(
    twice(range(20)).filter((value) => value !== '7b'),
  );
  expect(taskState(worker, 'c')).toBe('RUNNING');
});
