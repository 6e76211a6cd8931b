import { expect, test } from '@jest/globals';
import { FetchSession, type FetchTarget } from '../src/fetch-session.ts';

function targets(
  count: number,
  offsets: Readonly<Record<number, number>> = {},
  topicId: string | undefined = 'first',
): FetchTarget[] {
  return Array.from({ length: count }, (_, partition) => ({
    topic: 't',
    topicId,
    partition,
    fetchOffset: offsets[partition] ?? 0,
    currentLeaderEpoch: 1,
    lastFetchedEpoch: -1,
    partitionMaxBytes: 100,
  }));
}

function asked(request: ReturnType<FetchSession['compose']>): number[] {
  return request.topics.flatMap(({ partitions }) => partitions.map(({ partition }) => partition));
}

test('few partitions are asked for without a session', () => {
  const session = new FetchSession();
  const request = session.compose(targets(3));
  expect(request).toMatchObject({ sessionId: 0, sessionEpoch: -1 });
  session.answered(0);
  expect(asked(session.compose(targets(3)))).toEqual([0, 1, 2]);
});

test('within a session only what changed is said, and what is not wanted any more', () => {
  const session = new FetchSession();
  const first = session.compose(targets(20));
  expect(first).toMatchObject({ sessionId: 0, sessionEpoch: 0 });
  expect(asked(first)).toHaveLength(20);
  session.answered(7);
  const second = session.compose(targets(20, { 4: 10 }));
  expect(second).toMatchObject({ sessionId: 7, sessionEpoch: 1, forgottenTopicsData: [] });
  expect(asked(second)).toEqual([4]);
  session.answered(7);
  // Also when few are left: the broker has the session already.
  const third = session.compose(targets(2));
  expect(third).toMatchObject({ sessionId: 7, sessionEpoch: 2 });
  expect(asked(third)).toEqual([]);
  expect(third.forgottenTopicsData[0]?.partitions).toHaveLength(18);
});

test('after a failure all is said again in a new session', () => {
  const session = new FetchSession();
  session.compose(targets(20));
  session.answered(7);
  session.reset();
  const again = session.compose(targets(20));
  expect(again).toMatchObject({ sessionId: 0, sessionEpoch: 0 });
  expect(asked(again)).toHaveLength(20);
});

test('a broker that keeps no session is told everything each time', () => {
  const session = new FetchSession();
  session.compose(targets(20));
  session.answered(0);
  expect(asked(session.compose(targets(20)))).toHaveLength(20);
});

test('a topic that was made anew begins a new session, as does one without an id', () => {
  const session = new FetchSession();
  expect(session.compose(targets(20)).usesIds).toBe(true);
  session.answered(7);
  const anew = session.compose(targets(20, {}, 'second'));
  expect(anew).toMatchObject({ sessionId: 0, sessionEpoch: 0, usesIds: true });
  expect(anew.topics[0]?.topicId).toBe('second');
  expect(asked(anew)).toHaveLength(20);
  session.answered(8);
  const [first, ...rest] = targets(20, {}, 'second');
  const named = session.compose([
    { ...(first ?? rest[0]), topicId: undefined } as FetchTarget,
    ...rest,
  ]);
  expect(named).toMatchObject({ sessionId: 0, sessionEpoch: 0, usesIds: false });
});
