import type { GroupMetadataValueInput } from '@millrace/kafka-protocol';

/**
 * What a classic group is made of. The state is changed by `stepGroup` alone; the coordinator reads it.
 * Times are the caller's clock in milliseconds, so that a group can be replayed in a test.
 */
export type GroupPhase = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

/** Names a request that waits for its answer. Made and resolved by the coordinator. */
export type Token = number;

export interface GroupProtocol {
  readonly name: string;
  readonly metadata: Uint8Array;
}

export interface GroupMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  clientId: string;
  clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocols: readonly GroupProtocol[];
  assignment: Uint8Array;
  /** When the member is given up. Does not count while one of its requests waits here. */
  sessionDeadlineMs: number;
  waitingJoin: Token | undefined;
  waitingSync: Token | undefined;
  /** Sent its SyncGroup of this generation. */
  hasSynced: boolean;
}

export interface GroupState {
  readonly groupId: string;
  phase: GroupPhase;
  generation: number;
  protocolType: string | null;
  protocolName: string | null;
  leaderId: string | null;
  /** When the phase was entered; what the expiry of offsets counts from once the group is empty. */
  phaseSinceMs: number;
  readonly members: Map<string, GroupMember>;
  /** `group.instance.id` to member id. */
  readonly staticMembers: Map<string, string>;
  /** Member ids given out with MEMBER_ID_REQUIRED, and until when they may be used. */
  readonly pendingMembers: Map<string, number>;
  /** When a rebalance ends without those who have not come back. */
  rebalanceDeadlineMs: number | undefined;
  /** Only in the first rebalance of an empty group: how much longer newcomers may prolong it. */
  initialDelayLeftMs: number | undefined;
  hasNewcomer: boolean;
  /** When members that joined but never asked for their assignment are given up. */
  syncDeadlineMs: number | undefined;
  /** The leader's assignment, while it is being stored. */
  storing:
    | { readonly generation: number; readonly assignments: ReadonlyMap<string, Uint8Array> }
    | undefined;
}

/** A group record as `__consumer_offsets` holds it. */
export type GroupRecord = GroupMetadataValueInput;

export interface GroupLimits {
  readonly initialRebalanceDelayMs: number;
  readonly membersMax: number;
}

export function emptyGroup(groupId: string, nowMs: number): GroupState {
  return {
    groupId,
    phase: 'Empty',
    generation: 0,
    protocolType: null,
    protocolName: null,
    leaderId: null,
    phaseSinceMs: nowMs,
    members: new Map(),
    staticMembers: new Map(),
    pendingMembers: new Map(),
    rebalanceDeadlineMs: undefined,
    initialDelayLeftMs: undefined,
    hasNewcomer: false,
    syncDeadlineMs: undefined,
    storing: undefined,
  };
}

/** The client host of members in the broker's own process, which end with it. */
export const IN_PROCESS_HOST = '/in-process';

/**
 * The group that a record describes, with bytes of its own. Its members have a whole session to be heard of again,
 * but those of this process: they ended when the broker did, and waiting for them would only hold up their successors.
 */
export function groupFromRecord(
  groupId: string,
  record: Required<Omit<GroupRecord, 'members'>> & {
    readonly members: readonly Required<GroupRecord['members'][number]>[];
  },
  nowMs: number,
): GroupState {
  const group = emptyGroup(groupId, nowMs);
  group.phase = record.members.length > 0 ? 'Stable' : 'Empty';
  group.generation = record.generation;
  group.protocolType = record.protocolType === '' ? null : record.protocolType;
  group.protocolName = record.protocol;
  group.leaderId = record.leader;
  if (record.currentStateTimestamp !== undefined && record.currentStateTimestamp >= 0)
    group.phaseSinceMs = record.currentStateTimestamp;
  for (const stored of record.members) {
    const rebalanceTimeout = stored.rebalanceTimeout ?? -1;
    const instanceId = stored.groupInstanceId ?? null;
    group.members.set(stored.memberId, {
      memberId: stored.memberId,
      instanceId,
      clientId: stored.clientId,
      clientHost: stored.clientHost,
      sessionTimeoutMs: stored.sessionTimeout,
      rebalanceTimeoutMs: rebalanceTimeout < 0 ? stored.sessionTimeout : rebalanceTimeout,
      protocols: [{ name: record.protocol ?? '', metadata: stored.subscription.slice() }],
      assignment: stored.assignment.slice(),
      sessionDeadlineMs: nowMs + (hasEnded(stored) ? 0 : stored.sessionTimeout),
      waitingJoin: undefined,
      waitingSync: undefined,
      hasSynced: true,
    });
    if (instanceId !== null) group.staticMembers.set(instanceId, stored.memberId);
  }
  return group;
}

/** A static member comes back under its instance id and finds its assignment again. */
function hasEnded(stored: {
  readonly clientHost: string;
  readonly groupInstanceId: string | null | undefined;
}): boolean {
  return stored.clientHost === IN_PROCESS_HOST && (stored.groupInstanceId ?? null) === null;
}

/** The record of a group with these assignments. An assignment that is missing is empty. */
export function recordOfGroup(
  group: GroupState,
  assignments: ReadonlyMap<string, Uint8Array>,
  nowMs: number,
): GroupRecord {
  return {
    protocolType: group.protocolType ?? '',
    generation: group.generation,
    protocol: group.protocolName,
    leader: group.leaderId,
    currentStateTimestamp: nowMs,
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeout: member.rebalanceTimeoutMs,
      sessionTimeout: member.sessionTimeoutMs,
      subscription: metadataOf(member, group.protocolName),
      assignment: assignments.get(member.memberId) ?? NOTHING,
    })),
  };
}

export const NOTHING = new Uint8Array(0);

export function metadataOf(member: GroupMember, protocolName: string | null): Uint8Array {
  return member.protocols.find((protocol) => protocol.name === protocolName)?.metadata ?? NOTHING;
}

export function assignmentsOf(group: GroupState): ReadonlyMap<string, Uint8Array> {
  return new Map([...group.members].map(([id, member]) => [id, member.assignment]));
}

/** When the group next has something to do by itself; Infinity when nothing is due. */
export function nextDeadlineMs(group: GroupState): number {
  let deadline = Math.min(group.rebalanceDeadlineMs ?? Infinity, group.syncDeadlineMs ?? Infinity);
  for (const until of group.pendingMembers.values()) deadline = Math.min(deadline, until);
  for (const member of group.members.values()) {
    if (!isWaiting(member)) deadline = Math.min(deadline, member.sessionDeadlineMs);
  }
  return deadline;
}

/** One of its requests is parked here, which is as good as a heartbeat. */
export function isWaiting(member: GroupMember): boolean {
  return member.waitingJoin !== undefined || member.waitingSync !== undefined;
}
