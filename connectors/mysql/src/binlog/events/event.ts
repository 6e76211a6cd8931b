import type { TableMap } from './table-map.ts';

/** What all events have. Positions are of the file's bytes; those of a compressed transaction's parts are its own. */
export interface EventBase {
  /** Number of the type in the protocol. */
  readonly type: number;
  /** Of the statement, in seconds; 0 in artificial events. */
  readonly timestamp: number;
  readonly serverId: number;
  readonly flags: number;
  /** Made for this connection: it stands in no file. */
  readonly isArtificial: boolean;
  /** Of the binlog file that holds it. */
  readonly file: string;
  readonly position: number;
  /** Where the next event stands. */
  readonly nextPosition: number;
}

export interface RotateEvent extends EventBase {
  readonly kind: 'rotate';
  readonly nextFile: string;
  readonly firstPosition: number;
}

/** The begin of a binlog file. */
export interface FormatEvent extends EventBase {
  readonly kind: 'format';
  readonly serverVersion: string;
  readonly hasChecksums: boolean;
}

/**
 * A transaction's identity, at its begin. MariaDB's also begins the transaction: no BEGIN follows, and with
 * `isStandalone` no end.
 */
export interface GtidEvent extends EventBase {
  readonly kind: 'gtid';
  /** `uuid:5`, `uuid:tag:5`, `0-1-5`; null: anonymous. */
  readonly gtid: string | null;
  /** A single statement, such as DDL: MariaDB ends it without a commit. Always false for MySQL. */
  readonly isStandalone: boolean;
  /** Whether the transaction has begun with this: of MariaDB, unless standalone. */
  readonly beginsTransaction: boolean;
  /** Microseconds since 1970 of the commit, where it was first executed; null: not told. */
  readonly commitMicros: number | null;
}

/** MySQL's at the begin of a file; of MariaDB the list of domains. */
export interface PreviousGtidsEvent extends EventBase {
  readonly kind: 'previous-gtids';
  readonly gtids: string;
}

/** BEGIN, COMMIT, ROLLBACK, XA, DDL, and DML written as a statement. */
export interface QueryEvent extends EventBase {
  readonly kind: 'query';
  readonly database: string;
  readonly query: string;
  readonly threadId: number;
  /** 0: it succeeded. */
  readonly errorCode: number;
}

/** A commit. */
export interface XidEvent extends EventBase {
  readonly kind: 'xid';
  readonly xid: bigint;
}

/** The first phase of a distributed transaction: its changes are in, its fate is not. Ends the group of events. */
export interface XaPrepareEvent extends EventBase {
  readonly kind: 'xa-prepare';
  readonly isOnePhase: boolean;
}

/** A statement whose rows follow: `binlog_rows_query_log_events`, `binlog_annotate_row_events`. */
export interface RowsQueryEvent extends EventBase {
  readonly kind: 'rows-query';
  readonly query: string;
}

export interface TableMapEvent extends EventBase {
  readonly kind: 'table-map';
  /** The same object while the server's description stays the same. */
  readonly table: TableMap;
}

export type RowOperation = 'insert' | 'update' | 'delete';

/** Rows of one table, still as the server sent them: `RowCursor` goes through them. */
export interface RowsEvent extends EventBase {
  readonly kind: 'rows';
  readonly operation: RowOperation;
  readonly table: TableMap;
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  /** Which columns are in the row (of an update: in the old one); a bit each, from the lowest. */
  readonly columns: Buffer;
  /** Of an update: which columns are in the new row. */
  readonly columnsAfter: Buffer;
  readonly isLastOfStatement: boolean;
}

export interface HeartbeatEvent extends EventBase {
  readonly kind: 'heartbeat';
}

/** The server tells that changes may be missing. */
export interface IncidentEvent extends EventBase {
  readonly kind: 'incident';
  readonly message: string;
}

/** Nothing that matters: stop, checkpoint, view change, user variables, and types that later servers may add. */
export interface OtherEvent extends EventBase {
  readonly kind: 'other';
}

export type BinlogEvent =
  | RotateEvent
  | FormatEvent
  | GtidEvent
  | PreviousGtidsEvent
  | QueryEvent
  | XidEvent
  | XaPrepareEvent
  | RowsQueryEvent
  | TableMapEvent
  | RowsEvent
  | HeartbeatEvent
  | IncidentEvent
  | OtherEvent;
