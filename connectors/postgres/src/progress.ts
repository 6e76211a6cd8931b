import type { SourceOffset, SourceRecord } from '@millrace/record';
import { positionOf } from './position.ts';

/**
 * What may be confirmed to the slot (INV-1): the end of the last transaction before a durable offset. Never more, so
 * that a slot beyond the stored offset is one that somebody else moved or made. Survives reconnects.
 */
export class Progress {
  #confirmedLsn = 0;
  /** Everything up to here was either without records, or handed out. */
  #quietLsn = 0;
  /** The last record handed out whose offset is not known to be durable. */
  #pending: SourceRecord | null = null;

  get confirmedLsn(): number {
    return this.#confirmedLsn;
  }

  get hasPending(): boolean {
    return this.#pending !== null;
  }

  /** Everything handed out is durable, and the server went on since: that is worth an offset of its own. */
  get isBehindServer(): boolean {
    return this.#pending === null && this.#quietLsn > this.#confirmedLsn;
  }

  /** A position that is durable since before the task started. */
  startAt(lsn: number): void {
    this.#confirm(lsn);
  }

  /** A record is handed out, after all those before. */
  emitted(record: SourceRecord): void {
    this.#pending = record;
  }

  /** A transaction ended, or the server said how far it is while none was open. */
  passed(lsn: number): void {
    this.#quietLsn = Math.max(this.#quietLsn, lsn);
  }

  /** The records up to this offset and the offset itself are durable. */
  committed(offset: SourceOffset): void {
    const stored = positionOf(offset);
    if (stored.kind === 'stream') this.#confirm(stored.position.commitLsn);
    // Of a snapshot that was gone on with: what was streamed meanwhile is durable.
    if (
      stored.kind === 'snapshot-incomplete' &&
      stored.progress !== null &&
      stored.position !== null
    )
      this.#confirm(stored.position.commitLsn);
    if (this.#pending !== null && identityOf(offset) !== identityOf(this.#pending.sourceOffset))
      return;
    this.#pending = null;
  }

  #confirm(lsn: number): void {
    this.#confirmedLsn = Math.max(this.#confirmedLsn, lsn);
  }
}

function identityOf(offset: SourceOffset): string {
  return [
    offset['snapshot'] ?? '',
    offset['snapshot_completed'] ?? '',
    offset['messageType'] ?? '',
    offset['lsn_commit'] ?? '',
    offset['lsn'] ?? '',
    offset['lsn_events_processed'] ?? '',
  ].join('/');
}
