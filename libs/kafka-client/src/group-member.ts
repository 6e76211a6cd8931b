import type { MillraceError } from '@millrace/foundation';
import type { Coordinator } from './coordinator.ts';
import type { MemberIdentity } from './group-offsets.ts';

/** Our place in a group, by whichever protocol. */
export interface GroupMember {
  readonly identity: MemberIdentity;
  /** Offsets can be committed. */
  readonly isStable: boolean;
  /** The group has moved on without us: what we held may be others'. */
  readonly isLost: boolean;
  /** Joining again would not help. */
  readonly failure: MillraceError | undefined;
  polling(isPolling: boolean): void;
  /** Something is to be found out anew. */
  rejoin(): void;
  lose(): void;
  fail(error: MillraceError): void;
  leave(coordinator: Coordinator, reason: string): Promise<void>;
  stop(): void;
}

/** Brings what a member is assigned, and what the consumer holds, together, step by step within `poll`. */
export interface Rebalance {
  readonly member: GroupMember;
  /** True when another step may follow at once. */
  advance(): Promise<boolean>;
  /** When it wants to be asked again even if nothing rings. */
  readonly nextMs: number;
}
