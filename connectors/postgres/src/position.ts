import { identityOf, type ServerIdentity } from './offset-identity.ts';
import { int64, type OffsetValue, type SourceOffset } from '@millrace/record';

/**
 * Where to go on in the stream. The server sends transactions whole and in the order of their commits, beginning
 * after `commitLsn`; within the first one, what was already delivered is skipped: changes come in WAL order, and
 * several may share one LSN (COPY), so the count at the LSN belongs to the position. Single LSNs of different
 * transactions are never compared: they overlap.
 */
export interface StreamPosition {
  /** End of the last transaction that was delivered as a whole. */
  readonly commitLsn: number;
  /** Set when a later transaction was delivered in part. */
  readonly partial: PartialTransaction | null;
}

export interface PartialTransaction {
  readonly txId: number;
  /** LSN of the last change that was delivered. */
  readonly lsn: number;
  /** How many changes at this LSN were delivered; null: unknown, by an offset of Debezium before 3.7. */
  readonly countAtLsn: number | null;
}

export type StoredPosition =
  | { readonly kind: 'none' }
  /** The snapshot did not end. It goes on by `progress`, the stream at `position`; without them it is taken again. */
  | {
      readonly kind: 'snapshot-incomplete';
      readonly progress: string | null;
      readonly position: StreamPosition | null;
      readonly readFrom?: ServerIdentity | null;
    }
  | {
      readonly kind: 'stream';
      readonly position: StreamPosition;
      /** Absent when the offset does not say. */
      readonly readFrom?: ServerIdentity | null;
    };

/** Reads an offset of ours or of Debezium. */
export function positionOf(offset: SourceOffset | undefined): StoredPosition {
  if (offset === undefined) return { kind: 'none' };
  const lsn = numberOf(offset['lsn']);
  const isSnapshot =
    offset['snapshot'] !== undefined && offset['snapshot'] !== null && offset['snapshot'] !== false;
  const isComplete =
    offset['snapshot_completed'] === true || offset['last_snapshot_record'] === true;
  const commitLsn = numberOf(offset['lsn_commit']) ?? numberOf(offset['lsn_proc']) ?? lsn;
  const txId = numberOf(offset['txId']);
  const messageType = offset['messageType'] ?? null;
  const progress = offset[SNAPSHOT_PROGRESS];
  // The LSNs of a transaction may lie before the commit of an earlier one, so they are not compared.
  const isPartial =
    (!isSnapshot || (typeof progress === 'string' && messageType !== null)) &&
    lsn !== null &&
    txId !== null &&
    messageType !== 'COMMIT' &&
    messageType !== 'BEGIN';
  const position =
    commitLsn === null
      ? null
      : {
          commitLsn,
          partial: isPartial
            ? { txId, lsn, countAtLsn: numberOf(offset['lsn_events_processed']) }
            : null,
        };
  if (isSnapshot && !isComplete && offset['snapshot'] !== 'INCREMENTAL')
    return {
      kind: 'snapshot-incomplete',
      progress: typeof progress === 'string' ? progress : null,
      position,
      readFrom: identityOf(offset),
    };
  return position === null
    ? { kind: 'none' }
    : { kind: 'stream', readFrom: identityOf(offset), position };
}

/** The key under which a snapshot keeps how far it is; ours, Debezium ignores it and begins anew. */
export const SNAPSHOT_PROGRESS = 'millrace_snapshot';

function numberOf(value: OffsetValue | undefined): number | null {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;
}

/** `16/B374D848`, as the server writes a log position. */
export function formatLsn(lsn: number): string {
  return `${Math.floor(lsn / 4_294_967_296)
    .toString(16)
    .toUpperCase()}/${(lsn % 4_294_967_296).toString(16).toUpperCase()}`;
}

export function parseLsn(text: string): number {
  const [high = '0', low = '0'] = text.split('/');
  return Number.parseInt(high, 16) * 4_294_967_296 + Number.parseInt(low, 16);
}

export interface StreamOffset {
  readonly lsn: number;
  /** How many changes at this LSN are delivered once this record is. */
  readonly countAtLsn: number;
  readonly commitLsn: number | null;
  readonly txId: number | null;
  readonly messageType: string;
  readonly commitMicros: number;
}

/** Debezium's offset map; `lsn_events_processed` is its key since 3.7. */
export function streamOffset(position: StreamOffset): SourceOffset {
  const offset: Record<string, OffsetValue> = {
    lsn_proc: position.lsn,
    messageType: position.messageType,
  };
  if (position.commitLsn !== null) offset['lsn_commit'] = position.commitLsn;
  offset['lsn'] = position.lsn;
  if (position.txId !== null) offset['txId'] = position.txId;
  offset['ts_usec'] = position.commitMicros;
  offset['lsn_events_processed'] = position.countAtLsn;
  return offset;
}

export type SnapshotKind = 'INITIAL' | 'BLOCKING';

export interface SnapshotOffset {
  readonly lsn: number;
  readonly txId: number | null;
  readonly micros: number;
  readonly isLast: boolean;
  readonly kind: SnapshotKind;
  /** Where the stream will begin; null: at `lsn`. */
  readonly commitLsn: number | null;
}

export function snapshotOffset(position: SnapshotOffset): SourceOffset {
  return {
    ts_usec: int64(String(position.micros)),
    ...(position.txId === null ? {} : { txId: position.txId }),
    ...(position.commitLsn === null ? {} : { lsn_commit: position.commitLsn }),
    lsn: position.lsn,
    snapshot: position.kind,
    snapshot_completed: position.isLast,
    last_snapshot_record: position.isLast,
  };
}
