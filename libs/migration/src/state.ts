import type { Selection } from './model/selection.ts';

/**
 * How far a migration has come. `planned`: tables are being made; `copying`; `following`: rows are there, changes are
 * carried; `ended`: cut over, nothing is carried any more; `reversed`: cut over, changes go back to the old database.
 */
export type Phase = 'planned' | 'copying' | 'following' | 'ended' | 'reversed';

export interface MigrationState {
  readonly version: 1;
  readonly id: string;
  /** Without secrets. */
  readonly source: string;
  readonly target: string;
  readonly phase: Phase;
  readonly selection: Selection;
  readonly renames: readonly string[];
  /** Those that were there when it began; of a state of an older version undefined: all that are selected. */
  readonly tables?: readonly string[];
  readonly isReversible: boolean;
  /** Of a MySQL source, and of a MySQL target on the way back: numbers among its replicas. */
  readonly serverId: number;
  /** This direction is over, and its connectors, slot and topics are being removed. */
  readonly closing?: 'forward' | 'reverse';
}

/** Where the state is kept. Changes are atomic (INV-4). */
export interface StateStore {
  load(): MigrationState | undefined;
  save(state: MigrationState): void;
}
