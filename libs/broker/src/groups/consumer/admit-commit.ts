import { ErrorCode } from '@millrace/kafka-protocol';
import { currentOf, type ConsumerGroup } from './consumer-group.ts';

/** Older versions have no field for a member epoch: what they send is a generation. */
const MEMBER_EPOCH_SINCE = 9;

/**
 * Whether this member may commit or read offsets, as an error code. Who is no member may while there
 * are none.
 */
export function admitConsumerCommit(
  group: ConsumerGroup,
  commit: {
    readonly memberId: string;
    readonly instanceId: string | null;
    readonly generation: number;
    readonly version: number;
  },
  nowMs: number,
): number {
  if (commit.generation < 0 && group.members.size === 0) return ErrorCode.NONE;
  const member = group.members.get(commit.memberId);
  if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
  if (member.classic === null && commit.version < MEMBER_EPOCH_SINCE)
    return ErrorCode.UNSUPPORTED_VERSION;
  if (commit.generation === currentOf(group, commit.memberId).memberEpoch) {
    const deadlines = group.deadlines.get(commit.memberId);
    // A classic member that commits is alive, as in its own groups.
    if (deadlines !== undefined && member.classic !== null)
      deadlines.sessionMs = nowMs + member.classic.sessionTimeoutMs;
    return ErrorCode.NONE;
  }
  return member.classic === null ? ErrorCode.STALE_MEMBER_EPOCH : ErrorCode.ILLEGAL_GENERATION;
}

export function admitConsumerFetch(
  group: ConsumerGroup,
  memberId: string | null,
  memberEpoch: number,
): number {
  if (memberId === null && memberEpoch < 0) return ErrorCode.NONE;
  const member = group.members.get(memberId ?? '');
  if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
  if (memberEpoch === currentOf(group, member.memberId).memberEpoch) return ErrorCode.NONE;
  return member.classic === null ? ErrorCode.STALE_MEMBER_EPOCH : ErrorCode.ILLEGAL_GENERATION;
}

/** Offsets in a transaction: who names no member is fenced by the transaction itself. */
export function admitConsumerTransaction(
  group: ConsumerGroup,
  commit: {
    readonly memberId: string;
    readonly instanceId: string | null;
    readonly generation: number;
  },
): number {
  if (commit.generation < 0 && (commit.memberId === '' || group.members.size === 0))
    return ErrorCode.NONE;
  const member = group.members.get(commit.memberId);
  if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
  // Their versions know of generations only.
  return commit.generation === currentOf(group, commit.memberId).memberEpoch
    ? ErrorCode.NONE
    : ErrorCode.ILLEGAL_GENERATION;
}
