import { ErrorCode } from '@millrace/kafka-protocol';
import { joinAnswerOf, answerJoin, refuseJoin, refuseSync } from './answers.ts';
import type { JoinEvent, Step } from './events.ts';
import { acceptsProtocols, sameProtocols, selectProtocol } from './group-protocols.ts';
import { assignmentsOf, type GroupMember, NOTHING } from './group-state.ts';
import { findMember, touch } from './members.ts';
import { completeJoinIfAllCame, rebalance, store } from './rebalance.ts';

export function join(step: Step, event: JoinEvent): void {
  const group = step.group;
  if (group.phase === 'Dead') {
    refuseJoin(step, event.token, event.memberId, ErrorCode.COORDINATOR_NOT_AVAILABLE);
  } else if (!acceptsProtocols(group, event)) {
    refuseJoin(step, event.token, event.memberId, ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  } else if (event.memberId === '') {
    joinWithoutId(step, event);
  } else if (group.pendingMembers.has(event.memberId) && event.instanceId === null) {
    admit(step, event, event.memberId);
  } else {
    joinAgain(step, event);
  }
}

function joinWithoutId(step: Step, event: JoinEvent): void {
  const group = step.group;
  const former = event.instanceId === null ? undefined : group.staticMembers.get(event.instanceId);
  if (former !== undefined) {
    replaceStaticMember(step, event, former);
    return;
  }
  // INV-6: bounded by group.max.size, ids that were only given out included.
  if (group.members.size + group.pendingMembers.size >= step.limits.membersMax) {
    refuseJoin(step, event.token, '', ErrorCode.GROUP_MAX_SIZE_REACHED);
  } else if (event.requiresKnownMemberId && event.instanceId === null) {
    group.pendingMembers.set(event.newMemberId, step.nowMs + event.sessionTimeoutMs);
    refuseJoin(step, event.token, event.newMemberId, ErrorCode.MEMBER_ID_REQUIRED);
  } else {
    admit(step, event, event.newMemberId);
  }
}

function admit(step: Step, event: JoinEvent, memberId: string): void {
  const group = step.group;
  group.pendingMembers.delete(memberId);
  group.members.set(memberId, memberFrom(event, memberId, step.nowMs));
  if (event.instanceId !== null) group.staticMembers.set(event.instanceId, memberId);
  group.leaderId ??= memberId;
  group.protocolType = event.protocolType;
  group.hasNewcomer = true;
  rebalance(step);
}

function joinAgain(step: Step, event: JoinEvent): void {
  const group = step.group;
  const member = findMember(group, event.memberId, event.instanceId);
  if (typeof member === 'number') {
    refuseJoin(step, event.token, event.memberId, member);
    return;
  }
  const isUnchanged = sameProtocols(member.protocols, event.protocols);
  if (group.phase === 'CompletingRebalance' && isUnchanged) {
    // The answer was lost on its way: the same again.
    touch(member, step.nowMs);
    answerJoin(step, event.token, member);
  } else if (group.phase === 'Stable' && isUnchanged && member.memberId !== group.leaderId) {
    touch(member, step.nowMs);
    answerJoin(step, event.token, member);
  } else {
    updateMember(step, member, event);
    if (group.phase === 'PreparingRebalance') completeJoinIfAllCame(step);
    else rebalance(step);
  }
}

function updateMember(step: Step, member: GroupMember, event: JoinEvent): void {
  if (member.waitingJoin !== undefined) {
    // The client gave up on its former request; only the newest one is answered with success.
    refuseJoin(step, member.waitingJoin, member.memberId, ErrorCode.REBALANCE_IN_PROGRESS);
  }
  member.protocols = event.protocols;
  member.sessionTimeoutMs = event.sessionTimeoutMs;
  member.rebalanceTimeoutMs = event.rebalanceTimeoutMs;
  member.waitingJoin = event.token;
  touch(member, step.nowMs);
}

/** A static member came back under its name: the former holder of the name is fenced. */
function replaceStaticMember(step: Step, event: JoinEvent, formerId: string): void {
  const group = step.group;
  const former = group.members.get(formerId);
  if (former === undefined) {
    admit(step, event, event.newMemberId);
    return;
  }
  fence(step, former);
  const member = memberFrom(event, event.newMemberId, step.nowMs);
  member.assignment = former.assignment;
  member.hasSynced = former.hasSynced;
  group.members.delete(formerId);
  group.members.set(member.memberId, member);
  group.staticMembers.set(event.instanceId ?? '', member.memberId);
  const wasLeader = group.leaderId === formerId;
  if (wasLeader) group.leaderId = member.memberId;
  if (group.phase === 'PreparingRebalance') {
    completeJoinIfAllCame(step);
  } else if (group.phase === 'Stable' && selectProtocol(group) === group.protocolName) {
    // As in Kafka whatever the member says of itself now: with news, it joins once more.
    member.waitingJoin = undefined;
    keepAssignment(step, event, member, wasLeader ? formerId : undefined);
  } else {
    rebalance(step);
  }
}

/** Nothing changed for the group but the id of one member: no rebalance (KIP-345, KIP-814). */
function keepAssignment(
  step: Step,
  event: JoinEvent,
  member: GroupMember,
  formerLeaderId: string | undefined,
): void {
  const group = step.group;
  const wasLeader = formerLeaderId !== undefined;
  store(step, assignmentsOf(group));
  const answer = joinAnswerOf(group, member, wasLeader && event.canSkipAssignment);
  step.effects.push({
    kind: 'answer-join',
    token: event.token,
    answer: {
      ...answer,
      skipAssignment: wasLeader && event.canSkipAssignment,
      // An older client must not take itself for the leader, since it would assign anew.
      leader: wasLeader && !event.canSkipAssignment ? formerLeaderId : answer.leader,
      members: wasLeader && !event.canSkipAssignment ? [] : answer.members,
    },
  });
}

function fence(step: Step, member: GroupMember): void {
  if (member.waitingJoin !== undefined) {
    refuseJoin(step, member.waitingJoin, member.memberId, ErrorCode.FENCED_INSTANCE_ID);
    member.waitingJoin = undefined;
  }
  if (member.waitingSync !== undefined) {
    refuseSync(step, member.waitingSync, ErrorCode.FENCED_INSTANCE_ID);
    member.waitingSync = undefined;
  }
}

function memberFrom(event: JoinEvent, memberId: string, nowMs: number): GroupMember {
  return {
    memberId,
    instanceId: event.instanceId,
    clientId: event.clientId,
    clientHost: event.clientHost,
    sessionTimeoutMs: event.sessionTimeoutMs,
    rebalanceTimeoutMs: event.rebalanceTimeoutMs,
    protocols: event.protocols,
    assignment: NOTHING,
    sessionDeadlineMs: nowMs + event.sessionTimeoutMs,
    waitingJoin: event.token,
    waitingSync: undefined,
    hasSynced: false,
  };
}
