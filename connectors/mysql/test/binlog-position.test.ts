import { describe, expect, test } from '@jest/globals';
import type { BinlogEvent, EventBase } from '../src/binlog/events/event.ts';
import { PositionTracker, type BinlogPosition } from '../src/binlog/position.ts';

/** Events as MariaDB sends them, each 100 bytes long. */
function transaction(gtid: string, at: number, rowEvents: number): readonly BinlogEvent[] {
  const events: BinlogEvent[] = [
    {
      ...base(at),
      kind: 'gtid',
      gtid,
      isStandalone: false,
      beginsTransaction: true,
      commitMicros: null,
    },
  ];
  for (let index = 1; index <= rowEvents; index++) events.push(rows(at + index * 100));
  events.push({ ...base(at + (rowEvents + 1) * 100), kind: 'xid', xid: 1n });
  return events;
}

function base(position: number): EventBase {
  return {
    type: 0,
    timestamp: 1,
    serverId: 1,
    flags: 0,
    isArtificial: false,
    file: 'binlog.2',
    position,
    nextPosition: position + 100,
  };
}

function rows(position: number): BinlogEvent {
  const none = Buffer.alloc(0);
  return {
    ...base(position),
    kind: 'rows',
    operation: 'insert',
    table: { database: 'd', table: 't', columns: [], full: null },
    buffer: none,
    start: 0,
    end: 0,
    columns: none,
    columnsAfter: none,
    isLastOfStatement: true,
  };
}

/** What is to be made of each event: its kind, and how many rows of it are skipped. */
function follow(tracker: PositionTracker, events: readonly BinlogEvent[]): readonly string[] {
  return events.map((event) => {
    const done = tracker.begin(event);
    tracker.end(event);
    return `${event.kind} ${done}`;
  });
}

const START: BinlogPosition = {
  file: 'binlog.1',
  position: 4,
  gtids: '0-1-10,1-1-20',
  eventsToSkip: 0,
  rowsToSkip: 0,
};

describe('positions', () => {
  test('within a transaction they name its begin, and what of it is done', () => {
    const tracker = new PositionTracker('mariadb', START);
    const [gtid, first, second, commit] = transaction('0-1-11', 500, 2);
    expect(tracker.positionAfter(0)).toMatchObject(START);
    follow(tracker, events(gtid, first));
    const within = {
      file: 'binlog.2',
      position: 500,
      gtids: '0-1-10,1-1-20',
      partialGtid: '0-1-11',
    };
    expect(tracker.positionAfter(0)).toEqual({ ...within, eventsToSkip: 2, rowsToSkip: 0 });
    expect(tracker.positionAfter(7)).toEqual({ ...within, eventsToSkip: 2, rowsToSkip: 7 });
    expect(tracker.isInTransaction).toBe(true);
    follow(tracker, events(second, commit));
    expect(tracker.positionAfter(0)).toEqual({
      file: 'binlog.2',
      position: 900,
      gtids: '0-1-11,1-1-20',
      eventsToSkip: 0,
      rowsToSkip: 0,
      partialGtid: null,
    });
  });

  test('what was done is skipped, once', () => {
    const tracker = new PositionTracker('mariadb', {
      ...START,
      eventsToSkip: 2,
      rowsToSkip: 3,
      partialGtid: '0-1-11',
    });
    const rotate: BinlogEvent = {
      ...base(0),
      isArtificial: true,
      kind: 'rotate',
      nextFile: 'binlog.2',
      firstPosition: 4,
    };
    const previous: BinlogEvent = { ...base(100), kind: 'previous-gtids', gtids: '' };
    follow(tracker, [rotate, previous]);
    expect(tracker.positionAfter(0)).toMatchObject({
      file: 'binlog.1',
      eventsToSkip: 2,
      rowsToSkip: 3,
    });
    expect(follow(tracker, transaction('0-1-11', 500, 3))).toEqual([
      'gtid all',
      'rows all',
      'rows 3',
      'rows 0',
      'xid 0',
    ]);
    expect(follow(tracker, transaction('0-1-12', 1000, 2))).toEqual([
      'gtid 0',
      'rows 0',
      'rows 0',
      'xid 0',
    ]);
  });

  test('a transaction that comes before the partial one after a fail-over is delivered, and the partial one is not forgotten', () => {
    const start = { ...START, eventsToSkip: 2, rowsToSkip: 0, partialGtid: '0-1-11' };
    const tracker = new PositionTracker('mariadb', start);
    const other = transaction('1-1-21', 500, 1);
    expect(follow(tracker, other.slice(0, 2))).toEqual(['gtid 0', 'rows 0']);
    expect(tracker.positionAfter(1)).toMatchObject({
      gtids: START.gtids,
      eventsToSkip: 2,
      partialGtid: '0-1-11',
    });
    expect(follow(tracker, other.slice(2))).toEqual(['xid 0']);
    expect(tracker.positionAfter(0)).toMatchObject({
      gtids: '0-1-10,1-1-21',
      eventsToSkip: 2,
      partialGtid: '0-1-11',
    });
    expect(follow(tracker, transaction('0-1-11', 900, 2))).toEqual([
      'gtid all',
      'rows all',
      'rows 0',
      'xid 0',
    ]);
    expect(tracker.positionAfter(0)).toMatchObject({
      gtids: '0-1-11,1-1-21',
      position: 1300,
      eventsToSkip: 0,
    });
  });

  test('a statement of its own is a transaction, and between its GTID and itself there is no place to begin', () => {
    const tracker = new PositionTracker('mariadb', START);
    const gtid: BinlogEvent = {
      ...base(500),
      kind: 'gtid',
      gtid: '0-1-11',
      isStandalone: true,
      beginsTransaction: false,
      commitMicros: null,
    };
    const query: BinlogEvent = {
      ...base(600),
      kind: 'query',
      database: 'd',
      query: 'CREATE TABLE x (a int)',
      threadId: 1,
      errorCode: 0,
    };
    follow(tracker, [gtid]);
    expect(tracker.positionAfter(0)).toMatchObject(START);
    follow(tracker, [query]);
    expect(tracker.positionAfter(0)).toMatchObject({ position: 700, gtids: '0-1-11,1-1-20' });
    expect(tracker.isInTransaction).toBe(false);
  });
});

function events(...list: readonly (BinlogEvent | undefined)[]): readonly BinlogEvent[] {
  return list.flatMap((event) => event ?? []);
}
