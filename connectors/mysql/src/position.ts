import type { OffsetValue, SourceOffset } from '@millrace/record';
import type { BinlogPosition } from './binlog/position.ts';

/**
 * Where to go on in the binlog, with the server whose file and counts these are; null: not known (an offset of
 * Debezium). Those of another server mean nothing.
 */
export interface OffsetPosition extends BinlogPosition {
  readonly server: string | null;
}

export type StoredPosition =
  | { readonly kind: 'none' }
  /**
   * The snapshot did not end. It is gone on with if it says how far it came (see `snapshot/progress.ts`), and taken
   * again otherwise.
   */
  | {
      readonly kind: 'snapshot-incomplete';
      readonly position: OffsetPosition;
      readonly progress: string | null;
    }
  | { readonly kind: 'stream'; readonly position: OffsetPosition };

/** Our keys beside Debezium's, which ignores them. */
const SERVER = 'millrace.server';
const PROGRESS = 'millrace.snapshot';
/** Of the first event of a file. */
export const FIRST_POSITION = 4;

/** Reads an offset of ours or of Debezium. */
export function positionOf(offset: SourceOffset | undefined): StoredPosition {
  if (offset === undefined) return { kind: 'none' };
  const { file } = offset;
  if (typeof file !== 'string') return { kind: 'none' };
  const gtids = textOf(offset['gtids']);
  const position: OffsetPosition = {
    file,
    position: numberOf(offset['pos']) ?? FIRST_POSITION,
    gtids: gtids === null ? null : gtids.replaceAll(/\s/g, ''),
    eventsToSkip: numberOf(offset['event']) ?? 0,
    rowsToSkip: numberOf(offset['row']) ?? 0,
    server: textOf(offset[SERVER]),
  };
  if (isInSnapshot(offset))
    return { kind: 'snapshot-incomplete', position, progress: textOf(offset[PROGRESS]) };
  return { kind: 'stream', position };
}

function isInSnapshot(offset: SourceOffset): boolean {
  const snapshot = offset['snapshot'];
  if (snapshot === undefined || snapshot === null || snapshot === false || snapshot === 'false')
    return false;
  if (snapshot === 'INCREMENTAL') return false;
  const isComplete = offset['snapshot_completed'];
  return isComplete !== true && isComplete !== 'true';
}

function textOf(value: OffsetValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberOf(value: OffsetValue | undefined): number | null {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;
}

export interface OffsetDetails {
  /** Of the server that wrote the transaction first; 0: not known. */
  readonly serverId: number;
  /** null: nothing happened yet. */
  readonly seconds: number | null;
}

/** Debezium's offset map, in which zeros are left out. */
export function streamOffset(position: OffsetPosition, details: OffsetDetails): SourceOffset {
  const offset: Record<string, OffsetValue> = {};
  if (details.seconds !== null) offset['ts_sec'] = details.seconds;
  offset['file'] = position.file;
  offset['pos'] = position.position;
  if (position.gtids !== null) offset['gtids'] = position.gtids;
  if (position.rowsToSkip !== 0) offset['row'] = position.rowsToSkip;
  if (details.serverId !== 0) offset['server_id'] = details.serverId;
  if (position.eventsToSkip !== 0) offset['event'] = position.eventsToSkip;
  if (position.server !== null) offset[SERVER] = position.server;
  return offset;
}

/** The offset of a row of the snapshot; the last one is that of a stream which has not begun. */
export function snapshotOffset(
  position: OffsetPosition,
  seconds: number,
  progress: string | null,
  isLast: boolean,
): SourceOffset {
  const offset = streamOffset(position, { serverId: 0, seconds });
  if (isLast) return offset;
  return {
    ...offset,
    snapshot: 'INITIAL',
    snapshot_completed: false,
    ...(progress === null ? {} : { [PROGRESS]: progress }),
  };
}
