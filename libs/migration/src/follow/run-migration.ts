import { isAborted, must } from '@millrace/foundation';
import type { Statement } from '../schema/schema-plan.ts';
import { execute } from '../schema/execute.ts';
import { openSession } from '../server/session.ts';
import type { MigrationState, Phase } from '../state.ts';
import { shownTable } from '../model/catalog.ts';
import { SourceFollower } from './source-follower.ts';
import { pairsOf, Way, type ContextOptions } from './migration-context.ts';
import { ProgressMeter, type Progress } from './progress.ts';

export type MigrationEvent =
  | { readonly kind: 'step'; readonly about: string }
  | { readonly kind: 'skipped'; readonly about: string; readonly why: string; readonly sql: string }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'phase'; readonly phase: Phase }
  /** Something is in the way that is waited for. */
  | { readonly kind: 'trouble'; readonly message: string }
  /** Selected, but made after the migration began. */
  | { readonly kind: 'not-carried'; readonly table: string }
  | { readonly kind: 'in-step' };

export interface RunOptions extends ContextOptions {
  readonly onEvent: (event: MigrationEvent) => void;
  /** Ends when the target is in step, instead of at the signal. */
  readonly isOnce: boolean;
  readonly signal: AbortSignal;
}

const READ_EVERY_MS = 1_000;
/** In step means: in so many readings one after another the target had what was there a reading before. */
const STILL_READINGS = 2;

/**
 * Makes the tables, copies, follows, until the signal. Killed at any moment and run again it goes on: tables that are
 * there are left, the connectors know their offsets, and rows that come twice are written over.
 */
export async function runMigration(options: RunOptions): Promise<MigrationState> {
  const { store, signal } = options;
  const stored = store.load() ?? options.state;
  let state = { ...stored, isReversible: stored.isReversible || options.state.isReversible };
  if (state.isReversible !== stored.isReversible) store.save(state);
  const move = (phase: Phase): void => {
    state = { ...state, phase };
    store.save(state);
    options.onEvent({ kind: 'phase', phase });
  };
  if (state.phase === 'reversed') return followBack(options);
  if (state.phase === 'planned') {
    // A table that is made later has no rows in the copy: it is none of ours.
    state = { tables: options.plan.schema.pairs.map(({ source }) => shownTable(source)), ...state };
    store.save(state);
    await runStatements(options, options.plan.schema.first);
    move('copying');
  }
  await using way = await Way.open('forward', options);
  signal.throwIfAborted();
  await way.start();
  const meter = new ProgressMeter(
    pairsOf(options.plan, 'forward'),
    (pair) => way.names.topic(pair.source),
    way.names.source,
    state.phase === 'following',
  );
  let stillFor = 0;
  const follower = new SourceFollower({ ...options, state }, way);
  while (!isAborted(signal)) {
    const elsewhere = store.load();
    // Another process has cut over, through our worker.
    if (elsewhere !== undefined && isOver(elsewhere.phase) && elsewhere.closing === undefined) {
      options.onEvent({ kind: 'phase', phase: elsewhere.phase });
      return elsewhere.phase === 'reversed' ? await followBack(options) : elsewhere;
    }
    const progress = await look(way, meter, options, follower);
    if (progress !== undefined) {
      if (meter.isCopied && state.phase === 'copying') {
        await runStatements(options, options.plan.schema.afterCopy);
        move('following');
      }
      const isStill = state.phase === 'following' && progress.isInStep;
      stillFor = isStill ? stillFor + 1 : 0;
      if (stillFor === STILL_READINGS) options.onEvent({ kind: 'in-step' });
      if (stillFor >= STILL_READINGS && options.isOnce) return state;
    }
    await options.clock.sleep(READ_EVERY_MS, signal).catch(() => undefined); // woken early by the stop
  }
  return state;
}

/** The old database stays in step with the new one. Nothing is copied: it has everything already. */
async function followBack(options: RunOptions): Promise<MigrationState> {
  const { store, signal, clock } = options;
  await using way = await Way.open('reverse', options);
  await way.start();
  const meter = new ProgressMeter(
    pairsOf(options.plan, 'reverse'),
    (pair) => way.names.topic(pair.source),
    way.names.source,
    true,
  );
  let state = must(store.load(), 'a migration that was turned round has a state');
  while (!isAborted(signal)) {
    state = store.load() ?? state;
    if (state.phase === 'ended' && state.closing === undefined) {
      options.onEvent({ kind: 'phase', phase: 'ended' });
      return state;
    }
    await look(way, meter, options);
    await clock.sleep(READ_EVERY_MS, signal).catch(() => undefined); // woken early by the stop
  }
  return state;
}

/** Undefined while a cutover takes the connectors away: its end is told by the state. */
async function look(
  way: Way,
  meter: ProgressMeter,
  options: RunOptions,
  follower?: SourceFollower,
): Promise<Progress | undefined> {
  try {
    const progress = meter.add(await read(way, options));
    options.onEvent({ kind: 'progress', progress });
    const failures = await way.failures();
    for (const { error, restartsItself } of failures)
      if (restartsItself) options.onEvent({ kind: 'trouble', message: error.message });
    const lasting = failures.filter(({ restartsItself }) => !restartsItself);
    if (follower !== undefined) await follower.look(lasting);
    else if (lasting[0] !== undefined) throw lasting[0].error;
    return progress;
  } catch (error) {
    if (isAborted(options.signal) || (await way.isStarted())) throw error;
    return undefined;
  }
}

export function isOver(phase: Phase): boolean {
  return phase === 'ended' || phase === 'reversed';
}

async function read(way: Way, { clock }: RunOptions): Promise<Parameters<ProgressMeter['add']>[0]> {
  const committed = await way.log.committed(way.groups);
  // What the target has for good need not be kept.
  await way.log.forget(committed);
  return {
    atMs: clock.monotonicMs(),
    committed,
    ends: await way.log.ends(way.topics),
    metrics: await way.rest.metrics(),
    offset: await way.rest.sourceOffset(way.names.source),
  };
}

export async function runStatements(
  options: Pick<RunOptions, 'target' | 'onEvent' | 'log'>,
  statements: readonly Statement[],
): Promise<void> {
  // A connection of its own: one that was opened at the start may be long gone.
  await using session = await openSession(options.target);
  const { failed } = await execute(session, statements, {
    log: options.log,
    onStep: ({ about }) => options.onEvent({ kind: 'step', about }),
  });
  for (const { statement, why } of failed)
    options.onEvent({ kind: 'skipped', about: statement.about, why, sql: statement.sql });
}
