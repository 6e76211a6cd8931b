import { emptyGroup, groupFromRecord, IN_PROCESS_HOST } from './classic/group-state.ts';
import { applyChange } from './consumer/changes.ts';
import { emptyConsumerGroup, MemberPhase, type ConsumerGroup } from './consumer/consumer-group.ts';
import type { ConsumerLimits } from './consumer/step.ts';
import { newEntry, type GroupEntry } from './group-entry.ts';
import type { CommittedOffset, ReplayedRecord } from './group-records.ts';
import type { GroupStore } from './group-store.ts';
import { setOffset, type OffsetTable } from './offsets/offset-table.ts';
import type { PendingOffsets } from './pending-offsets.ts';

type ClassicRecord = NonNullable<Extract<ReplayedRecord, { kind: 'group' }>['record']>;

/**
 * Everything that the log says of groups. The newest record of a group tells its kind: a classic group
 * and one of KIP-848 leave tombstones when they turn into one another.
 */
export async function loadGroups(
  store: GroupStore,
  pending: PendingOffsets,
  nowMs: number,
  consumerLimits: (groupId: string) => ConsumerLimits,
): Promise<readonly GroupEntry[]> {
  const classics = new Map<string, ClassicRecord>();
  const consumers = new Map<string, ConsumerGroup>();
  const offsets = new Map<string, OffsetTable>();
  const offsetsOf = (groupId: string): OffsetTable => {
    const topics = offsets.get(groupId) ?? new Map<string, Map<number, CommittedOffset>>();
    offsets.set(groupId, topics);
    return topics;
  };
  await store.replay({
    onRecord: (replayed, transaction) => {
      switch (replayed.kind) {
        case 'group':
          if (replayed.record === null) classics.delete(replayed.group);
          else classics.set(replayed.group, replayed.record);
          break;
        case 'consumer': {
          const { groupId, change } = replayed;
          const group = consumers.get(groupId) ?? emptyConsumerGroup(groupId);
          consumers.set(groupId, group);
          applyChange(group, change);
          break;
        }
        case 'offset': {
          const { group, topic, partition, committed } = replayed;
          const topics = offsetsOf(group);
          if (transaction !== undefined && committed !== null) {
            pending.add(transaction, { group, topic, partition, committed });
          } else {
            pending.supersede(group, topic, partition);
            setOffset(topics, topic, partition, committed);
          }
          break;
        }
        case 'unknown':
          break;
      }
    },
    onTransactionEnd: (transaction, isCommit) => {
      const decided = pending.end(transaction);
      if (!isCommit) return;
      for (const { group, topic, partition, committed } of decided)
        setOffset(offsetsOf(group), topic, partition, committed);
    },
  });
  const entries: GroupEntry[] = [];
  for (const groupId of new Set([...classics.keys(), ...consumers.keys(), ...offsets.keys()])) {
    const entry = entryOf(groupId, nowMs, classics.get(groupId), consumers.get(groupId));
    for (const [topic, partitions] of offsets.get(groupId) ?? [])
      entry.offsets.set(topic, partitions);
    entry.isStored = true;
    const isKnown =
      classics.has(groupId) ||
      entry.group.kind === 'consumer' ||
      entry.offsets.size > 0 ||
      pending.hasGroup(groupId);
    if (entry.group.kind === 'consumer')
      startDeadlines(entry.group.state, nowMs, consumerLimits(groupId));
    if (isKnown) entries.push(entry);
  }
  return entries;
}

function entryOf(
  groupId: string,
  nowMs: number,
  record: ClassicRecord | undefined,
  consumer: ConsumerGroup | undefined,
): GroupEntry {
  if (consumer !== undefined && isReal(consumer))
    return newEntry(groupId, { kind: 'consumer', state: consumer });
  const state =
    record === undefined ? emptyGroup(groupId, nowMs) : groupFromRecord(groupId, record, nowMs);
  return newEntry(groupId, { kind: 'classic', state });
}

/** Not just what tombstones have left. */
function isReal(group: ConsumerGroup): boolean {
  return group.epoch > 0 || group.members.size > 0;
}

function startDeadlines(group: ConsumerGroup, nowMs: number, limits: ConsumerLimits): void {
  for (const member of group.members.values()) {
    const { memberId, classic, instanceId, clientHost } = member;
    const current = group.currents.get(memberId);
    // As in classic groups: members of this process ended with it, unless they come back by name.
    const hasEnded = clientHost === IN_PROCESS_HOST && instanceId === null;
    const sessionMs = classic?.sessionTimeoutMs ?? limits.sessionTimeoutMs;
    group.deadlines.set(memberId, {
      sessionMs: nowMs + (hasEnded ? 0 : sessionMs),
      revocation:
        current?.phase === MemberPhase.UNREVOKED && classic === null
          ? { atMs: nowMs + member.rebalanceTimeoutMs, memberEpoch: current.memberEpoch }
          : undefined,
      joinMs: undefined,
      syncMs: undefined,
    });
  }
}
