import type { CommittedOffset } from './group-records.ts';
import { nextDeadlineMs as nextClassicDeadlineMs, type GroupState } from './classic/group-state.ts';
import {
  nextDeadlineMs as nextConsumerDeadlineMs,
  phaseOf,
  type ConsumerGroup,
} from './consumer/consumer-group.ts';
import type { Batch } from './group-batch.ts';
import type { OffsetsByTopic, OffsetTable, OffsetToCommit } from './offsets/offset-table.ts';

/** A group of either protocol. Members of the classic one may be in both kinds. */
export type Group =
  | { readonly kind: 'classic'; readonly state: GroupState }
  | { readonly kind: 'consumer'; readonly state: ConsumerGroup };

/** A group with its offsets, to be read. */
export interface GroupView {
  readonly groupId: string;
  readonly group: Group;
  readonly offsets: OffsetsByTopic;
}

/** What a request does to a group, once nothing of the group is on its way to the log. */
export type Job = (batch: Batch) => void;

export interface GroupEntry {
  readonly groupId: string;
  group: Group;
  readonly offsets: OffsetTable;
  /** Commits on their way to the log. */
  readonly committing: Set<readonly OffsetToCommit[]>;
  /** Something of the group is in the store. */
  isStored: boolean;
  /** A change of the group is on its way to the log; jobs wait for it. */
  isStoring: boolean;
  jobs: Job[];
  timer: { readonly dueMs: number; readonly stop: AbortController } | undefined;
}

export function newEntry(groupId: string, group: Group): GroupEntry {
  return {
    groupId,
    group,
    offsets: new Map<string, Map<number, CommittedOffset>>(),
    committing: new Set(),
    isStored: false,
    isStoring: false,
    jobs: [],
    timer: undefined,
  };
}

/** Nobody is in it, or about to be. */
export function isEmpty({ kind, state }: Group): boolean {
  if (kind === 'consumer') return state.members.size === 0;
  return state.phase === 'Empty' && state.members.size === 0;
}

export function phaseOfGroup(group: Group): string {
  return group.kind === 'classic' ? group.state.phase : phaseOf(group.state);
}

export function deadlineOf(group: Group): number {
  return group.kind === 'classic'
    ? nextClassicDeadlineMs(group.state)
    : nextConsumerDeadlineMs(group.state);
}

/** Nothing but a name that somebody asked for. */
export function isNothing(entry: GroupEntry): boolean {
  const { group, offsets, isStored, isStoring, committing } = entry;
  return (
    !isStored &&
    !isStoring &&
    committing.size === 0 &&
    offsets.size === 0 &&
    group.state.members.size === 0 &&
    (group.kind === 'consumer' || group.state.pendingMembers.size === 0)
  );
}
