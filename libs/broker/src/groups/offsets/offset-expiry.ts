import { ErrorCode } from '@millrace/kafka-protocol';
import { isClassicSubscriber } from '../classic/subscription.ts';
import { readsTopic } from '../consumer/consumer-group.ts';
import type { GroupEntry } from '../group-entry.ts';
import type { CommittedOffset } from '../group-records.ts';
import { setOffset, type OffsetTable } from './offset-table.ts';

/** The offsets that are past their time and not needed by a member. */
export function expiredOffsets(
  entry: GroupEntry,
  isPending: (topic: string, partition: number) => boolean,
  nowMs: number,
  retentionMs: number,
): OffsetTable {
  const expired: OffsetTable = new Map();
  for (const [topic, partitions] of entry.offsets) {
    if (isSubscribed(entry, topic)) continue;
    for (const [partition, committed] of partitions) {
      // A commit on its way makes the offset new; its record must not be followed by a tombstone.
      if (isCommitting(entry, topic, partition) || isPending(topic, partition)) continue;
      if (expiryMs(entry, committed, retentionMs) <= nowMs)
        setOffset(expired, topic, partition, committed);
    }
  }
  return expired;
}

/** Whether offsets of the topic are kept whatever their age. */
function isSubscribed({ group }: GroupEntry, topic: string): boolean {
  if (group.kind === 'consumer') return readsTopic(group.state, topic);
  if (group.state.phase === 'Empty') return false;
  return group.state.phase !== 'Stable' || isClassicSubscriber(group.state, topic);
}

function isCommitting({ committing }: GroupEntry, topic: string, partition: number): boolean {
  for (const offsets of committing) {
    if (offsets.some((each) => each.topic === topic && each.partition === partition)) return true;
  }
  return false;
}

function expiryMs({ group }: GroupEntry, committed: CommittedOffset, retentionMs: number): number {
  if (committed.expireTimestampMs >= 0) return committed.expireTimestampMs;
  // A group that never had members keeps an offset from its commit on, a classic one from its end on.
  const endedMs =
    group.kind === 'classic' && group.state.phase === 'Empty' && group.state.protocolType !== null
      ? group.state.phaseSinceMs
      : 0;
  return Math.max(endedMs, committed.commitTimestampMs) + retentionMs;
}

/** Why the offsets of this topic may not be deleted: 0, or an error code for the topic. */
export function findTopicInUse({ group }: GroupEntry, topic: string): number {
  const isRead =
    group.kind === 'consumer'
      ? readsTopic(group.state, topic)
      : group.state.phase !== 'Empty' && isClassicSubscriber(group.state, topic);
  return isRead ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE;
}
