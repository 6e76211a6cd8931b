import { describe, expect, test } from '@jest/globals';
import { ErrorCode } from '@millrace/kafka-protocol';
import {
  assignmentFrom,
  topicPartitionsOf,
  type Assignment,
} from '../src/groups/consumer/assignment.ts';
import { applyChange } from '../src/groups/consumer/changes.ts';
import {
  currentOf,
  emptyConsumerGroup,
  nextDeadlineMs,
  phaseOf,
  type ConsumerGroup,
} from '../src/groups/consumer/consumer-group.ts';
import { fenceMembers } from '../src/groups/consumer/convert.ts';
import { heartbeat, type ConsumerHeartbeat } from '../src/groups/consumer/heartbeat.ts';
import { lateMembers, leave } from '../src/groups/consumer/leave.ts';
import { readChange, recordOfChange } from '../src/groups/consumer/records.ts';
import { isRefusal } from '../src/groups/consumer/refusal.ts';
import {
  ConsumerStep,
  type ConsumerLimits,
  type TopicDirectory,
} from '../src/groups/consumer/step.ts';

const LIMITS: ConsumerLimits = {
  sessionTimeoutMs: 1000,
  heartbeatIntervalMs: 100,
  membersMax: 4,
  classicMembersMax: 4,
  assignors: ['uniform', 'range'],
  canUpgrade: true,
  canDowngrade: true,
};

/** Names of lower-case letters, made as long as a uuid is. */
const idOf = (name: string): string => name.padEnd(22, 'A');
const nameIn = (topicId: string): string => topicId.replace(/A+$/, '');

class Topics implements TopicDirectory {
  version: unknown = {};
  readonly #counts = new Map<string, number>();

  set(name: string, partitionCount: number): void {
    this.#counts.set(name, partitionCount);
    this.version = {};
  }

  find(name: string): { topicId: string; partitionCount: number } | undefined {
    const partitionCount = this.#counts.get(name);
    return partitionCount === undefined ? undefined : { topicId: idOf(name), partitionCount };
  }

  nameOf(topicId: string): string {
    return nameIn(topicId);
  }

  names(): Iterable<string> {
    return this.#counts.keys();
  }
}

/** A group with its members' own idea of what they own. */
class Scene {
  readonly topics = new Topics();
  readonly group = emptyConsumerGroup('g');
  readonly epochs = new Map<string, number>();
  readonly owned = new Map<string, Assignment>();
  nowMs = 0;

  constructor() {
    this.topics.set('a', 4);
  }

  step(): ConsumerStep {
    return new ConsumerStep(this.group, this.topics, LIMITS, this.nowMs);
  }

  beat(memberId: string, more: Partial<ConsumerHeartbeat> = {}): number {
    const answer = heartbeat(this.step(), {
      memberId,
      memberEpoch: this.epochs.get(memberId) ?? 0,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: -1,
      topicNames: null,
      topicRegex: null,
      serverAssignor: null,
      owned: this.owned.get(memberId) ?? new Map(),
      clientId: 'c',
      clientHost: '/h',
      ...more,
    });
    if (isRefusal(answer)) return answer.errorCode;
    this.epochs.set(memberId, answer.memberEpoch);
    if (answer.assignment !== null) this.owned.set(memberId, answer.assignment);
    this.check();
    return 0;
  }

  join(memberId: string, more: Partial<ConsumerHeartbeat> = {}): number {
    this.epochs.delete(memberId);
    this.owned.delete(memberId);
    return this.beat(memberId, { topicNames: ['a'], rebalanceTimeoutMs: 500, ...more });
  }

  /** Heartbeats of everybody until nothing changes any more. */
  settle(): void {
    for (let round = 0; round < 10; round += 1)
      for (const memberId of [...this.epochs.keys()]) this.beat(memberId);
  }

  shares(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.group.members.keys()].map((memberId) => [
        memberId,
        topicPartitionsOf(currentOf(this.group, memberId).assigned)
          .map(({ topicId, partitions }) => nameIn(topicId) + partitions.join(','))
          .join(' '),
      ]),
    );
  }

  passTo(nowMs: number): readonly string[] {
    this.nowMs = nowMs;
    const step = this.step();
    const late = lateMembers(step);
    if (late.length > 0) fenceMembers(step, late);
    for (const memberId of late) this.epochs.delete(memberId);
    return late;
  }

  /** What must hold at all times: a partition is one member's, or still another's to give up. */
  check(): void {
    const owners = new Map<string, string>();
    for (const [memberId, { assigned, pendingRevocation }] of this.group.currents) {
      for (const part of [assigned, pendingRevocation])
        for (const [topicId, partitions] of part)
          for (const partition of partitions) {
            const key = `${topicId}-${partition}`;
            if (owners.has(key)) throw new Error(`${key} belongs to two members`);
            owners.set(key, memberId);
          }
    }
  }
}

/** What is stored of a group. */
function copyOf(group: ConsumerGroup): unknown {
  return structuredClone({
    ...group,
    topicsVersion: undefined,
    patternsVersion: undefined,
    deadlines: undefined,
  });
}

describe('a consumer group', () => {
  test('gives a partition on only once its owner has said that it stopped', () => {
    const scene = new Scene();
    scene.join('m1');
    expect(scene.shares()).toEqual({ m1: 'a0,1,2,3' });
    scene.join('m2');
    expect(scene.epochs.get('m2')).toBe(2);
    expect(scene.shares()).toEqual({ m1: 'a0,1,2,3', m2: '' });
    scene.beat('m1', { owned: null });
    expect(scene.shares()).toEqual({ m1: 'a0,1', m2: '' });
    expect(phaseOf(scene.group)).toBe('Reconciling');
    scene.beat('m2');
    expect(scene.shares()['m2']).toBe('');
    scene.beat('m1', { owned: null });
    expect(scene.epochs.get('m1')).toBe(1);
    scene.beat('m1');
    expect(scene.epochs.get('m1')).toBe(2);
    scene.beat('m2');
    expect(scene.shares()).toEqual({ m1: 'a0,1', m2: 'a2,3' });
    expect(phaseOf(scene.group)).toBe('Stable');
  });

  test('notices new partitions, new topics of a pattern, and topics that are gone', () => {
    const scene = new Scene();
    scene.join('m1', { topicNames: null, topicRegex: '[ab].*' });
    scene.topics.set('a', 5);
    scene.topics.set('bx', 1);
    scene.topics.set('x', 1);
    scene.settle();
    expect(scene.shares()).toEqual({ m1: 'a0,1,2,3,4 bx0' });
    expect([...scene.group.patterns.values()].map(({ topics }) => topics)).toEqual([['a', 'bx']]);
    scene.beat('m1', { topicNames: ['x'], topicRegex: '' });
    scene.settle();
    expect(scene.shares()).toEqual({ m1: 'x0' });
    expect(scene.group.patterns.size).toBe(0);
  });

  test('fences old and unknown members, and takes the epoch before from who missed the answer', () => {
    const scene = new Scene();
    scene.join('m1');
    scene.join('m2');
    scene.settle();
    expect(scene.beat('m1', { memberEpoch: 1 })).toBe(0);
    expect(scene.beat('m1', { memberEpoch: 1, owned: null })).toBe(ErrorCode.FENCED_MEMBER_EPOCH);
    const tooMuch = assignmentFrom([{ topicId: idOf('a'), partitions: [0, 1, 2, 3] }]);
    expect(scene.beat('m1', { memberEpoch: 1, owned: tooMuch })).toBe(
      ErrorCode.FENCED_MEMBER_EPOCH,
    );
    expect(scene.beat('m1', { memberEpoch: 3 })).toBe(ErrorCode.FENCED_MEMBER_EPOCH);
    expect(scene.beat('mx', { memberEpoch: 1 })).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  test('gives up who is silent for a session, and who does not give up partitions in time', () => {
    const scene = new Scene();
    scene.join('m1');
    expect(nextDeadlineMs(scene.group)).toBe(1000);
    scene.join('m2');
    scene.beat('m1', { owned: null });
    for (const nowMs of [200, 400]) {
      scene.nowMs = nowMs;
      scene.beat('m1', { owned: null });
    }
    expect(scene.passTo(499)).toEqual([]);
    expect(scene.passTo(500)).toEqual(['m1']);
    scene.beat('m2');
    expect(scene.shares()).toEqual({ m2: 'a0,1,2,3' });
    expect(scene.passTo(1499)).toEqual([]);
    expect(scene.passTo(1500)).toEqual(['m2']);
    expect(phaseOf(scene.group)).toBe('Empty');
    expect(scene.group.owners.size).toBe(0);
  });

  test('keeps the share of a static member that means to come back, under a new member id', () => {
    const scene = new Scene();
    const instanceId = 'i';
    scene.join('m1', { instanceId });
    scene.join('m2');
    scene.settle();
    const epoch = scene.group.epoch;
    expect(scene.join('m3', { instanceId })).toBe(ErrorCode.UNRELEASED_INSTANCE_ID);
    leave(scene.step(), { memberId: 'm1', memberEpoch: -2, instanceId });
    scene.epochs.delete('m1');
    expect(scene.beat('m1', { memberEpoch: 2, instanceId })).toBe(ErrorCode.FENCED_MEMBER_EPOCH);
    scene.settle();
    expect(scene.join('m3', { instanceId })).toBe(0);
    expect(scene.group.epoch).toBe(epoch);
    expect(scene.shares()).toEqual({ m2: 'a2,3', m3: 'a0,1' });
    expect(scene.beat('m1', { memberEpoch: 2, instanceId })).toBe(ErrorCode.FENCED_INSTANCE_ID);
  });

  test('has no more members than it may', () => {
    const scene = new Scene();
    for (const memberId of ['m1', 'm2', 'm3', 'm4']) expect(scene.join(memberId)).toBe(0);
    expect(scene.join('m5')).toBe(ErrorCode.GROUP_MAX_SIZE_REACHED);
    expect(scene.beat('m1')).toBe(0);
  });

  test('uses the assignor that most of its members ask for', () => {
    const scene = new Scene();
    scene.topics.set('b', 4);
    scene.join('m1', { topicNames: ['a', 'b'], serverAssignor: 'range' });
    scene.join('m2', { topicNames: ['a', 'b'] });
    scene.settle();
    expect(scene.shares()).toEqual({ m1: 'a0,1 b0,1', m2: 'a2,3 b2,3' });
  });
});

test('what could not be stored is taken back, all of it', () => {
  const scene = new Scene();
  scene.join('m1', { topicRegex: 'a.*' });
  scene.join('m2', { instanceId: 'i' });
  scene.settle();
  const before = copyOf(scene.group);
  const step = scene.step();
  heartbeat(step, {
    memberId: 'm3',
    memberEpoch: 0,
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: 1,
    topicNames: ['b'],
    topicRegex: 'x',
    serverAssignor: 'range',
    owned: new Map(),
    clientId: '',
    clientHost: '',
  });
  fenceMembers(step, ['m1', 'm2']);
  expect(copyOf(scene.group)).not.toEqual(before);
  step.takeBack();
  expect(copyOf(scene.group)).toEqual(before);
});

test('the records of a group make the group again', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    let state = seed;
    const random = (max: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return (state >>> 8) % max;
    };
    const scene = new Scene();
    const copy = emptyConsumerGroup('g');
    const step = scene.step.bind(scene);
    scene.step = () => {
      const next = step();
      const change = next.change.bind(next);
      next.change = (each) => {
        change(each);
        const { key, value } = recordOfChange('g', each);
        const replayed = readChange(Buffer.from(key).readInt16BE(0), key, value);
        expect(replayed.groupId).toBe('g');
        applyChange(copy, replayed.change);
      };
      return next;
    };
    for (let count = 0; count < 80; count += 1) {
      scene.nowMs += random(60);
      const memberId = `m${random(4)}`;
      const action = random(10);
      if (action < 2 && !scene.group.members.has(memberId)) {
        const topicNames = ['a', 'b', 'c'].filter(() => random(2) === 0);
        scene.join(memberId, { topicNames, topicRegex: random(3) === 0 ? '[bc]' : '' });
      } else if (action === 2) scene.topics.set('abc'.charAt(random(3)), 1 + random(6));
      else if (action === 3 && scene.group.members.has(memberId)) {
        fenceMembers(scene.step(), [memberId]);
        scene.epochs.delete(memberId);
      } else if (action === 4) scene.passTo(scene.nowMs);
      else if (scene.epochs.has(memberId))
        scene.beat(memberId, random(2) === 0 ? { owned: null } : {});
      scene.check();
    }
    expect(copyOf(copy)).toEqual(copyOf(scene.group));
    // Left to themselves, the members that are there settle on everything that they read.
    scene.settle();
    if (scene.group.members.size > 0) expect(phaseOf(scene.group)).toBe('Stable');
  }
});
