import type { Preview } from './replay-target.ts';
import type { LetterSelection } from './selection.ts';

/** What is asked for; names as in the JSON. */
export interface ReplayRequest extends LetterSelection {
  /** Converts and transforms, and delivers nothing. */
  readonly dry_run?: boolean | undefined;
  /** At most so many letters. */
  readonly limit?: number | undefined;
}

/** A replay, running or over; names as in the JSON. */
export interface ReplayStatus {
  readonly id: string;
  readonly connector: string;
  readonly topic: string;
  readonly state: 'running' | 'completed' | 'failed' | 'cancelled';
  readonly dry_run: boolean;
  readonly selection: LetterSelection & { readonly limit?: number | undefined };
  readonly started_at: string;
  readonly ended_at: string | null;
  /** Letters that were looked at. */
  readonly scanned: number;
  readonly delivered: number;
  /** By a transform. */
  readonly dropped: number;
  /** They are dead letters again, with one attempt more. */
  readonly failed: number;
  readonly skipped: {
    /** By an earlier replay. */
    readonly replayed: number;
    readonly not_replayable: number;
  };
  /** Where the replay is, by partition of the topic. */
  readonly progress: readonly {
    readonly partition: number;
    readonly offset: number;
    readonly end: number;
  }[];
  /** The first failures and obstacles. */
  readonly problems: readonly ReplayProblem[];
  /** Of a dry run: what the first letters would be delivered as. */
  readonly previews: readonly (Preview & {
    readonly letter: { readonly partition: number; readonly offset: number };
  })[];
  /** Why it failed. */
  readonly error: string | null;
  readonly remedy: string | null;
}

export interface ReplayProblem {
  readonly partition: number;
  readonly offset: number;
  readonly stage: string | null;
  readonly message: string;
}
