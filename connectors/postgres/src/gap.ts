import type { Logger, MillraceError } from '@millrace/foundation';
import { slotAhead, systemChanged, timelineDiverged } from './errors.ts';
import { formatLsn, type StreamPosition } from './position.ts';
import { endOfTimeline } from './server-identity.ts';
import type { ServerIdentity } from './offset-identity.ts';
import type { Settings } from './settings.ts';
import type { Slot } from './slot.ts';

export interface GapQuestion {
  readonly settings: Settings;
  readonly slot: Slot;
  readonly position: StreamPosition;
  /** Where the position was read; null: unknown. */
  readonly readFrom: ServerIdentity | null;
  readonly server: ServerIdentity | null;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Whether changes between the stored position and the slot may be missing. The slot is only ever told what is stored
 * (INV-1), so one that stands beyond was made anew, or moved by somebody else; and a position means nothing on another
 * server. `offset.mismatch.strategy` says which of the two to believe.
 */
export async function findGap(question: GapQuestion): Promise<MillraceError | undefined> {
  const { settings, slot, position, log } = question;
  const strategy = settings.config['offset.mismatch.strategy'];
  if (strategy === 'trust_slot') return undefined;
  const moved = await findMove(question);
  if (moved !== undefined) return moved;
  if (slot.confirmedLsn <= position.commitLsn || strategy === 'trust_greater_lsn') return undefined;
  const gap = slotAhead(slot.name, formatLsn(slot.confirmedLsn), formatLsn(position.commitLsn));
  const isMovedByOthers = strategy === null && settings.flushMode !== 'connector';
  if (strategy !== 'no_validation' && !isMovedByOthers) return gap;
  log.warn(
    { code: gap.code, slot: slot.name },
    'the slot stands beyond the stored offset; what lies between is not read, as the configuration accepts',
  );
  return undefined;
}

async function findMove(question: GapQuestion): Promise<MillraceError | undefined> {
  const { settings, position, readFrom, server, signal, log } = question;
  if (readFrom === null || server === null) return undefined;
  if (readFrom.systemId !== server.systemId)
    return systemChanged(settings.address, readFrom.systemId, server.systemId);
  if (readFrom.timeline === null || server.timeline === null) return undefined;
  if (readFrom.timeline === server.timeline) return undefined;
  const end = await endOfTimeline(settings, readFrom.timeline, server.timeline, signal);
  const readLsn = Math.max(position.commitLsn, position.partial?.lsn ?? 0);
  if (end === undefined || readLsn > end)
    return timelineDiverged({
      address: settings.address,
      from: readFrom.timeline,
      to: server.timeline,
      at: end === undefined ? 'unknown' : formatLsn(end),
      position: formatLsn(readLsn),
    });
  log.info(
    { timeline: server.timeline, at: formatLsn(end) },
    'the server was failed over, after all that was read of it',
  );
  return undefined;
}

/** Where the stream begins, by `offset.mismatch.strategy`. */
export function settlePosition(
  settings: Settings,
  slot: Slot,
  position: StreamPosition,
): StreamPosition {
  const strategy = settings.config['offset.mismatch.strategy'];
  const atSlot: StreamPosition = { commitLsn: slot.confirmedLsn, partial: null };
  if (slot.confirmedLsn === position.commitLsn) return position;
  if (strategy === 'trust_slot') return atSlot;
  return strategy === 'trust_greater_lsn' && slot.confirmedLsn > position.commitLsn
    ? atSlot
    : position;
}
