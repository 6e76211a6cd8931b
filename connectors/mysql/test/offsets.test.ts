import { describe, expect, test } from '@jest/globals';
import { positionOf, snapshotOffset, streamOffset, type OffsetPosition } from '../src/position.ts';
import { isAtOrBefore } from '../src/schema/history.ts';
import { decodeProgress, encodeProgress } from '../src/snapshot/progress.ts';

const UUID = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const POSITION: OffsetPosition = {
  file: 'mysql-bin.000003',
  position: 4567,
  gtids: `${UUID}:1-23`,
  eventsToSkip: 2,
  rowsToSkip: 1,
  server: null,
};

describe('offsets have the form of Debezium', () => {
  test('an offset of Debezium is its position, and ours has its keys', () => {
    const theirs = {
      ts_sec: 1_785_000_000,
      file: 'mysql-bin.000003',
      pos: 4567,
      gtids: `${UUID}:1-23`,
      row: 1,
      server_id: 112_233,
      event: 2,
    };
    expect(positionOf(theirs)).toEqual({ kind: 'stream', position: POSITION });
    expect(streamOffset(POSITION, { serverId: 112_233, seconds: 1_785_000_000 })).toEqual(theirs);
  });

  test('a snapshot of Debezium that did not end is taken again, ours is gone on with', () => {
    expect(positionOf({ file: 'b.1', pos: 4, snapshot: 'INITIAL' })).toMatchObject({
      kind: 'snapshot-incomplete',
      progress: null,
    });
    expect(positionOf({ file: 'b.1', pos: 4, snapshot: true })).toMatchObject({
      kind: 'snapshot-incomplete',
    });
    const ours = snapshotOffset(POSITION, 1, '{"done":[],"at":{}}', false);
    expect(positionOf(ours)).toMatchObject({
      kind: 'snapshot-incomplete',
      progress: '{"done":[],"at":{}}',
    });
    expect(positionOf(snapshotOffset(POSITION, 1, null, true))).toMatchObject({ kind: 'stream' });
    expect(positionOf({ file: 'b.1', pos: 4, snapshot: 'INCREMENTAL' })).toMatchObject({
      kind: 'stream',
    });
  });

  test('nothing but literals comes out of a progress that somebody wrote', () => {
    const progress = {
      done: new Set(['a.b']),
      at: new Map([['a.c', ["'it''s'", '17', "x'0aff'"]]]),
    };
    expect(decodeProgress(encodeProgress(progress))).toEqual(progress);
    expect(decodeProgress('{"done":[],"at":{"a.c":["1 OR 1=1"]}}')).toBeUndefined();
    expect(decodeProgress(`{"done":[],"at":{"a.c":["'x' OR 'y'"]}}`)).toBeUndefined();
    expect(decodeProgress('nonsense')).toBeUndefined();
  });

  test('the history is read up to a position: by GTIDs, else by file and place', () => {
    const at = (more: Partial<OffsetPosition>): OffsetPosition => ({
      ...POSITION,
      gtids: null,
      eventsToSkip: 0,
      rowsToSkip: 0,
      ...more,
    });
    const mysql = { flavour: 'mysql' as const };
    expect(isAtOrBefore(at({ gtids: `${UUID}:1-20` }), POSITION, mysql)).toBe(true);
    expect(isAtOrBefore(at({ gtids: `${UUID}:1-24` }), POSITION, mysql)).toBe(false);
    expect(isAtOrBefore(at({ file: 'mysql-bin.000002' }), at({}), mysql)).toBe(true);
    expect(isAtOrBefore(at({ file: 'mysql-bin.000010' }), at({}), mysql)).toBe(false);
    expect(isAtOrBefore(at({ position: 4568 }), at({}), mysql)).toBe(false);
    expect(isAtOrBefore(at({ file: 'other.000099' }), at({}), mysql)).toBe(true);
  });
});
