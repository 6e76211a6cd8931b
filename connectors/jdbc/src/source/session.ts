import { isAborted, type Clock, type Logger, type Random } from '@millrace/foundation';
import type { HostAndPort } from '../jdbc-url.ts';
import type { ColumnInfo, RawRow } from './columns.ts';
import type { ConnectionSettings } from './settings.ts';

export interface TableName {
  /** Of MySQL and MariaDB: the database. */
  readonly catalog: string | null;
  /** Of PostgreSQL. */
  readonly schema: string | null;
  readonly name: string;
}

/** `schema.table` or `database.table`, as it stands in source partitions. */
export const fullName = ({ catalog, schema, name }: TableName): string =>
  [catalog, schema, name].filter((part) => part !== null).join('.');

export interface TableFilter {
  readonly catalogPattern: string | null;
  readonly schemaPattern: string | null;
  readonly types: readonly string[];
}

/**
 * Whose open transactions count: those that may have written to one table (enough for numbers, which a transaction takes
 * while it writes), or all (times are those of the transaction's begin, and nobody knows what it will write).
 */
export type TransactionScope = { readonly writersOf: TableName } | 'all';

/** Open transactions by an identity that is not used twice; the text says whose it is. */
export type OpenTransactions = ReadonlyMap<string, string>;

/** Rows of one query, in order, as they are asked for. */
export interface RowCursor {
  readonly columns: readonly ColumnInfo[];
  /** At most so many; fewer only at the end, or when they are large. Empty: the end. */
  next(rowsMax: number, bytesMax: number): Promise<readonly RawRow[]>;
  close(): Promise<void>;
}

/** What a session needs; an abort of the signal ends it. */
export interface SessionPorts {
  readonly settings: ConnectionSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly applicationName: string;
  readonly signal: AbortSignal;
}

/** The one connection of a task. Broken once means broken for ever. */
export interface SourceSession {
  readonly isUsable: boolean;
  tables(filter: TableFilter): Promise<readonly TableName[]>;
  /** The columns that `SELECT *` of this FROM item gives. */
  describe(from: string): Promise<readonly ColumnInfo[]>;
  /** The server's clock, in microseconds since the epoch. */
  now(): Promise<bigint>;
  /** The only value of the only row. */
  scalar(sql: string): Promise<string | null>;
  /**
   * Transactions that were begun and have not ended, but for our own. Undefined: the user may not see them; the
   * session has warned of it.
   */
  openTransactions(scope: TransactionScope): Promise<OpenTransactions | undefined>;
  open(sql: string): Promise<RowCursor>;
  /** Ends at once; what is waited for rejects. */
  destroy(reason: unknown): void;
  close(): Promise<void>;
}

/** What differs between the SQL of databases. */
export interface SqlWords {
  quote(identifier: string): string;
  /** An instant to compare a column of this kind with. */
  instant(micros: bigint, column: ColumnInfo, zone: string): string;
}

/** Tries the hosts of the URL in order. @throws MillraceError of the last one */
export async function openAnyHost<S>(
  { settings, signal }: SessionPorts,
  open: (host: HostAndPort) => Promise<S>,
): Promise<S> {
  let failure: unknown;
  for (const host of settings.url.hosts)
    try {
      return await open(host);
    } catch (error) {
      if (isAborted(signal)) throw signal.reason;
      failure = error;
    }
  throw failure;
}
