import {
  addPartition,
  equalAssignments,
  NO_PARTITIONS,
  overlaps,
  type Assignment,
} from './assignment.ts';
import { isReconciled, MemberPhase, type CurrentAssignment } from './consumer-group.ts';

export interface Target {
  readonly epoch: number;
  readonly assignment: Assignment;
  /** Whether somebody, this member included, has not yet given the partition up. */
  readonly isOwned: (topicId: string, partition: number) => boolean;
}

/**
 * The next step of a member towards its target: first it gives up what it must, and says so; then it
 * takes what nobody else holds any more; what others still hold it waits for.
 * `owned` is what the member says that it owns; null when it said nothing, which confirms nothing.
 */
export function reconcile(
  current: CurrentAssignment,
  target: Target,
  owned: Assignment | null,
): CurrentAssignment {
  if (isReconciled(current, target.epoch)) return current;
  if (current.phase === MemberPhase.STABLE || current.phase === MemberPhase.UNRELEASED)
    return nextAssignment(current, current.memberEpoch, target, owned);
  if (current.phase === MemberPhase.UNREVOKED) {
    if (stillOwns(owned, current.pendingRevocation)) return current;
    return nextAssignment(current, current.memberEpoch + 1, target, owned);
  }
  // A phase of a newer version: from scratch. The member was asked to come without partitions.
  return nextAssignment(current, target.epoch, target, owned);
}

function nextAssignment(
  current: CurrentAssignment,
  memberEpoch: number,
  target: Target,
  owned: Assignment | null,
): CurrentAssignment {
  const kept = new Map<string, Set<number>>();
  const revoked = new Map<string, Set<number>>();
  const added = new Map<string, Set<number>>();
  let isWaiting = false;
  for (const [topicId, partitions] of current.assigned) {
    const wanted = target.assignment.get(topicId);
    for (const partition of partitions)
      addPartition(wanted?.has(partition) === true ? kept : revoked, topicId, partition);
  }
  for (const [topicId, partitions] of target.assignment) {
    const has = kept.get(topicId);
    for (const partition of partitions) {
      if (has?.has(partition) === true) continue;
      if (target.isOwned(topicId, partition)) isWaiting = true;
      else addPartition(added, topicId, partition);
    }
  }
  if (revoked.size > 0 && stillOwns(owned, revoked))
    return moved(current, memberEpoch, MemberPhase.UNREVOKED, kept, revoked);
  for (const [topicId, partitions] of added)
    for (const partition of partitions) addPartition(kept, topicId, partition);
  const phase = isWaiting ? MemberPhase.UNRELEASED : MemberPhase.STABLE;
  return moved(current, target.epoch, phase, kept, NO_PARTITIONS);
}

/** Who says nothing of what it owns may still own everything. */
function stillOwns(owned: Assignment | null, revoked: Assignment): boolean {
  return owned === null || overlaps(owned, revoked);
}

function moved(
  current: CurrentAssignment,
  memberEpoch: number,
  phase: number,
  assigned: Assignment,
  pendingRevocation: Assignment,
): CurrentAssignment {
  const isSame =
    current.memberEpoch === memberEpoch &&
    current.phase === phase &&
    equalAssignments(current.assigned, assigned) &&
    equalAssignments(current.pendingRevocation, pendingRevocation);
  if (isSame) return current;
  return {
    memberEpoch,
    previousMemberEpoch: current.memberEpoch,
    phase,
    assigned,
    pendingRevocation,
  };
}
