import type { GroupLimits, GroupProtocol, GroupRecord, GroupState, Token } from './group-state.ts';

export interface JoinEvent {
  readonly kind: 'join';
  readonly token: Token;
  readonly memberId: string;
  /** The id that a member without one gets. */
  readonly newMemberId: string;
  readonly instanceId: string | null;
  /** From version 4 on, a newcomer must come back with the id that it was given. */
  readonly requiresKnownMemberId: boolean;
  /** From version 9 on, a leader can be told to keep the assignment. */
  readonly canSkipAssignment: boolean;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly GroupProtocol[];
}

export interface SyncEvent {
  readonly kind: 'sync';
  readonly token: Token;
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Uint8Array }[];
}

export interface HeartbeatEvent {
  readonly kind: 'heartbeat';
  readonly token: Token;
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
}

export interface LeaveEvent {
  readonly kind: 'leave';
  readonly token: Token;
  readonly members: readonly { readonly memberId: string; readonly instanceId: string | null }[];
}

export type GroupEvent =
  | JoinEvent
  | SyncEvent
  | HeartbeatEvent
  | LeaveEvent
  | { readonly kind: 'group-stored'; readonly generation: number; readonly errorCode: number }
  /** A member went while the group was of the other kind. */
  | { readonly kind: 'member-gone' }
  /** The group is of the other kind from now on: whoever waits must ask there. */
  | { readonly kind: 'handed-over' }
  | { readonly kind: 'time-passed' };

export interface JoinAnswer {
  readonly errorCode: number;
  readonly generationId: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leader: string;
  readonly skipAssignment: boolean;
  readonly memberId: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly metadata: Uint8Array;
  }[];
}

export interface SyncAnswer {
  readonly errorCode: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignment: Uint8Array;
}

export type GroupEffect =
  | { readonly kind: 'answer-join'; readonly token: Token; readonly answer: JoinAnswer }
  | { readonly kind: 'answer-sync'; readonly token: Token; readonly answer: SyncAnswer }
  | { readonly kind: 'answer-heartbeat'; readonly token: Token; readonly errorCode: number }
  | { readonly kind: 'answer-leave'; readonly token: Token; readonly errorCodes: readonly number[] }
  /** To be written durably; then a 'group-stored' event with this generation is due. */
  | { readonly kind: 'store-group'; readonly generation: number; readonly record: GroupRecord };

/** One event on its way through the group, and what follows from it. */
export interface Step {
  readonly group: GroupState;
  readonly limits: GroupLimits;
  readonly nowMs: number;
  readonly effects: GroupEffect[];
}
