import { expect, test } from '@jest/globals';
import { deferred, silentLogger, systemRandom, type Clock } from '@millrace/foundation';
import { ErrorCode } from '@millrace/kafka-protocol';
import { GroupCoordinator } from '../src/groups/group-coordinator.ts';
import type { GroupLogRecord } from '../src/groups/group-log-record.ts';
import { readGroupRecord } from '../src/groups/group-records.ts';
import type { GroupStore, ReplayListener } from '../src/groups/group-store.ts';

const RETENTION_MS = 1000;

/** A clock that stands still until it is told. Sleepers never wake: nothing here waits for time. */
class StillClock implements Clock {
  ms = 1_000_000;
  nowMs(): number {
    return this.ms;
  }
  monotonicMs(): number {
    return this.ms;
  }
  sleep(): Promise<void> {
    return new Promise(() => undefined);
  }
}

class MemoryStore implements GroupStore {
  readonly records: GroupLogRecord[] = [];
  errorCode = 0;
  appendCount = 0;
  /** What appends wait for. */
  gate: Promise<void> = Promise.resolve();

  async append(_groupId: string, records: readonly GroupLogRecord[]): Promise<number> {
    this.appendCount += 1;
    await this.gate;
    if (this.errorCode === 0) this.records.push(...records);
    return this.errorCode;
  }

  partitionOf(): number {
    return 0;
  }

  replay(listener: ReplayListener): Promise<void> {
    for (const { key, value } of this.records)
      listener.onRecord(readGroupRecord(key, value), undefined);
    return Promise.resolve();
  }
}

function open(store: MemoryStore, clock: Clock): Promise<GroupCoordinator> {
  return GroupCoordinator.open({
    store,
    clock,
    random: systemRandom,
    log: silentLogger,
    topics: { version: 0, find: () => undefined, nameOf: () => undefined, names: () => [] },
    consumerLimits: () => ({
      sessionTimeoutMs: 1000,
      heartbeatIntervalMs: 100,
      membersMax: 10,
      classicMembersMax: 10,
      assignors: ['uniform', 'range'],
      canUpgrade: true,
      canDowngrade: true,
    }),
    limits: {
      initialRebalanceDelayMs: 0,
      membersMax: 10,
      groupsMax: 3,
      offsetMetadataLengthMax: 100,
      offsetsRetentionMs: RETENTION_MS,
    },
  });
}

function commit(
  coordinator: GroupCoordinator,
  clock: Clock,
  groupId: string,
  offset: number,
): Promise<number> {
  const committed = {
    offset,
    leaderEpoch: -1,
    metadata: '',
    commitTimestampMs: clock.nowMs(),
    expireTimestampMs: -1,
  };
  return coordinator.commit({
    groupId,
    memberId: '',
    instanceId: null,
    generation: -1,
    version: 9,
    offsets: [{ topic: 't', partition: 0, committed }],
  });
}

const offsetOf = (coordinator: GroupCoordinator, groupId: string): number | undefined =>
  coordinator.find(groupId)?.offsets.get('t')?.get(0)?.offset;

test('an offset that could not be stored is not shown, and the one before stays', async () => {
  const clock = new StillClock();
  const store = new MemoryStore();
  const coordinator = await open(store, clock);
  expect(await commit(coordinator, clock, 'g', 1)).toBe(0);
  store.errorCode = ErrorCode.COORDINATOR_NOT_AVAILABLE;
  expect(await commit(coordinator, clock, 'g', 2)).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
  expect(offsetOf(coordinator, 'g')).toBe(1);
  expect(offsetOf(await open(store, clock), 'g')).toBe(1);
});

test('offsets of a group without members go after their time, durably, and the group with them', async () => {
  const clock = new StillClock();
  const store = new MemoryStore();
  const coordinator = await open(store, clock);
  await commit(coordinator, clock, 'old', 1);
  clock.ms += RETENTION_MS - 1;
  await commit(coordinator, clock, 'young', 1);
  await coordinator.expireOffsets();
  expect(offsetOf(coordinator, 'old')).toBe(1);
  clock.ms += 1;
  await coordinator.expireOffsets();
  expect(coordinator.find('old')).toBeUndefined();
  expect(offsetOf(coordinator, 'young')).toBe(1);
  expect((await open(store, clock)).groups().map(({ groupId }) => groupId)).toEqual(['young']);
});

test('no more groups are kept than allowed', async () => {
  const clock = new StillClock();
  const coordinator = await open(new MemoryStore(), clock);
  for (const groupId of ['a', 'b', 'c'])
    expect(await commit(coordinator, clock, groupId, 1)).toBe(0);
  expect(await commit(coordinator, clock, 'd', 1)).toBe(ErrorCode.POLICY_VIOLATION);
  expect(await commit(coordinator, clock, 'a', 2)).toBe(0);
});

function beat(
  coordinator: GroupCoordinator,
  memberId: string,
  memberEpoch: number,
): ReturnType<GroupCoordinator['consumerHeartbeat']> {
  return coordinator.consumerHeartbeat('c', {
    memberId,
    memberEpoch,
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: memberEpoch === 0 ? 1000 : -1,
    topicNames: memberEpoch === 0 ? ['t'] : null,
    topicRegex: null,
    serverAssignor: null,
    owned: new Map(),
    clientId: '',
    clientHost: '',
  });
}

test('a member that could not be stored is none, and nothing of it is left', async () => {
  const store = new MemoryStore();
  const coordinator = await open(store, new StillClock());
  store.errorCode = ErrorCode.COORDINATOR_NOT_AVAILABLE;
  expect(await beat(coordinator, 'm1', 0)).toMatchObject({ errorCode: store.errorCode });
  store.errorCode = 0;
  expect(await beat(coordinator, 'm1', 1)).toMatchObject({
    errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
  });
  expect(await beat(coordinator, 'm1', 0)).toMatchObject({ memberEpoch: 1 });
  store.errorCode = ErrorCode.COORDINATOR_NOT_AVAILABLE;
  expect(await beat(coordinator, 'm2', 0)).toMatchObject({ errorCode: store.errorCode });
  store.errorCode = 0;
  expect(await beat(coordinator, 'm1', 1)).toMatchObject({ memberEpoch: 1 });
  expect(await beat(coordinator, 'm2', 0)).toMatchObject({ memberEpoch: 2 });
});

test('requests that come while a group is being stored wait, and are then stored as one', async () => {
  const store = new MemoryStore();
  const coordinator = await open(store, new StillClock());
  const gate = deferred<undefined>();
  store.gate = gate.promise;
  const joining = ['m1', 'm2', 'm3', 'm4'].map((memberId) => beat(coordinator, memberId, 0));
  expect(store.appendCount).toBe(1);
  const deleting = coordinator.delete('c');
  gate.resolve(undefined);
  const epochs = (await Promise.all(joining)).map((answer) =>
    'memberEpoch' in answer ? answer.memberEpoch : -1,
  );
  expect(epochs).toEqual([1, 2, 3, 4]);
  expect(await deleting).toBe(ErrorCode.NON_EMPTY_GROUP);
  expect(store.appendCount).toBe(2);
});

test('a commit on its way when its group is deleted is deleted with it', async () => {
  const store = new MemoryStore();
  const clock = new StillClock();
  const coordinator = await open(store, clock);
  const gate = deferred<undefined>();
  store.gate = gate.promise;
  const committing = commit(coordinator, clock, 'g', 1);
  const deleting = coordinator.delete('g');
  gate.resolve(undefined);
  expect(await committing).toBe(0);
  expect(await deleting).toBe(0);
  expect(coordinator.find('g')).toBeUndefined();
  expect((await open(store, clock)).groups()).toEqual([]);
});

test('offsets of a consumer group go after their time once no member reads their topic', async () => {
  const store = new MemoryStore();
  const clock = new StillClock();
  const coordinator = await open(store, clock);
  await beat(coordinator, 'm1', 0);
  const committed = {
    offset: 1,
    leaderEpoch: -1,
    metadata: '',
    commitTimestampMs: clock.nowMs(),
    expireTimestampMs: -1,
  };
  const offsets = ['t', 'other'].map((topic) => ({ topic, partition: 0, committed }));
  const request = { groupId: 'c', memberId: 'm1', instanceId: null, generation: 1, version: 9 };
  expect(await coordinator.commit({ ...request, offsets })).toBe(0);
  clock.ms += RETENTION_MS;
  await coordinator.expireOffsets();
  expect([...(coordinator.find('c')?.offsets.keys() ?? [])]).toEqual(['t']);
  await coordinator.consumerLeave('c', { memberId: 'm1', memberEpoch: -1, instanceId: null });
  await coordinator.expireOffsets();
  expect(coordinator.find('c')).toBeUndefined();
  expect((await open(store, clock)).groups()).toEqual([]);
});

test('many members that come at once are stored in batches that a log takes', async () => {
  const store = new MemoryStore();
  const coordinator = await open(store, new StillClock());
  const gate = deferred<undefined>();
  store.gate = gate.promise;
  const long = (memberId: string): string => memberId.padEnd(20_000, '-');
  const joining = ['a', 'b', 'c', 'd', 'e'].map((id) => beat(coordinator, long(id), 0));
  gate.resolve(undefined);
  for (const answer of await Promise.all(joining)) expect(answer).toHaveProperty('memberEpoch');
  // One by itself, and the others by threes of about 60 KB each.
  expect(store.appendCount).toBe(3);
});
