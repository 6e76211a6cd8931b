import type { BinlogEvent } from './events/event.ts';

/** Where a binlog is read from; Debezium's offsets say the same. */
export interface BinlogPosition {
  readonly file: string;
  readonly position: number;
  /** Executed before `position`; null: the server has no GTIDs. */
  readonly gtids: string | null;
  /** Events of the transaction at `position` that are done with. */
  readonly eventsToSkip: number;
  /** Rows of the event behind those that are done with. */
  readonly rowsToSkip: number;
}

/**
 * Follows events and knows at each moment where a reader would have to go on: at the begin of the transaction in
 * progress or behind the last one, and what of it to skip. Debezium's counts: all events behind the one that began it.
 */
export class PositionTracker {
  constructor(_start: BinlogPosition) {
    throw new Error('not built yet');
  }

  /** Of the transaction in progress, else of the last one; null: none or anonymous. */
  get gtid(): string | null {
    throw new Error('not built yet');
  }

  get isInTransaction(): boolean {
    throw new Error('not built yet');
  }

  /**
   * Before anything is made of an event. `all`: it was done with before the restart and nothing is to be made of it,
   * though table maps are to be kept; a number: so many of its rows were.
   */
  begin(_event: BinlogEvent): 'all' | number {
    throw new Error('not built yet');
  }

  /** After all was made of it. */
  end(_event: BinlogEvent): void {
    throw new Error('not built yet');
  }

  /** Between events, and within a rows event after so many of its rows. */
  positionAfter(_rowCount: number): BinlogPosition {
    throw new Error('not built yet');
  }
}
