import { readInt64, readUint32 } from './bytes.ts';
import { MalformedMessage, POSTGRES_EPOCH_MICROS } from './pgoutput.ts';

/** The frames around transactions in progress, since protocol version 2 (PostgreSQL 14). No I/O. */

export const STREAM_FRAME = {
  start: 0x53,
  stop: 0x45,
  commit: 0x63,
  abort: 0x41,
} as const;

export interface StreamStart {
  readonly xid: number;
  /** The first block of this transaction in this connection. */
  readonly isFirst: boolean;
}

export function decodeStreamStart(buffer: Buffer, start: number, end: number): StreamStart {
  needBytes('stream start', start + 6, end);
  return { xid: readUint32(buffer, start + 1), isFirst: buffer[start + 5] === 1 };
}

export interface StreamCommit {
  readonly xid: number;
  /** Start of the commit record. */
  readonly lsn: number;
  /** First byte after it. */
  readonly endLsn: number;
  readonly commitMicros: number;
}

export function decodeStreamCommit(buffer: Buffer, start: number, end: number): StreamCommit {
  needBytes('stream commit', start + 30, end);
  return {
    xid: readUint32(buffer, start + 1),
    lsn: readInt64(buffer, start + 6),
    endLsn: readInt64(buffer, start + 14),
    commitMicros: readInt64(buffer, start + 22) + POSTGRES_EPOCH_MICROS,
  };
}

export interface StreamAbort {
  readonly xid: number;
  /** The part that is undone; the transaction itself when all of it is. */
  readonly subxid: number;
}

export function decodeStreamAbort(buffer: Buffer, start: number, end: number): StreamAbort {
  needBytes('stream abort', start + 9, end);
  return { xid: readUint32(buffer, start + 1), subxid: readUint32(buffer, start + 5) };
}

function needBytes(what: string, needed: number, end: number): void {
  if (needed > end) throw new MalformedMessage(`a ${what} message ends too early`);
}
