import { matchesAny, type Signal } from '@millrace/cdc';
import type { OffsetPosition } from '../position.ts';
import type { SourceOffset } from '@millrace/record';
import type { SnapshotRequest } from '../snapshot/open-snapshot.ts';

/** A signal that asks for whole tables while the stream waits. */
export type BlockingAction = Extract<Signal['action'], { readonly kind: 'execute-snapshot' }>;

/** A place that a person wants the stream to go on at. */
export type WantedPosition = Extract<
  Signal['action'],
  { readonly kind: 'set-binlog-position' }
>['position'];

/** Our key: a snapshot that was asked for and is not done, so that a restart takes it again. */
const KEY = 'millrace.blocking';

export function requestOf(action: BlockingAction, streamOffset: SourceOffset): SnapshotRequest {
  const pending = { ...streamOffset, [KEY]: JSON.stringify(action) };
  return {
    isMeant: matchesAny(action.collections),
    selectOf: (table) =>
      action.conditions.find((condition) => matchesAny([condition.collection])(table))?.filter,
    offsetOf: (isLast) => (isLast ? streamOffset : pending),
  };
}

/** What an offset says was asked for and not done; null: nothing. */
export function pendingBlocking(offset: SourceOffset | undefined): BlockingAction | null {
  const text = offset?.[KEY];
  if (typeof text !== 'string') return null;
  try {
    const value: unknown = JSON.parse(text);
    return isAction(value) ? value : null;
  } catch {
    return null; // somebody wrote it by hand
  }
}

function isAction(value: unknown): value is BlockingAction {
  return (
    typeof value === 'object' &&
    value !== null &&
    Reflect.get(value, 'kind') === 'execute-snapshot' &&
    Array.isArray(Reflect.get(value, 'collections')) &&
    Array.isArray(Reflect.get(value, 'conditions'))
  );
}

/** The offset of the stream that waited. */
export function withoutBlocking(offset: SourceOffset | undefined): SourceOffset | undefined {
  if (offset === undefined) return undefined;
  return Object.fromEntries(Object.entries(offset).filter(([key]) => key !== KEY));
}

/** Where a signal wants to go; what was delivered there before is not known. */
export function movedTo(wanted: WantedPosition, from: OffsetPosition): OffsetPosition {
  const moved = { ...from, eventsToSkip: 0, rowsToSkip: 0 };
  return wanted.kind === 'gtid'
    ? { ...moved, gtids: wanted.gtidSet.replaceAll(/\s/g, '') }
    : { ...moved, file: wanted.file, position: wanted.position, gtids: null };
}
