import type { BinlogEvent } from './events/event.ts';
import { parseGtidSet, type GtidSet } from './gtid/gtid-set.ts';

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
  /**
   * The transaction in which something is to be skipped. null: nothing is, or it is the next one. After a fail-over
   * another one may come before it.
   */
  readonly partialGtid?: string | null;
}

/** What of a transaction was done with before a restart. */
interface Partial {
  readonly gtid: string | null;
  readonly events: number;
  readonly rows: number;
}

/**
 * Follows events and knows at each moment where a reader would have to go on: at the begin of the transaction in
 * progress or behind the last one, and what of it to skip. Debezium's counts: all events from the one that began it (a
 * BEGIN; MariaDB's GTID) on. With GTIDs a server may send a transaction from another file and place, after a fail-over,
 * but with the same events in it.
 */
export class PositionTracker {
  readonly #flavour: 'mysql' | 'mariadb';
  #file: string;
  #position: number;
  /** With the transaction in progress. */
  #gtids: GtidSet | null;
  /** Without it. */
  #gtidsBefore: GtidSet | null;
  #gtid: string | null = null;
  #commitMicros: number | null = null;
  #isInTransaction = false;
  /** A GTID came, and what it is of has not ended. */
  #isInGroup = false;
  /** Of the transaction in progress. */
  #events = 0;
  #partial: Partial | null;
  /** The transaction in progress is the one that was done with in part. */
  #isPartial = false;

  constructor(flavour: 'mysql' | 'mariadb', start: BinlogPosition) {
    this.#flavour = flavour;
    this.#file = start.file;
    this.#position = start.position;
    this.#gtids = start.gtids === null ? null : parseGtidSet(flavour, start.gtids);
    this.#gtidsBefore = this.#gtids;
    this.#partial =
      start.eventsToSkip === 0 && start.rowsToSkip === 0
        ? null
        : { gtid: start.partialGtid ?? null, events: start.eventsToSkip, rows: start.rowsToSkip };
  }

  /** Of the transaction in progress, else of the last one; null: none or anonymous. */
  get gtid(): string | null {
    return this.#gtid;
  }

  /** When the same transaction was first committed, in microseconds; null: not told. */
  get commitMicros(): number | null {
    return this.#commitMicros;
  }

  get isInTransaction(): boolean {
    return this.#isInTransaction;
  }

  /** Executed, with the transaction in progress; null: no GTID was seen. */
  get gtids(): GtidSet | null {
    return this.#gtids;
  }

  /**
   * Before anything is made of an event. `all`: it was done with before the restart and nothing is to be made of it;
   * a number: so many of its rows were.
   */
  begin(event: BinlogEvent): 'all' | number {
    if (event.isArtificial) {
      if (event.kind === 'rotate') this.#moveTo(event.nextFile, event.firstPosition);
      return 0;
    }
    if (event.kind === 'gtid') {
      this.#beginGroup(event.gtid, event.commitMicros);
      if (event.beginsTransaction) this.#beginTransaction(event);
    } else if (!this.#isInTransaction && isBegin(event)) this.#beginTransaction(event);
    const partial = this.#partial;
    if (!this.#isInTransaction || !this.#isPartial || partial === null) return 0;
    if (this.#events < partial.events) return 'all';
    return event.kind === 'rows' && this.#events === partial.events ? partial.rows : 0;
  }

  /** After all was made of it. */
  end(event: BinlogEvent): void {
    if (event.isArtificial) return;
    if (this.#isInTransaction) {
      this.#events++;
      if (this.#isPartial && event.kind === 'rows' && this.#events > (this.#partial?.events ?? 0))
        this.#endPartial();
      if (isEnd(event)) this.#endTransaction(event);
      return;
    }
    if (event.kind === 'rotate') {
      this.#moveTo(event.nextFile, event.firstPosition);
      return;
    }
    if (event.kind === 'gtid') return;
    if (this.#isInGroup) {
      // What stands between a GTID and its statement has to come again with both.
      if (event.kind === 'query') this.#endGroup(event);
      return;
    }
    this.#moveTo(event.file, event.nextPosition);
  }

  /** Between events, and within a rows event after so many of its rows, those skipped included. */
  positionAfter(rowCount: number): BinlogPosition {
    const base = {
      file: this.#file,
      position: this.#position,
      gtids: this.#gtidsBefore?.toString() ?? null,
    };
    const partial = this.#partial;
    // While another transaction is in progress, the partial one is remembered: the other comes again as a whole.
    if (partial !== null && (!this.#isPartial || this.#events < partial.events || rowCount === 0))
      return {
        ...base,
        eventsToSkip: partial.events,
        rowsToSkip: partial.rows,
        partialGtid: partial.gtid,
      };
    const isBegun = this.#isInTransaction && (this.#events > 0 || rowCount > 0);
    return {
      ...base,
      eventsToSkip: this.#isInTransaction ? this.#events : 0,
      rowsToSkip: this.#isInTransaction ? rowCount : 0,
      partialGtid: isBegun ? this.#gtid : null,
    };
  }

  #beginGroup(gtid: string | null, commitMicros: number | null): void {
    this.#gtid = gtid;
    this.#commitMicros = commitMicros;
    this.#isInGroup = true;
    if (gtid === null) return;
    this.#gtidsBefore = this.#gtids ?? parseGtidSet(this.#flavour, '');
    this.#gtids = this.#gtidsBefore.with(gtid);
  }

  #beginTransaction(event: BinlogEvent): void {
    this.#isInTransaction = true;
    this.#events = 0;
    this.#isPartial =
      this.#partial !== null &&
      (this.#partial.gtid === null || this.#gtid === null || this.#partial.gtid === this.#gtid);
    // The place of a partial transaction stays that of the partial one.
    if (this.#partial !== null && !this.#isPartial) return;
    this.#file = event.file;
    this.#position = event.position;
  }

  #endTransaction(event: BinlogEvent): void {
    if (this.#isPartial) this.#endPartial();
    this.#isInTransaction = false;
    this.#events = 0;
    this.#endGroup(event);
  }

  #endGroup(event: BinlogEvent): void {
    this.#isInGroup = false;
    this.#gtidsBefore = this.#gtids;
    this.#moveTo(event.file, event.nextPosition);
  }

  #endPartial(): void {
    this.#partial = null;
    this.#isPartial = false;
  }

  /** Nothing is in progress there; as long as a partial transaction has not come, its place is kept. */
  #moveTo(file: string, position: number): void {
    if (this.#isInTransaction || this.#isInGroup || this.#partial !== null) return;
    this.#file = file;
    this.#position = position;
  }
}

function isBegin(event: BinlogEvent): boolean {
  return event.kind === 'query' && /^(?:BEGIN\s*$|BEGIN\s|XA START )/i.test(event.query);
}

/** A commit; a ROLLBACK too, with which the server closes what a crash left open. */
function isEnd(event: BinlogEvent): boolean {
  return (
    event.kind === 'xid' ||
    event.kind === 'xa-prepare' ||
    (event.kind === 'query' &&
      /^(?:COMMIT|ROLLBACK|XA (?:COMMIT|ROLLBACK)\b.*)\s*$/is.test(event.query))
  );
}
