import { expect, test } from '@jest/globals';
import { silentLogger, systemRandom, type Clock } from '@millrace/foundation';
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

  append(_groupId: string, records: readonly GroupLogRecord[]): Promise<number> {
    if (this.errorCode === 0) this.records.push(...records);
    return Promise.resolve(this.errorCode);
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
