import { ErrorCode } from '@millrace/kafka-protocol';
import type { JoinAnswer, Step, SyncAnswer } from './events.ts';
import {
  type GroupMember,
  type GroupState,
  metadataOf,
  NOTHING,
  type Token,
} from './group-state.ts';

export function answerJoin(step: Step, token: Token, member: GroupMember): void {
  const isLeader = member.memberId === step.group.leaderId;
  step.effects.push({
    kind: 'answer-join',
    token,
    answer: joinAnswerOf(step.group, member, isLeader),
  });
}

export function answerSync(step: Step, token: Token, member: GroupMember): void {
  step.effects.push({
    kind: 'answer-sync',
    token,
    answer: {
      errorCode: ErrorCode.NONE,
      protocolType: step.group.protocolType,
      protocolName: step.group.protocolName,
      assignment: member.assignment,
    },
  });
}

export function refuseJoin(step: Step, token: Token, memberId: string, errorCode: number): void {
  step.effects.push({ kind: 'answer-join', token, answer: refusedJoin(memberId, errorCode) });
}

export function refuseSync(step: Step, token: Token, errorCode: number): void {
  step.effects.push({ kind: 'answer-sync', token, answer: refusedSync(errorCode) });
}

export function refusedJoin(memberId: string, errorCode: number): JoinAnswer {
  return {
    errorCode,
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  };
}

export function refusedSync(errorCode: number): SyncAnswer {
  return { errorCode, protocolType: null, protocolName: null, assignment: NOTHING };
}

export function joinAnswerOf(
  group: GroupState,
  member: GroupMember,
  withMembers: boolean,
): JoinAnswer {
  return {
    errorCode: ErrorCode.NONE,
    generationId: group.generation,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    leader: group.leaderId ?? '',
    skipAssignment: false,
    memberId: member.memberId,
    members: withMembers
      ? [...group.members.values()].map((each) => ({
          memberId: each.memberId,
          groupInstanceId: each.instanceId,
          metadata: metadataOf(each, group.protocolName),
        }))
      : [],
  };
}
