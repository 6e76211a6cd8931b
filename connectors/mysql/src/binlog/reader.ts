import type { Clock } from '@millrace/foundation';
import type { Connection } from 'mysql2';
import type { BinlogEvent } from './events/event.ts';
import type { GtidSet } from './gtid/gtid-set.ts';

export interface BinlogReaderOptions {
  /** Logged in and idle; the reader's from now on. Made by mysql2's `createConnection`, not its promise form. */
  readonly connection: Connection;
  readonly flavour: 'mysql' | 'mariadb';
  /** Unique among the server's replicas. */
  readonly serverId: number;
  readonly start:
    | { readonly kind: 'file'; readonly file: string; readonly position: number }
    | { readonly kind: 'gtid'; readonly gtids: GtidSet };
  /** How often an idle server tells that it is there; half of `silenceMaxMs` or less. */
  readonly heartbeatMs: number;
  /** A server that is silent for so long while we listen is gone. */
  readonly silenceMaxMs: number;
  /** Events received and not yet read; beyond, the server is made to wait. */
  readonly bufferBytesMax: number;
  readonly clock: Clock;
}

/** Fails or goes on, never retries. */
export interface BinlogReader extends AsyncDisposable {
  /**
   * The events that came, about `bytesMax` of them at most; waits for the first, and gives none when `waitMs` passed.
   * The bytes of rows are the receiver's for good: they are not written over.
   * @throws MillraceError, and for ever after
   */
  read(
    limits: { readonly bytesMax: number; readonly waitMs: number },
    signal: AbortSignal,
  ): Promise<readonly BinlogEvent[]>;
  /** Behind the last event that `read` gave. */
  readonly file: string;
  readonly position: number;
}

/** Registers as a replica and asks for the binlog. @throws MillraceError */
export function openBinlog(_options: BinlogReaderOptions): Promise<BinlogReader> {
  throw new Error('not built yet');
}
