import type { Logger } from '@millrace/foundation';
import { formatLsn, type StoredPosition, type StreamPosition } from './position.ts';
import { Session } from './connection.ts';
import { slotInUse, slotLost, slotMissing } from './errors.ts';
import { findGap, settlePosition } from './gap.ts';
import type { ServerIdentity } from './offset-identity.ts';
import type { Settings } from './settings.ts';
import { SnapshotProgress } from './snapshot/snapshot-progress.ts';
import { createSlot, dropSlot, findSlot, type CreatedSlot, type Slot } from './slot.ts';

/** What comes next: rows of a snapshot, then changes; or changes at once; or nothing any more. */
export type Plan =
  | {
      readonly kind: 'snapshot';
      /** Holds the exported snapshot until it was taken over; null without a slot (initial_only). */
      readonly exporter: Session | null;
      readonly slot: CreatedSlot | null;
      /**
       * Where the stream begins; null: at the moment of the snapshot. Earlier when something may have been delivered
       * before: what was deleted since then is in the stream alone, for a snapshot can't say what is gone.
       */
      readonly streamFromLsn: number | null;
      /** What was read before: of a snapshot without a stream, which goes on at another moment. */
      readonly done: SnapshotProgress;
    }
  | { readonly kind: 'stream'; readonly position: StreamPosition; readonly isDurable: boolean }
  /** The stream up to a snapshot of now, in which the rest of an interrupted one is read, then the stream. */
  | {
      readonly kind: 'resume';
      readonly exporter: Session;
      readonly slot: CreatedSlot;
      readonly position: StreamPosition;
      readonly done: SnapshotProgress;
    }
  | { readonly kind: 'finished' };

export interface HandoverOptions {
  readonly settings: Settings;
  readonly control: Session;
  readonly log: Logger;
  readonly stored: StoredPosition;
  /** False once this task has taken one (`always`). */
  readonly mayRepeatSnapshot: boolean;
  /** True while changes were already streamed by this task: the slot must still be the same. */
  readonly isReconnect: boolean;
  /** Which server this is; null where it does not tell. */
  readonly server: ServerIdentity | null;
  readonly signal: AbortSignal;
}

/**
 * Decides between snapshot and stream, and makes the slot. The snapshot is one that a slot exported, so that it is known
 * where it stands in the stream. When the slot is there already (left by a snapshot that did not end, or made by the
 * user), a temporary slot exports the snapshot and the stream begins where the real one stands, which is earlier: rows of
 * a first attempt may have been delivered and deleted since, and only the stream tells (INV-2). Changes between the
 * two moments then come although the snapshot has them; the last state of each key is right (at least once).
 */
export async function planHandover(options: HandoverOptions): Promise<Plan> {
  const { settings, control, stored, isReconnect } = options;
  const slot = await findSlot(control, settings.config['slot.name']);
  // A slot without a position is being made at this moment, perhaps by a process that died meanwhile.
  if (slot?.type === 'logical' && slot.confirmedLsn === 0 && !slot.isLost)
    throw slotInUse(slot.name, slot.activePid);
  const done = interrupted(options);
  const isUsable = slot?.isLost === false;
  if (done !== undefined && stored.kind === 'snapshot-incomplete' && settings.snapshot.streams) {
    if (isUsable && stored.position !== null) {
      const { position, readFrom = null } = stored;
      const gap = await findGap({ ...options, slot, position, readFrom });
      if (gap === undefined) return planResume(options, slot, done, position);
      if (!settings.snapshot.readsAfterLoss) throw gap;
      return planSnapshot({ ...options, stored: { kind: 'none' } }, slot, undefined);
    }
    if (done.kind === 'BLOCKING' && !settings.snapshot.readsAfterLoss)
      throw slot === undefined
        ? slotMissing(settings.config['slot.name'])
        : slotLost(slot.name, slot.lostReason);
  }
  if (wantsSnapshot(options, slot)) return planSnapshot(options, slot, done);
  if (!settings.snapshot.streams) return { kind: 'finished' };
  if (slot?.isLost === true) throw slotLost(slot.name, slot.lostReason);
  if (stored.kind === 'stream') {
    if (slot === undefined) {
      if (isReconnect || !settings.config['slot.drop.on.stop'])
        throw slotMissing(settings.config['slot.name']);
      options.log.warn({}, 'the slot was dropped at the last stop; changes since then are lost');
      return streamNewSlot(options);
    }
    const gap = await findGap({
      ...options,
      slot,
      position: stored.position,
      readFrom: stored.readFrom ?? null,
    });
    if (gap === undefined) {
      const position = settlePosition(settings, slot, stored.position);
      return { kind: 'stream', position, isDurable: !isReconnect };
    }
    if (!settings.snapshot.readsAfterLoss) throw gap;
    options.log.warn({ err: gap, code: gap.code }, 'changes are missing: a new snapshot is taken');
    return planSnapshot({ ...options, stored: { kind: 'none' } }, slot, undefined);
  }
  if (slot === undefined) return streamNewSlot(options);
  return {
    kind: 'stream',
    position: { commitLsn: slot.confirmedLsn, partial: null },
    isDurable: false,
  };
}

function wantsSnapshot(options: HandoverOptions, slot: Slot | undefined): boolean {
  const { stored, mayRepeatSnapshot, settings, isReconnect } = options;
  const { reads, readsAfterLoss } = settings.snapshot;
  const isMissing = stored.kind !== 'stream';
  if (reads === 'never')
    return readsAfterLoss && !isMissing && !isReconnect && (slot === undefined || slot.isLost);
  return (
    isMissing ||
    (reads === 'each-start' && mayRepeatSnapshot) ||
    (readsAfterLoss && !isReconnect && (slot === undefined || slot.isLost))
  );
}

/** The snapshot that did not end, if it is known how far it came. */
function interrupted({ stored, settings }: HandoverOptions): SnapshotProgress | undefined {
  if (stored.kind !== 'snapshot-incomplete' || stored.progress === null) return undefined;
  const done = SnapshotProgress.parse(stored.progress);
  return done?.kind === 'INITIAL' && settings.snapshot.reads === 'never' ? undefined : done;
}

async function planResume(
  { settings, signal, log }: HandoverOptions,
  slot: Slot,
  done: SnapshotProgress,
  position: StreamPosition,
): Promise<Plan> {
  log.info(
    { slot: slot.name, tablesDone: done.doneCount, kind: done.kind },
    'an interrupted snapshot is gone on with; running transactions are waited for',
  );
  const { exporter, created } = await exportSnapshot(settings, signal);
  return { kind: 'resume', exporter, slot: created, position, done };
}

/** A snapshot of now, by a temporary slot that goes with its session. Waits for the transactions that run. */
export async function exportSnapshot(
  settings: Settings,
  signal: AbortSignal,
): Promise<{ readonly exporter: Session; readonly created: CreatedSlot }> {
  const exporter = await Session.open(settings, 'replication', signal);
  try {
    const created = await exporter.untilAborted(signal, () =>
      createSlot(exporter, {
        name: temporaryName(settings),
        isTemporary: true,
        isFailover: false,
        exportsSnapshot: true,
      }),
    );
    return { exporter, created };
  } catch (error) {
    await exporter.close();
    throw error;
  }
}

async function planSnapshot(
  options: HandoverOptions,
  slot: Slot | undefined,
  done: SnapshotProgress | undefined,
): Promise<Plan> {
  const { settings, control, signal, log } = options;
  const afresh = new SnapshotProgress('INITIAL', null);
  if (!settings.snapshot.streams)
    return {
      kind: 'snapshot',
      exporter: null,
      slot: null,
      streamFromLsn: null,
      done: done ?? afresh,
    };
  const isUsable = slot?.isLost === false;
  const streamFromLsn = isUsable ? resumeLsn(options.stored, slot) : null;
  if (slot !== undefined && !isUsable) {
    log.warn(
      { slot: slot.name },
      'the slot lost its WAL; it is made anew, and a new snapshot taken',
    );
    await dropSlot(control, slot.name);
  }
  log.info(
    { slot: settings.config['slot.name'] },
    'a snapshot is prepared; running transactions are waited for',
  );
  const exporter = await Session.open(settings, 'replication', signal);
  try {
    const created = await exporter.untilAborted(signal, () =>
      createSlot(exporter, {
        name: isUsable ? temporaryName(settings) : settings.config['slot.name'],
        isTemporary: isUsable,
        isFailover: !isUsable && settings.config['slot.failover'],
        exportsSnapshot: true,
      }),
    );
    log.info(
      {
        slot: settings.config['slot.name'],
        lsn: formatLsn(created.consistentLsn),
        isNew: !isUsable,
      },
      'snapshot begins',
    );
    return { kind: 'snapshot', exporter, slot: created, streamFromLsn, done: afresh };
  } catch (error) {
    await exporter.close();
    throw error;
  }
}

function resumeLsn(stored: StoredPosition, slot: Slot): number {
  return stored.kind === 'stream' ? stored.position.commitLsn : slot.confirmedLsn;
}

function temporaryName(settings: Settings): string {
  return `${settings.config['slot.name'].slice(0, 50)}_snapshot`;
}

async function streamNewSlot(options: HandoverOptions): Promise<Plan> {
  const { settings, signal } = options;
  await using session = await Session.open(settings, 'replication', signal);
  options.log.info(
    { slot: settings.config['slot.name'] },
    'a slot is made; running transactions are waited for',
  );
  const created = await session.untilAborted(signal, () =>
    createSlot(session, {
      name: settings.config['slot.name'],
      isTemporary: false,
      isFailover: settings.config['slot.failover'],
      exportsSnapshot: false,
    }),
  );
  return {
    kind: 'stream',
    position: { commitLsn: created.consistentLsn, partial: null },
    isDurable: false,
  };
}
