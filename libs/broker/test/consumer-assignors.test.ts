import { describe, expect, test } from '@jest/globals';
import {
  assignmentFrom,
  partitionCountOf,
  type Assignment,
} from '../src/groups/consumer/assignment.ts';
import { ASSIGNORS } from '../src/groups/consumer/assignors.ts';
import type { AssignorMember } from '../src/groups/consumer/assignors/assignor.ts';

type Shares = ReadonlyMap<string, Assignment>;

function assign(
  assignor: string,
  topics: Readonly<Record<string, number>>,
  readers: Readonly<Record<string, readonly string[]>>,
  before: Shares = new Map(),
  instances: Readonly<Record<string, string>> = {},
): Shares {
  const members: AssignorMember[] = Object.entries(readers).map(([memberId, topicIds]) => ({
    memberId,
    instanceId: instances[memberId] ?? null,
    topicIds: new Set(topicIds),
    share: before.get(memberId) ?? new Map(),
  }));
  const assignorFor = ASSIGNORS.get(assignor);
  if (assignorFor === undefined) throw new Error(`no assignor ${assignor}`);
  return assignorFor(members, new Map(Object.entries(topics)));
}

function shown(shares: Shares): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...shares].map(([memberId, share]) => [
      memberId,
      [...share]
        .map(([topic, partitions]) => topic + [...partitions].sort((a, b) => a - b).join(','))
        .sort()
        .join(' '),
    ]),
  );
}

function moved(before: Shares, after: Shares): number {
  let count = 0;
  for (const [memberId, share] of before) {
    for (const [topic, partitions] of share)
      for (const partition of partitions)
        if (after.get(memberId)?.get(topic)?.has(partition) !== true) count += 1;
  }
  return count;
}

describe('range', () => {
  test('gives a member the same partitions of topics of one size', () => {
    const shares = assign('range', { a: 3, b: 3 }, { m1: ['a', 'b'], m2: ['a', 'b'] });
    expect(shown(shares)).toEqual({ m1: 'a0,1 b0,1', m2: 'a2 b2' });
  });

  test('puts static members first, by their names and not their ids', () => {
    const readers = { z: ['a'], b: ['a'], a: ['a'] };
    const shares = assign('range', { a: 3 }, readers, new Map(), { z: 'i1', b: 'i2' });
    expect(shown(shares)).toEqual({ z: 'a0', b: 'a1', a: 'a2' });
  });

  test('leaves members without partitions when there are too few, and topics without readers alone', () => {
    const shares = assign('range', { a: 1, x: 4 }, { m1: ['a'], m2: ['a'] });
    expect(shown(shares)).toEqual({ m1: 'a0', m2: '' });
  });
});

describe('uniform', () => {
  test('moves no more than balance asks for', () => {
    const topics = { a: 4, b: 4 };
    const one = assign('uniform', topics, { m1: ['a', 'b'] });
    const two = assign('uniform', topics, { m1: ['a', 'b'], m2: ['a', 'b'] }, one);
    expect(moved(one, two)).toBe(4);
    const three = assign(
      'uniform',
      topics,
      { m1: ['a', 'b'], m2: ['a', 'b'], m3: ['a', 'b'] },
      two,
    );
    expect(moved(two, three)).toBe(2);
    const back = assign('uniform', topics, { m1: ['a', 'b'], m3: ['a', 'b'] }, three);
    expect(moved(new Map([...three].filter(([id]) => id !== 'm2')), back)).toBe(0);
  });

  test('drops partitions of topics that are gone, shrunk or no longer read', () => {
    const before = new Map([['m1', assignmentFrom([{ topicId: 'gone', partitions: [0, 1] }])]]);
    expect(shown(assign('uniform', { a: 2 }, { m1: ['a'] }, before))).toEqual({ m1: 'a0,1' });
  });

  test('evens out members that read different topics', () => {
    const shares = assign('uniform', { a: 3, c: 5 }, { m1: ['a'], m2: ['a', 'c'], m3: ['c'] });
    const sizes = [...shares.values()].map(partitionCountOf);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });
});

test.each(['range', 'uniform'])(
  '%s gives every partition that is read to exactly one of its readers, whatever comes',
  (assignor) => {
    for (let seed = 1; seed <= 300; seed += 1) checkRandom(assignor, seed);
  },
);

function checkRandom(assignor: string, seed: number): void {
  let state = seed;
  const random = (max: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) % max;
  };
  let shares: Shares = new Map();
  for (let round = 0; round < 4; round += 1) {
    const names = ['a', 'b', 'c', 'd'].slice(0, 1 + random(4));
    const topics = Object.fromEntries(names.map((name) => [name, random(7)]));
    const isEven = random(2) === 0;
    const readers = Object.fromEntries(
      Array.from({ length: 1 + random(5) }, (_, index) => [
        `m${index}`,
        names.filter(() => isEven || random(2) === 0),
      ]),
    );
    shares = assign(assignor, topics, readers, shares);
    const owners = new Map<string, string>();
    for (const [memberId, share] of shares) {
      for (const [topic, partitions] of share) {
        if (readers[memberId]?.includes(topic) !== true)
          throw new Error(`seed ${seed}: ${memberId} has ${topic}, which it does not read`);
        for (const partition of partitions) {
          const key = `${topic}${partition}`;
          if (owners.has(key) || partition >= (topics[topic] ?? 0))
            throw new Error(`seed ${seed}: ${key} is given twice, or does not exist`);
          owners.set(key, memberId);
        }
      }
    }
    const read = names.filter((name) => Object.values(readers).some((each) => each.includes(name)));
    const expected = read.reduce((sum, name) => sum + (topics[name] ?? 0), 0);
    if (owners.size !== expected)
      throw new Error(`seed ${seed}: ${owners.size} of ${expected} partitions are given`);
    const sizes = [...shares.values()].map(partitionCountOf);
    if (assignor === 'uniform' && isEven && Math.max(...sizes) - Math.min(...sizes) > 1)
      throw new Error(`seed ${seed}: uneven: ${sizes.join(' ')}`);
  }
}
