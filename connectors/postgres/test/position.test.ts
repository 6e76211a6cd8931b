import { expect, test } from '@jest/globals';
import type { SourceOffset, SourceRecord } from '@millrace/record';
import { checkOffsets } from '../src/offset-check.ts';
import { formatLsn, parseLsn, positionOf, snapshotOffset, streamOffset } from '../src/position.ts';
import { Progress } from '../src/progress.ts';

const stream = (lsn: number, commitLsn: number, count = 1): SourceOffset =>
  streamOffset({
    lsn,
    countAtLsn: count,
    commitLsn,
    txId: 7,
    messageType: 'INSERT',
    commitMicros: 1,
  });

test('an offset gives back the position it was made of', () => {
  expect(positionOf(stream(120, 100, 3))).toMatchObject({
    kind: 'stream',
    position: { commitLsn: 100, partial: { txId: 7, lsn: 120, countAtLsn: 3 } },
  });
  // Transactions overlap: a change may lie before the commit of an earlier one.
  expect(positionOf(stream(80, 100))).toMatchObject({
    position: { commitLsn: 100, partial: { lsn: 80 } },
  });
});

test('a finished transaction leaves nothing to skip', () => {
  const offset = streamOffset({
    lsn: 130,
    countAtLsn: 0,
    commitLsn: 130,
    txId: 7,
    messageType: 'COMMIT',
    commitMicros: 1,
  });
  expect(positionOf(offset)).toMatchObject({
    kind: 'stream',
    position: { commitLsn: 130, partial: null },
  });
});

test('a snapshot counts only when it is complete', () => {
  expect(positionOf(undefined)).toEqual({ kind: 'none' });
  expect(
    positionOf(
      snapshotOffset({
        kind: 'INITIAL',
        lsn: 5,
        txId: 1,
        micros: 1,
        isLast: false,
        commitLsn: null,
      }),
    ),
  ).toMatchObject({
    kind: 'snapshot-incomplete',
    progress: null,
    position: { commitLsn: 5, partial: null },
  });
  expect(
    positionOf(
      snapshotOffset({
        kind: 'INITIAL',
        lsn: 5,
        txId: 1,
        micros: 1,
        isLast: true,
        commitLsn: null,
      }),
    ),
  ).toMatchObject({
    kind: 'stream',
    position: { commitLsn: 5, partial: null },
  });
});

test('offsets of Debezium are read, old and new ones, with large numbers', () => {
  expect(positionOf({ lsn: 10, snapshot: true, last_snapshot_record: false })).toMatchObject({
    kind: 'snapshot-incomplete',
    progress: null,
    position: { commitLsn: 10, partial: null },
  });
  expect(
    positionOf({
      lsn: 10,
      txId: 3,
      lsn_proc: 10,
      lsn_commit: 8n,
      messageType: 'INSERT',
      ts_usec: 1,
    }),
  ).toMatchObject({
    kind: 'stream',
    position: { commitLsn: 8, partial: { txId: 3, lsn: 10, countAtLsn: null } },
  });
  expect(positionOf({ lsn: 10, txId: 3, lsn_proc: 9 })).toMatchObject({
    position: { commitLsn: 9 },
  });
});

test('log positions are written as the server writes them', () => {
  expect(formatLsn(0x16_b374_d848)).toBe('16/B374D848');
  expect(parseLsn('16/B374D848')).toBe(0x16_b374_d848);
  expect(parseLsn('0/0')).toBe(0);
});

const record = (sourceOffset: SourceOffset): SourceRecord => ({
  topic: 't',
  partition: null,
  keySchema: null,
  key: null,
  valueSchema: null,
  value: null,
  timestampMs: null,
  headers: [],
  sourcePartition: {},
  sourceOffset,
});

test('the slot is confirmed up to the transaction before a durable offset, never beyond', () => {
  const progress = new Progress();
  progress.startAt(100);
  progress.emitted(record(stream(110, 100)));
  progress.passed(120); // the first transaction ends here
  progress.emitted(record(stream(130, 120)));
  progress.passed(140);
  expect(progress.confirmedLsn).toBe(100);
  progress.committed(stream(110, 100));
  expect(progress.confirmedLsn).toBe(100);
  expect(progress.isBehindServer).toBe(false);
  progress.committed(stream(130, 120));
  expect(progress.confirmedLsn).toBe(120);
  expect(progress.isBehindServer).toBe(true);
});

test('an idle stream has a position to store, a busy one has its records', () => {
  const progress = new Progress();
  progress.passed(50);
  expect(progress.isBehindServer).toBe(true);
  const idle = streamOffset({
    lsn: 50,
    countAtLsn: 0,
    commitLsn: 50,
    txId: null,
    messageType: 'COMMIT',
    commitMicros: 0,
  });
  progress.emitted(record(idle));
  expect(progress.isBehindServer).toBe(false);
  progress.committed(idle);
  expect(progress.confirmedLsn).toBe(50);
  expect(progress.isBehindServer).toBe(false);
});

test('rows of a snapshot hold the slot back until the last one is durable', () => {
  const progress = new Progress();
  const offset = (isLast: boolean): SourceOffset =>
    snapshotOffset({ kind: 'INITIAL', lsn: 50, txId: 1, micros: 1, isLast, commitLsn: null });
  progress.emitted(record(offset(true)));
  progress.passed(50);
  progress.passed(90);
  progress.committed(offset(false));
  expect(progress.confirmedLsn).toBe(0);
  progress.committed(offset(true));
  expect(progress.confirmedLsn).toBe(50);
});

test('offsets that a person sets must be a place in the stream, or null', () => {
  const partition = { server: 'shop' };
  checkOffsets([
    { partition, offset: { lsn: 5 } },
    { partition: {}, offset: null },
  ]);
  expect(() => checkOffsets([{ partition, offset: { lns: 5 } }])).toThrow('it holds lns');
  expect(() => checkOffsets([{ partition, offset: {} }])).toThrow('it holds nothing');
  expect(() => checkOffsets([{ partition: { file: 'a' }, offset: { lsn: 5 } }])).toThrow(
    '"server"',
  );
});
