import { ASSIGNORS } from './assignors.ts';
import type { AssignorMember } from './assignors/assignor.ts';
import { equalAssignments, NO_PARTITIONS, type Assignment } from './assignment.ts';
import {
  currentOf,
  MemberPhase,
  topicsOf,
  type ConsumerGroup,
  type MemberSubscription,
} from './consumer-group.ts';
import { metadataHashOf } from './metadata-hash.ts';
import { matchTopics } from './patterns.ts';
import { reconcile } from './reconcile.ts';
import { deadlinesOf, type ConsumerStep } from './step.ts';

/**
 * Begins a new epoch when subscriptions changed, or the topics that they are about. Patterns match what the member may
 * see that gives the occasion; one that has no patterns, of the classic protocol, leaves them alone.
 */
export function refreshEpoch(
  step: ConsumerStep,
  hasChanged: boolean,
  maySeeTopic?: (name: string) => boolean,
): void {
  const { group, topics } = step;
  const arePatternsOld = maySeeTopic !== undefined && group.patternsVersion !== topics.version;
  if (!hasChanged && group.topicsVersion === topics.version && !arePatternsOld) return;
  const isRematched =
    maySeeTopic === undefined ? forgetUnusedPatterns(step) : refreshPatterns(step, maySeeTopic);
  const metadataHash = metadataHashOf(subscribedTopics(group), topics);
  group.topicsVersion = topics.version;
  if (hasChanged || isRematched || metadataHash !== group.metadataHash)
    step.change({ kind: 'epoch', value: { epoch: group.epoch + 1, metadataHash } });
}

/** Patterns are matched anew when the topics changed, and forgotten when nobody has them any more. */
function refreshPatterns(step: ConsumerStep, maySeeTopic: (name: string) => boolean): boolean {
  const { group, topics } = step;
  let hasChanged = forgetUnusedPatterns(step);
  for (const regex of usedPatterns(group)) {
    const known = group.patterns.get(regex);
    if (known !== undefined && group.patternsVersion === topics.version) continue;
    const matched = matchTopics(regex, topics.names()).filter(maySeeTopic);
    if (known !== undefined && sameTexts(known.topics, matched)) continue;
    const metadataVersion = (known?.metadataVersion ?? 0) + 1;
    const value = { topics: matched, metadataVersion, timestampMs: step.nowMs };
    step.change({ kind: 'pattern', regex, value });
    hasChanged = true;
  }
  group.patternsVersion = topics.version;
  return hasChanged;
}

export function forgetUnusedPatterns(step: ConsumerStep): boolean {
  const used = usedPatterns(step.group);
  const unused = [...step.group.patterns.keys()].filter((regex) => !used.has(regex));
  for (const regex of unused) step.change({ kind: 'pattern', regex, value: null });
  return unused.length > 0;
}

function usedPatterns(group: ConsumerGroup): ReadonlySet<string> {
  const used = new Set<string>();
  for (const { topicRegex } of group.members.values()) if (topicRegex !== '') used.add(topicRegex);
  return used;
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

export function subscribedTopics(group: ConsumerGroup): ReadonlySet<string> {
  const topics = new Set<string>();
  for (const member of group.members.values())
    for (const topic of topicsOf(group, member)) topics.add(topic);
  return topics;
}

/** Shares the partitions out anew when the group has a newer epoch than its assignment. */
export function refreshTarget(step: ConsumerStep): void {
  const { group } = step;
  if (group.epoch <= group.assignmentEpoch) return;
  const { members, partitionCounts } = assignorInput(step);
  const assign = ASSIGNORS.get(preferredAssignor(step));
  const shares = assign?.(members, partitionCounts) ?? new Map<string, Assignment>();
  for (const { memberId, share } of members) {
    const next = shares.get(memberId) ?? NO_PARTITIONS;
    if (group.targets.has(memberId) && equalAssignments(share, next)) continue;
    step.change({ kind: 'target', memberId, value: next });
  }
  step.change({ kind: 'target-epoch', value: group.epoch });
}

function assignorInput({ group, topics }: ConsumerStep): {
  readonly members: readonly AssignorMember[];
  readonly partitionCounts: ReadonlyMap<string, number>;
} {
  const partitionCounts = new Map<string, number>();
  const members = [...group.members.values()].map((member) => {
    const topicIds = new Set<string>();
    for (const name of topicsOf(group, member)) {
      const topic = topics.find(name);
      if (topic === undefined) continue;
      topicIds.add(topic.topicId);
      partitionCounts.set(topic.topicId, topic.partitionCount);
    }
    const share = group.targets.get(member.memberId) ?? NO_PARTITIONS;
    return { memberId: member.memberId, instanceId: member.instanceId, topicIds, share };
  });
  return { members, partitionCounts };
}

/** The assignor that most members ask for, or else the default. */
export function preferredAssignor({
  group,
  limits,
}: Pick<ConsumerStep, 'group' | 'limits'>): string {
  const votes = new Map<string, number>();
  for (const { serverAssignor } of group.members.values())
    if (serverAssignor !== null && limits.assignors.includes(serverAssignor))
      votes.set(serverAssignor, (votes.get(serverAssignor) ?? 0) + 1);
  let best: string | undefined;
  for (const [name, count] of votes)
    if (best === undefined || count > (votes.get(best) ?? 0)) best = name;
  return best ?? limits.assignors[0] ?? 'uniform';
}

/** Takes the member one step nearer to its target. `owned` is null when it did not say. */
export function reconcileMember(
  step: ConsumerStep,
  member: MemberSubscription,
  owned: Assignment | null,
): void {
  const { group } = step;
  const { memberId } = member;
  const current = currentOf(group, memberId);
  const target = {
    epoch: group.assignmentEpoch,
    assignment: group.targets.get(memberId) ?? NO_PARTITIONS,
    isOwned: (topicId: string, partition: number) =>
      group.owners.get(topicId)?.has(partition) === true,
  };
  const next = reconcile(current, target, owned);
  if (next === current) return;
  step.change({ kind: 'current', memberId, value: next });
  // Classic members have a time-out for joining instead.
  if (member.classic !== null) return;
  deadlinesOf(step, memberId).revocation =
    next.phase === MemberPhase.UNREVOKED
      ? { atMs: step.nowMs + member.rebalanceTimeoutMs, memberEpoch: next.memberEpoch }
      : undefined;
}
