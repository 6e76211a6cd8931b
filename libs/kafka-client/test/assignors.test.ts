import { expect, test } from '@jest/globals';
import {
  assignCooperativeSticky,
  assignRange,
  assignRoundRobin,
  assignSticky,
  type Assignment,
  type MemberSubscription,
} from '../src/assignors.ts';
import { decodeStickyUserData, encodeStickyUserData } from '../src/sticky-user-data.ts';

function member(
  memberId: string,
  topics: readonly string[],
  owned: readonly string[] = [],
  generation = 1,
): MemberSubscription {
  return { memberId, groupInstanceId: null, topics, owned: owned.map(parse), generation };
}

function parse(name: string): { topic: string; partition: number } {
  const [topic = '', partition = ''] = name.split('-');
  return { topic, partition: Number(partition) };
}

function show(assignment: Assignment): Record<string, string[]> {
  return Object.fromEntries(
    [...assignment].map(([id, list]) => [id, list.map((p) => `${p.topic}-${p.partition}`).sort()]),
  );
}

test('range gives neighbours of each topic, the first members one more', () => {
  const members = [member('b', ['s', 't']), member('a', ['s', 't'])];
  const counts = new Map([
    ['s', 3],
    ['t', 3],
  ]);
  expect(show(assignRange(members, counts))).toEqual({
    a: ['s-0', 's-1', 't-0', 't-1'],
    b: ['s-2', 't-2'],
  });
});

test('round robin goes on over topics, past members that are not subscribed', () => {
  const members = [member('a', ['s', 't']), member('b', ['s'])];
  const counts = new Map([
    ['s', 3],
    ['t', 2],
  ]);
  expect(show(assignRoundRobin(members, counts))).toEqual({
    a: ['s-0', 's-2', 't-0', 't-1'],
    b: ['s-1'],
  });
});

test('cooperative: a new member gets nothing before the owner has given it up', () => {
  const counts = new Map([['t', 4]]);
  const first = assignCooperativeSticky(
    [member('a', ['t'], ['t-0', 't-1', 't-2', 't-3']), member('b', ['t'])],
    counts,
  );
  const kept = show(first)['a'] ?? [];
  expect(kept).toHaveLength(2);
  expect(show(first)['b']).toEqual([]);
  const second = show(
    assignCooperativeSticky([member('a', ['t'], kept, 2), member('b', ['t'], [], 2)], counts),
  );
  expect(second['a']).toEqual(kept);
  expect(second['b']).toHaveLength(2);
});

test('cooperative: of two claims the newer generation holds, and equal ones hold for nobody', () => {
  const counts = new Map([['t', 2]]);
  const members = [
    member('a', ['t'], ['t-0'], 1),
    member('b', ['t'], ['t-0', 't-1'], 2),
    member('c', ['t'], ['t-1'], 2),
  ];
  const assigned = show(assignCooperativeSticky(members, counts));
  expect(assigned['b']).toContain('t-0');
  expect(Object.values(assigned).flat().sort()).toEqual(['t-0', 't-1']);
});

test.each([assignRange, assignRoundRobin, assignCooperativeSticky])(
  '%p gives each partition to one subscribed member, whatever the subscriptions',
  (assign) => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const topics = ['p', 'q', 'r'];
      const counts = new Map(topics.map((topic, index) => [topic, (seed * (index + 3)) % 7]));
      const members = Array.from({ length: 1 + (seed % 5) }, (_, index) =>
        member(
          `m${index}`,
          topics.filter((_topic, at) => index === 0 || (seed >> (index + at)) % 2 === 0),
        ),
      );
      const given = Object.entries(show(assign(members, counts)));
      const all = [...counts].flatMap(([topic, count]) =>
        Array.from({ length: count }, (_, partition) => `${topic}-${partition}`),
      );
      expect(given.flatMap(([, list]) => list).sort()).toEqual(all.sort());
      for (const [id, list] of given) {
        const subscribed = members.find(({ memberId }) => memberId === id)?.topics ?? [];
        for (const name of list) expect(subscribed).toContain(parse(name).topic);
      }
    }
  },
);

test('sticky keeps what members had, although they own nothing now', () => {
  const members = [member('a', ['t'], ['t-0', 't-1', 't-2', 't-3'], 4), member('b', ['t'], [], -1)];
  expect(show(assignSticky(members, new Map([['t', 4]])))).toEqual({
    a: ['t-0', 't-1'],
    b: ['t-2', 't-3'],
  });
});

// Taken from Java's StickyAssignor: {t: [0, 2], u: [1]} in generation 5, and the form without it.
const JAVA_STICKY =
  '00000002' + '000174' + '00000002' + '00000000' + '00000002' + '000175' + '00000001' + '00000001';

test('the user data of sticky is that of Java, in both of its forms', () => {
  const owned = ['t-0', 't-2', 'u-1'].map(parse);
  const bytes = encodeStickyUserData({ owned, generation: 5 });
  expect(Buffer.from(bytes).toString('hex')).toBe(`${JAVA_STICKY}00000005`);
  expect(decodeStickyUserData(bytes)).toEqual({ owned, generation: 5 });
  const older = Buffer.from(JAVA_STICKY, 'hex');
  expect(decodeStickyUserData(older)).toEqual({ owned, generation: -1 });
});

test('user data that makes no sense owns nothing', () => {
  const bytes = Buffer.from(`${JAVA_STICKY}00000005`, 'hex');
  for (let end = 0; end < bytes.byteLength - 4; end += 1) {
    expect(decodeStickyUserData(bytes.subarray(0, end)).owned).toEqual([]);
  }
  expect(decodeStickyUserData(Buffer.from('7fffffff', 'hex')).owned).toEqual([]);
});
