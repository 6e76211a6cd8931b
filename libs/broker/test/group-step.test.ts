import { describe, expect, test } from '@jest/globals';
import { ErrorCode } from '@millrace/kafka-protocol';
import { emptyGroup, nextDeadlineMs, type GroupLimits } from '../src/groups/classic/group-state.ts';
import type {
  GroupEffect,
  GroupEvent,
  JoinAnswer,
  JoinEvent,
  SyncAnswer,
} from '../src/groups/classic/events.ts';
import { stepGroup } from '../src/groups/classic/group-step.ts';
import { javaStringHash, partitionForGroup } from '../src/groups/java-hash.ts';

const LIMITS: GroupLimits = { initialRebalanceDelayMs: 0, membersMax: 3 };
const bytes = (text: string): Uint8Array => Buffer.from(text);

/** A group, its clock, and what it has answered. */
class Scene {
  readonly group = emptyGroup('g', 0);
  readonly joins = new Map<number, JoinAnswer>();
  readonly syncs = new Map<number, SyncAnswer>();
  readonly stores: Extract<GroupEffect, { kind: 'store-group' }>[] = [];
  readonly limits: GroupLimits;
  nowMs = 0;
  #token = 0;

  constructor(limits: Partial<GroupLimits> = {}) {
    this.limits = { ...LIMITS, ...limits };
  }

  step(event: GroupEvent): readonly GroupEffect[] {
    const effects = stepGroup(this.group, event, this.limits, this.nowMs);
    for (const effect of effects) {
      if (effect.kind === 'answer-join') this.joins.set(effect.token, effect.answer);
      if (effect.kind === 'answer-sync') this.syncs.set(effect.token, effect.answer);
      if (effect.kind === 'store-group') this.stores.push(effect);
    }
    return effects;
  }

  /** The token of the request; its answer may come later. */
  join(memberId: string, more: Partial<JoinEvent> = {}): number {
    this.#token += 1;
    this.step({
      kind: 'join',
      token: this.#token,
      memberId,
      newMemberId: `m${this.#token}`,
      instanceId: null,
      requiresKnownMemberId: false,
      canSkipAssignment: true,
      clientId: 'c',
      clientHost: '/h',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: bytes('x') }],
      ...more,
    });
    return this.#token;
  }

  sync(memberId: string, shares: Readonly<Record<string, string>> = {}): number {
    this.#token += 1;
    this.step({
      kind: 'sync',
      token: this.#token,
      memberId,
      instanceId: null,
      generation: this.group.generation,
      protocolType: null,
      protocolName: null,
      assignments: Object.entries(shares).map(([id, share]) => ({
        memberId: id,
        assignment: bytes(share),
      })),
    });
    return this.#token;
  }

  heartbeat(memberId: string): number {
    const [effect] = this.step({
      kind: 'heartbeat',
      token: 0,
      memberId,
      instanceId: null,
      generation: this.group.generation,
    });
    return effect?.kind === 'answer-heartbeat' ? effect.errorCode : NaN;
  }

  stored(errorCode: number = ErrorCode.NONE): void {
    this.step({ kind: 'group-stored', generation: this.group.generation, errorCode });
  }

  passTo(nowMs: number): void {
    this.nowMs = nowMs;
    this.step({ kind: 'time-passed' });
  }

  /** One member in a stable group. */
  stable(): string {
    const memberId = this.joins.get(this.join(''))?.memberId ?? '';
    this.sync(memberId, { [memberId]: 'all' });
    this.stored();
    expect(this.group.phase).toBe('Stable');
    return memberId;
  }
}

describe('a classic group', () => {
  test('is answered its assignment only once that is stored', () => {
    const scene = new Scene();
    const memberId = scene.joins.get(scene.join(''))?.memberId ?? '';
    const token = scene.sync(memberId, { [memberId]: 'all' });
    expect(scene.syncs.get(token)).toBeUndefined();
    expect(scene.stores).toHaveLength(1);
    scene.stored();
    expect(scene.syncs.get(token)).toMatchObject({ errorCode: 0, assignment: bytes('all') });
  });

  test('rebalances when the assignment could not be stored', () => {
    const scene = new Scene();
    const memberId = scene.joins.get(scene.join(''))?.memberId ?? '';
    const token = scene.sync(memberId, { [memberId]: 'all' });
    scene.stored(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    expect(scene.syncs.get(token)?.errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    expect(scene.group.phase).toBe('PreparingRebalance');
  });

  test('waits the initial delay once, longer while newcomers arrive, never beyond the rebalance time-out', () => {
    const scene = new Scene({ initialRebalanceDelayMs: 100 });
    const first = scene.join('', { rebalanceTimeoutMs: 250 });
    expect(nextDeadlineMs(scene.group)).toBe(100);
    scene.nowMs = 50;
    scene.join('', { rebalanceTimeoutMs: 250 });
    scene.passTo(100);
    expect(scene.joins.get(first)).toBeUndefined();
    scene.nowMs = 150;
    const third = scene.join('', { rebalanceTimeoutMs: 250 });
    scene.passTo(200);
    expect(scene.joins.get(first)).toBeUndefined();
    scene.passTo(250);
    expect(scene.joins.get(first)?.members).toHaveLength(3);
    expect(scene.joins.get(third)?.generationId).toBe(1);
  });

  test('goes on without members that do not rejoin in time', () => {
    const scene = new Scene();
    const old = scene.stable();
    const token = scene.join('', { rebalanceTimeoutMs: 500, sessionTimeoutMs: 100_000 });
    expect(scene.heartbeat(old)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    scene.nowMs = 9000;
    scene.heartbeat(old);
    scene.passTo(60_000);
    expect(scene.joins.get(token)).toMatchObject({ errorCode: 0, generationId: 2 });
    expect(scene.group.members.size).toBe(1);
    expect(scene.heartbeat(old)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  test('gives up members that join and never ask for their assignment', () => {
    const scene = new Scene();
    scene.join('', { rebalanceTimeoutMs: 300 });
    const [memberId = ''] = scene.group.members.keys();
    scene.nowMs = 200;
    scene.heartbeat(memberId);
    scene.passTo(300);
    expect(scene.group.members.size).toBe(0);
    expect(scene.group.phase).toBe('Empty');
  });

  test('becomes empty, and says so durably, when its last member goes', () => {
    const scene = new Scene();
    const memberId = scene.stable();
    scene.step({ kind: 'leave', token: 9, members: [{ memberId, instanceId: null }] });
    expect(scene.group).toMatchObject({ phase: 'Empty', generation: 2 });
    expect(scene.stores.at(-1)?.record.members).toEqual([]);
  });

  test('holds no more members than it may, ids that were only given out included', () => {
    const scene = new Scene();
    scene.join('', { requiresKnownMemberId: true });
    scene.join('', { requiresKnownMemberId: true });
    scene.join('');
    const fourth = scene.join('');
    expect(scene.joins.get(fourth)?.errorCode).toBe(ErrorCode.GROUP_MAX_SIZE_REACHED);
    expect(nextDeadlineMs(scene.group)).toBe(10_000);
  });

  test('does not wait for an id that was given out and never used', () => {
    const scene = new Scene();
    scene.join('', { requiresKnownMemberId: true, sessionTimeoutMs: 500 });
    const token = scene.join('');
    expect(scene.joins.get(token)).toBeUndefined();
    scene.passTo(500);
    expect(scene.joins.get(token)?.errorCode).toBe(0);
  });

  test('repeats the answer to a member that joins again unchanged', () => {
    const scene = new Scene();
    const one = scene.join('');
    const memberId = scene.joins.get(one)?.memberId ?? '';
    const again = scene.join(memberId);
    expect(scene.joins.get(again)).toEqual(scene.joins.get(one));
    expect(scene.group.phase).toBe('CompletingRebalance');
  });

  test('rebalances when its leader joins again, and not when a follower does', () => {
    const scene = new Scene();
    const leader = scene.stable();
    const joining = scene.join('');
    scene.join(leader);
    const follower = scene.joins.get(joining)?.memberId ?? '';
    scene.sync(follower);
    scene.sync(leader, { [leader]: 'a', [follower]: 'b' });
    scene.stored();
    const again = scene.join(follower);
    expect(scene.joins.get(again)).toMatchObject({ errorCode: 0, generationId: 2 });
    expect(scene.group.phase).toBe('Stable');
    scene.join(leader);
    expect(scene.group.phase).toBe('PreparingRebalance');
  });

  test('chooses the protocol that most members prefer and all have', () => {
    const scene = new Scene();
    const [a, b] = [
      { name: 'a', metadata: bytes('') },
      { name: 'b', metadata: bytes('') },
    ];
    scene.join('', { protocols: [a, b] });
    const [first = ''] = scene.group.members.keys();
    scene.join('', { protocols: [b, a] });
    scene.join('', { protocols: [b, a, { name: 'c', metadata: bytes('') }] });
    scene.join(first, { protocols: [a, b] });
    expect(scene.group.protocolName).toBe('b');
    const stranger = scene.join('', { protocols: [{ name: 'c', metadata: bytes('') }] });
    expect(scene.joins.get(stranger)?.errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  });

  test('answers every request exactly once, whatever comes in whatever order', () => {
    for (let seed = 1; seed <= 300; seed += 1) checkRandomGroup(seed);
  });
});

/** Random events; at the end all members go silent and time runs out: nobody may be left waiting. */
function checkRandomGroup(seed: number): void {
  let state = seed;
  const random = (max: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) % max;
  };
  const group = emptyGroup('g', 0);
  const limits = { initialRebalanceDelayMs: random(2) * 50, membersMax: 5 };
  const open = new Set<number>();
  const ids: string[] = [''];
  let nowMs = 0;
  let token = 0;
  const run = (event: GroupEvent): void => {
    const before = group.generation;
    for (const effect of stepGroup(group, event, limits, nowMs)) {
      if (effect.kind === 'store-group') {
        if (random(4) > 0) pending.push(effect.generation);
        continue;
      }
      if (!open.delete(effect.token)) throw new Error(`seed ${seed}: an answer nobody waits for`);
      if (effect.kind === 'answer-join' && effect.answer.memberId !== '')
        ids.push(effect.answer.memberId);
    }
    if (group.generation < before) throw new Error(`seed ${seed}: the generation went back`);
  };
  const pending: number[] = [];
  for (let count = 0; count < 120; count += 1) {
    nowMs += random(40);
    token += 1;
    const memberId = ids[random(ids.length)] ?? '';
    const generation = group.generation - (random(8) === 0 ? 1 : 0);
    switch (random(6)) {
      case 0:
      case 1:
        open.add(token);
        run({
          kind: 'join',
          token,
          memberId,
          newMemberId: `m${token}`,
          instanceId: random(4) === 0 ? `i${random(2)}` : null,
          requiresKnownMemberId: random(2) === 0,
          canSkipAssignment: random(2) === 0,
          clientId: '',
          clientHost: '',
          sessionTimeoutMs: 300,
          rebalanceTimeoutMs: 200,
          protocolType: 'consumer',
          protocols: [{ name: 'p', metadata: bytes(String(random(2))) }],
        });
        break;
      case 2:
        open.add(token);
        run({
          kind: 'sync',
          token,
          memberId,
          instanceId: null,
          generation,
          protocolType: null,
          protocolName: null,
          assignments: [],
        });
        break;
      case 3:
        open.add(token);
        run({ kind: 'heartbeat', token, memberId, instanceId: null, generation });
        break;
      case 4:
        open.add(token);
        run({ kind: 'leave', token, members: [{ memberId, instanceId: null }] });
        break;
      default: {
        const generationStored = pending.shift();
        if (generationStored !== undefined) {
          const errorCode = random(5) === 0 ? ErrorCode.COORDINATOR_NOT_AVAILABLE : 0;
          run({ kind: 'group-stored', generation: generationStored, errorCode });
        }
      }
    }
  }
  for (let round = 0; round < 50; round += 1) {
    for (const generation of pending.splice(0))
      run({ kind: 'group-stored', generation, errorCode: 0 });
    const dueMs = nextDeadlineMs(group);
    if (dueMs === Infinity) break;
    nowMs = Math.max(nowMs, dueMs);
    run({ kind: 'time-passed' });
  }
  // A store that never answered may hold the members of one generation.
  const held = [...group.members.values()].filter(({ waitingSync }) => waitingSync !== undefined);
  if (open.size !== held.length)
    throw new Error(`seed ${seed}: ${open.size} requests were never answered in ${group.phase}`);
}

test('groups are on the partitions where Kafka looks for them', () => {
  expect(javaStringHash('')).toBe(0);
  expect(javaStringHash('hello')).toBe(99_162_322);
  expect(javaStringHash('polygenelubricants')).toBe(-2_147_483_648);
  expect(partitionForGroup('polygenelubricants', 50)).toBe(0);
  expect(partitionForGroup('hello', 50)).toBe(22);
});
