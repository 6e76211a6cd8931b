import { isAborted } from '@millrace/foundation';
import { tablesDiffer, timedOut, wrongState } from '../errors.ts';
import { runStatements, type MigrationEvent } from '../follow/run-migration.ts';
import { followSource } from '../follow/source-changes.ts';
import { Way, type ContextOptions } from '../follow/migration-context.ts';
import { Watermark } from '../follow/watermark.ts';
import type { Direction } from '../plan/migration-names.ts';
import { readCatalog } from '../server/read-catalog.ts';
import { openSession } from '../server/session.ts';
import type { Session } from '../server/session-api.ts';
import type { MigrationState } from '../state.ts';
import { verify, type TableResult } from '../verify/verify.ts';
import { release } from './release.ts';
import { reversedPairs } from './reversed-pairs.ts';
import { sequenceStatements } from './sequences.ts';

export type CutoverEvent =
  | MigrationEvent
  | { readonly kind: 'waiting'; readonly changes: number }
  | { readonly kind: 'quiet' }
  | { readonly kind: 'table'; readonly result: TableResult }
  | { readonly kind: 'way-back' };

export interface CutoverOptions extends ContextOptions {
  readonly onEvent: (event: CutoverEvent) => void;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** The old side counts as quiet when nothing came for so long. */
const QUIET_MS = 2_000;

/**
 * Ends one direction: waits until nothing comes any more, proves equality, makes what was left for the end, advances
 * sequences, and opens the way back if there is to be one. Only then may the application switch. What fails leaves the
 * migration as it was, following; the command is run again.
 */
export async function cutover(options: CutoverOptions): Promise<MigrationState> {
  const stored = options.store.load() ?? options.state;
  const state = {
    ...stored,
    isReversible: stored.isReversible || options.state.isReversible,
    selection: options.state.selection,
  };
  // Killed while it cleared away: the application may have switched already.
  if (state.closing !== undefined) return await close(options, state, state.closing);
  const isBack = state.phase === 'reversed';
  if (!isBack && state.phase !== 'following')
    throw wrongState(
      state.phase === 'ended'
        ? 'this migration is cut over already'
        : 'the rows are not all copied yet',
      'let "millrace migrate" run until it says that it follows changes',
    );
  if (!isBack) await takeOverChanges(options, state);
  await using source = await openSession(options.source, 'cutover');
  await using target = await openSession(options.target, 'cutover');
  await using way = await Way.open(isBack ? 'reverse' : 'forward', options);
  if (!(await way.isStarted())) await way.start();
  const leading = isBack ? target : source;
  const watermark = new Watermark({ ...options, way, source: leading });
  await untilQuietAndEqual(options, { way, watermark, source, target, isBack });
  if (!isBack) await runStatements(options, options.plan.schema.atEnd);
  await advanceSequences(options, leading, isBack);
  await stillQuiet(watermark, way);
  await way.stopSource();
  const next: MigrationState = {
    ...state,
    phase: !isBack && state.isReversible ? 'reversed' : 'ended',
    closing: way.direction,
  };
  if (next.phase === 'reversed') await openWayBack(options, target);
  // From here on the old direction never begins again, wherever we are killed.
  options.store.save(next);
  return await close(options, next, way.direction);
}

/** What was done to the tables meanwhile is done to the target too; a table that is not carried would be missing there. */
async function takeOverChanges(options: CutoverOptions, state: MigrationState): Promise<void> {
  const { added, created, extra, open } = await followSource({ ...options, state });
  for (const about of added) options.onEvent({ kind: 'step', about });
  for (const message of open) options.onEvent({ kind: 'trouble', message });
  if (state.isReversible && extra.length > 0)
    throw wrongState(
      'the target has columns that the old database lacks, so the way back could not carry them',
      `run in the target: ${extra.join(' ')}`,
    );
  if (created.length > 0)
    throw wrongState(
      `not carried, since made after the migration began: ${created.join(', ')}`,
      `copy what is in them by hand, then run the cutover with --exclude-tables ${created.join(',')}`,
    );
}

/** Removes what the direction needed. Run again it does what is left. */
async function close(
  options: CutoverOptions,
  state: MigrationState,
  direction: Direction,
): Promise<MigrationState> {
  await using way = await Way.open(direction, options);
  await using leading = await openSession(
    direction === 'forward' ? options.source : options.target,
    'cutover',
  );
  await way.remove();
  await release(leading, way.names);
  await way.log.removeTopics(way.topics);
  const next: MigrationState = { ...state };
  Reflect.deleteProperty(next, 'closing');
  options.store.save(next);
  options.onEvent({ kind: 'phase', phase: next.phase });
  return next;
}

interface Sides {
  readonly way: Way;
  readonly watermark: Watermark;
  readonly source: Session;
  readonly target: Session;
  readonly isBack: boolean;
}

async function untilQuietAndEqual(options: CutoverOptions, sides: Sides): Promise<void> {
  const { clock, signal, timeoutMs, plan } = options;
  const { way, watermark, source, target, isBack } = sides;
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  for (;;) {
    signal.throwIfAborted();
    await watermark.pass();
    const before = await way.log.ends(way.topics);
    await clock.sleep(QUIET_MS, signal);
    await watermark.pass();
    const changes = newSince(before, await way.log.ends(way.topics));
    if (changes > 0) {
      options.onEvent({ kind: 'waiting', changes });
      if (clock.monotonicMs() > deadlineMs)
        throw timedOut(
          'the old database was not left in peace',
          'stop what writes to it, then run the cutover again; nothing was changed',
        );
      continue;
    }
    options.onEvent({ kind: 'quiet' });
    const results = await verify({
      plan,
      pairs: plan.schema.pairs,
      source,
      target,
      passWatermark: () => watermark.pass(),
      isReversed: isBack,
      signal,
      onTable: (result) => options.onEvent({ kind: 'table', result }),
    });
    const wrong = results.filter(({ agrees }) => !agrees).length;
    if (wrong > 0) throw tablesDiffer(wrong);
    await watermark.pass();
    if (newSince(before, await way.log.ends(way.topics)) === 0) return;
  }
}

/** What came since, between the proof and now, is in the target too: but somebody writes who should not any more. */
async function stillQuiet(watermark: Watermark, way: Way): Promise<void> {
  const before = await way.log.ends(way.topics);
  await watermark.pass();
  if (newSince(before, await way.log.ends(way.topics)) > 0)
    throw wrongState(
      'the old database was written to while the cutover was at its end',
      'stop what writes to it, then run the cutover again',
    );
}

function newSince(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): number {
  let changes = 0;
  for (const [topic, end] of now) changes += end - (before.get(topic) ?? 0);
  return changes;
}

async function advanceSequences(
  options: CutoverOptions,
  leading: Session,
  isBack: boolean,
): Promise<void> {
  const { plan, state, source, target } = options;
  const pairs = isBack ? reversedPairs(plan.schema.pairs) : plan.schema.pairs;
  const catalog = await readCatalog(
    leading,
    isBack
      ? { tables: [], excluded: [], schemas: [...new Set(pairs.map((pair) => pair.source.schema))] }
      : state.selection,
  );
  const schemas = new Map(pairs.map((pair) => [pair.source.schema, pair.target.schema]));
  const written = isBack ? source : target;
  const statements = sequenceStatements({
    catalog,
    pairs,
    rename: (schema) => schemas.get(schema) ?? schema,
    family: written.family,
  });
  await runStatements({ ...options, target: written }, statements);
}

/** It begins at this very moment: whatever is written to the new database from now on goes back to the old one. */
async function openWayBack(options: CutoverOptions, target: Session): Promise<void> {
  const { clock, signal, timeoutMs } = options;
  await using back = await Way.open('reverse', options);
  await back.start();
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  const watermark = new Watermark({ ...options, way: back, source: target });
  while (!isAborted(signal)) {
    await back.throwFailures();
    if (await back.isReading(target)) {
      await watermark.pass();
      options.onEvent({ kind: 'way-back' });
      return;
    }
    if (clock.monotonicMs() > deadlineMs)
      throw timedOut('the way back did not open', 'look at the privileges in the target');
    await clock.sleep(QUIET_MS / 10, signal);
  }
  signal.throwIfAborted();
}
