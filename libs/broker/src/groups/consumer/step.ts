import { applyChange, type GroupChange } from './changes.ts';
import type { ConsumerGroup, MemberDeadlines, MemberSubscription } from './consumer-group.ts';

/** The topics there are. */
export interface TopicDirectory {
  /** Another value after each change of the topics. */
  readonly version: unknown;
  find(name: string): { readonly topicId: string; readonly partitionCount: number } | undefined;
  nameOf(topicId: string): string | undefined;
  names(): Iterable<string>;
}

/** Bounds and times of groups of KIP-848, as they hold for one group. */
export interface ConsumerLimits {
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly membersMax: number;
  readonly classicMembersMax: number;
  /** The names of the server assignors; the first is the default. */
  readonly assignors: readonly string[];
  readonly canUpgrade: boolean;
  readonly canDowngrade: boolean;
}

/**
 * One event on its way through a group. Changes hold at once for what follows; they are answered only
 * when they are durable, and taken back when they could not be made so.
 */
export class ConsumerStep {
  readonly group: ConsumerGroup;
  readonly topics: TopicDirectory;
  readonly limits: ConsumerLimits;
  readonly nowMs: number;
  readonly changes: GroupChange[] = [];
  readonly #undo: GroupChange[] = [];

  constructor(group: ConsumerGroup, topics: TopicDirectory, limits: ConsumerLimits, nowMs: number) {
    this.group = group;
    this.topics = topics;
    this.limits = limits;
    this.nowMs = nowMs;
  }

  change(change: GroupChange): void {
    this.#undo.push(applyChange(this.group, change));
    this.changes.push(change);
  }

  /** The log did not take the changes: the group is again what it was. */
  takeBack(): void {
    for (const change of this.#undo.splice(0).reverse()) applyChange(this.group, change);
  }
}

export function sessionTimeoutOf(step: ConsumerStep, member: MemberSubscription): number {
  return member.classic?.sessionTimeoutMs ?? step.limits.sessionTimeoutMs;
}

/** The member was heard of. */
export function touch(step: ConsumerStep, member: MemberSubscription): void {
  deadlinesOf(step, member.memberId).sessionMs = step.nowMs + sessionTimeoutOf(step, member);
}

export function deadlinesOf({ group }: ConsumerStep, memberId: string): MemberDeadlines {
  let deadlines = group.deadlines.get(memberId);
  if (deadlines === undefined) {
    deadlines = {
      sessionMs: Infinity,
      revocation: undefined,
      joinMs: undefined,
      syncMs: undefined,
    };
    group.deadlines.set(memberId, deadlines);
  }
  return deadlines;
}
