import { ErrorCode } from '@millrace/kafka-protocol';
import { answerJoin, refuseJoin, refuseSync } from './answers.ts';
import type { Step } from './events.ts';
import {
  electPresentLeader,
  longestRebalanceTimeoutMs,
  selectProtocol,
} from './group-protocols.ts';
import { type GroupPhase, NOTHING, recordOfGroup } from './group-state.ts';
import { remove, touch } from './members.ts';

export function rebalance(step: Step): void {
  const group = step.group;
  if (group.phase === 'PreparingRebalance' || group.phase === 'Dead') return;
  if (group.phase === 'CompletingRebalance') dropAssignments(step, ErrorCode.REBALANCE_IN_PROGRESS);
  const isFirst = group.phase === 'Empty';
  const rebalanceTimeoutMs = longestRebalanceTimeoutMs(group);
  enter(step, 'PreparingRebalance');
  const delayMs = Math.min(step.limits.initialRebalanceDelayMs, rebalanceTimeoutMs);
  if (isFirst && delayMs > 0) {
    group.initialDelayLeftMs = rebalanceTimeoutMs - delayMs;
    group.rebalanceDeadlineMs = step.nowMs + delayMs;
    group.hasNewcomer = false;
  } else {
    group.rebalanceDeadlineMs = step.nowMs + rebalanceTimeoutMs;
    completeJoinIfAllCame(step);
  }
}

export function dropAssignments(step: Step, errorCode: number): void {
  step.group.storing = undefined;
  for (const member of step.group.members.values()) {
    member.assignment = NOTHING;
    if (member.waitingSync === undefined) continue;
    refuseSync(step, member.waitingSync, errorCode);
    member.waitingSync = undefined;
    touch(member, step.nowMs);
  }
}

export function endWaitForMembers(step: Step): void {
  const group = step.group;
  const leftMs = group.initialDelayLeftMs;
  if (leftMs !== undefined && leftMs > 0 && group.hasNewcomer) {
    // Somebody new came during the first delay: others may be on their way too.
    const delayMs = Math.min(step.limits.initialRebalanceDelayMs, leftMs);
    group.hasNewcomer = false;
    group.initialDelayLeftMs = leftMs - delayMs;
    group.rebalanceDeadlineMs = step.nowMs + delayMs;
    return;
  }
  completeJoin(step);
}

export function completeJoinIfAllCame(step: Step): void {
  const group = step.group;
  if (group.phase !== 'PreparingRebalance') return;
  if (group.initialDelayLeftMs !== undefined && group.members.size > 0) return;
  if (group.pendingMembers.size > 0) return;
  for (const member of group.members.values()) if (member.waitingJoin === undefined) return;
  completeJoin(step);
}

function completeJoin(step: Step): void {
  const group = step.group;
  // A static member may be away for as long as its session lasts.
  for (const member of [...group.members.values()]) {
    if (member.waitingJoin === undefined && member.instanceId === null) remove(step, member);
  }
  if (group.members.size > 0 && !electPresentLeader(group)) {
    group.rebalanceDeadlineMs = step.nowMs + longestRebalanceTimeoutMs(group);
    return;
  }
  group.generation += 1;
  group.initialDelayLeftMs = undefined;
  group.rebalanceDeadlineMs = undefined;
  if (group.members.size === 0) {
    group.protocolName = null;
    group.leaderId = null;
    enter(step, 'Empty');
    store(step, new Map());
  } else {
    group.protocolName = selectProtocol(group);
    startGeneration(step);
  }
}

function startGeneration(step: Step): void {
  const group = step.group;
  enter(step, 'CompletingRebalance');
  group.syncDeadlineMs = step.nowMs + longestRebalanceTimeoutMs(group);
  for (const member of group.members.values()) {
    member.hasSynced = false;
    if (member.waitingJoin === undefined) continue;
    const token = member.waitingJoin;
    member.waitingJoin = undefined;
    touch(member, step.nowMs);
    answerJoin(step, token, member);
  }
}

export function enter(step: Step, phase: GroupPhase): void {
  const group = step.group;
  group.phase = phase;
  group.phaseSinceMs = step.nowMs;
  group.syncDeadlineMs = undefined;
  if (phase !== 'PreparingRebalance') group.rebalanceDeadlineMs = undefined;
}

export function store(step: Step, assignments: ReadonlyMap<string, Uint8Array>): void {
  step.effects.push({
    kind: 'store-group',
    generation: step.group.generation,
    record: recordOfGroup(step.group, assignments, step.nowMs),
  });
}

/** Everybody who waits is sent to join again. */
export function handOver(step: Step): void {
  step.group.storing = undefined;
  for (const member of step.group.members.values()) {
    const { waitingJoin, waitingSync } = member;
    member.waitingJoin = undefined;
    member.waitingSync = undefined;
    if (waitingJoin !== undefined)
      refuseJoin(step, waitingJoin, member.memberId, ErrorCode.REBALANCE_IN_PROGRESS);
    if (waitingSync !== undefined) refuseSync(step, waitingSync, ErrorCode.REBALANCE_IN_PROGRESS);
  }
}
