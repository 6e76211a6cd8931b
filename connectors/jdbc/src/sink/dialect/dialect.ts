import type { ConfigProblem } from '@millrace/config';
import type { RecordFailure } from '@millrace/connector-api';
import type { Clock, Logger } from '@millrace/foundation';
import type { Change } from '../change.ts';
import type { Settings } from '../settings.ts';

/** A change of a batch, with the place of its record in the batch. */
export interface IndexedChange {
  readonly index: number;
  readonly topic: string;
  readonly change: Exclude<Change, { kind: 'skip' }>;
}

export interface WriteResult {
  readonly failures: readonly RecordFailure[];
  readonly rows: number;
  readonly deletes: number;
  readonly unmatched: number;
  readonly isSplit: boolean;
}

export interface DialectPorts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly applicationName: string;
}

/** A kind of database: the only place that knows its SQL, its types and its driver. */
export interface Dialect {
  open(ports: DialectPorts): DialectWriter;
  /** Whether the server can be reached and used; what is wrong otherwise. */
  check(ports: DialectPorts, signal: AbortSignal): Promise<readonly ConfigProblem[]>;
}

/** Owns the connection to one database and opens it again when it broke. */
export interface DialectWriter {
  connect(signal: AbortSignal): Promise<void>;
  /**
   * One transaction for all changes, committed when this resolves; rows that are bad in themselves are returned.
   * @throws TargetError `retriable` when nothing was committed, or when it is not known whether it was
   */
  write(changes: readonly IndexedChange[], signal: AbortSignal): Promise<WriteResult>;
  /** Ends within a few seconds, whatever the server does. */
  close(): Promise<void>;
}
