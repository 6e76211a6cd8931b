import type { DeadLetterPage, DeadLetterQuery } from './dead-letters/dead-letters.ts';
import type { DeadLetterView } from './dead-letters/letter-view.ts';
import type { ReplayRequest, ReplayStatus } from './dead-letters/replay-status.ts';
import type { ErrorGroup } from './errors/error-groups.ts';

/**
 * Where a person sees what failed, and has it tried again. Names inside the answers are those of the JSON.
 * All throw `connect.not_found` for a connector that is not there.
 */
export interface ErrorDesk {
  errorsOf(name: string): ConnectorErrors;
  clearErrors(name: string): void;

  /** @throws MillraceError `connect.bad_request` when the connector has no topic of dead letters */
  deadLetters(name: string, query: DeadLetterQuery): Promise<DeadLetterPage>;
  deadLetter(name: string, partition: number, offset: number): Promise<DeadLetterView>;
  /**
   * Begins a replay; returns its status soon, finished or not.
   * @throws MillraceError `connect.conflict` when another one runs, or a sink has no running task
   */
  replayDeadLetters(name: string, request: ReplayRequest): Promise<ReplayStatus>;
  /** The last one is first. */
  replays(name: string): readonly ReplayStatus[];
  replay(name: string, id: string): ReplayStatus;
  /** Ends behind the batch that is under way. */
  cancelReplay(name: string, id: string): Promise<ReplayStatus>;
}

export interface ConnectorErrors {
  readonly name: string;
  /** Since when failures are counted: the start of the worker, or the last time they were cleared. */
  readonly since: string;
  /** The kind seen last is first. */
  readonly groups: readonly ErrorGroup[];
  /** Kinds that are not shown any more, since there were more than `errors.groups.max`. */
  readonly forgotten: number;
}
