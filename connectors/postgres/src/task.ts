import type { CommittedOffset, SourceTask, SourceTaskContext } from '@millrace/connector-api';
import { isAborted, must } from '@millrace/foundation';
import type { SourceRecord } from '@millrace/record';
import { subjectOf } from './connection.ts';
import { classify } from './errors.ts';
import { SlotGuard } from './guard/slot-guard.ts';
import { releaseSlot } from './guard/stale-reader.ts';
import { planHandover, type Plan } from './handover.ts';
import { IdlePosition } from './idle-position.ts';
import type { ServerIdentity } from './offset-identity.ts';
import { positionOf, type StoredPosition } from './position.ts';
import { readIdentity } from './server-identity.ts';
import { settingsFrom } from './settings.ts';
import type { BlockingSignal } from './signals/signal-desk.ts';
import { dropSlot } from './slot.ts';
import { BlockingOpening } from './snapshot/blocking-opening.ts';
import { openInStream, openPlanned } from './snapshot/open-snapshot.ts';
import { SnapshotProgress } from './snapshot/snapshot-progress.ts';
import type { TableSnapshot } from './snapshot/table-snapshot.ts';
import type { ReadLimits } from './stream/change-stream.ts';
import { canStreamTransactions } from './stream/start-replication.ts';
import { StreamConnection, type ServerTraits } from './stream/stream-connection.ts';
import { NO_SNAPSHOT, taskMetrics } from './task-metrics.ts';
import { startTask, type Started } from './task-start.ts';

const BATCH_BYTES_MAX = 1 << 20;
const CLOSE_TIMEOUT_MS = 2000;

/**
 * One task captures one database: a snapshot, then the stream, with snapshots in between where signals ask for them.
 * What breaks a connection is mended here: `poll` returns empty batches while it waits for the next attempt, and goes
 * on where it was. What a person must mend is thrown.
 */
export class PostgresTask implements SourceTask {
  #started: Started | undefined;
  /** With a stream: it is read when the stream has come to it. */
  #snapshot: TableSnapshot | undefined;
  #opening: BlockingOpening | undefined;
  #stream: StreamConnection | undefined;
  /** Where the next connection goes on. */
  #stored: StoredPosition = { kind: 'none' };
  #hasTakenSnapshot = false;
  #hasStreamed = false;
  #isAfterCommit = false;
  #isFinished = false;
  #retryAtMs = 0;
  readonly #idlePosition = new IdlePosition();
  #snapshotFigures = NO_SNAPSHOT;
  #streamedRows = 0;
  /** Transactions in progress took too much: from now on the server keeps them. */
  #isSpillFull = false;
  #guard: SlotGuard | undefined;
  readonly #stop = new AbortController();

  async start(context: SourceTaskContext, signal: AbortSignal): Promise<void> {
    const settings = settingsFrom(context.config);
    this.#started = await startTask({
      context,
      settings,
      signal,
      stop: this.#stop.signal,
      snapshotExtras: () => (this.#opening?.done ?? this.#snapshot?.done)?.extras ?? null,
      snapshotStopLsn: () => this.#snapshot?.lsn ?? Infinity,
    });
    const offset = context.offsets.find(this.#started.state.partition);
    this.#stored = positionOf(offset);
    this.#isAfterCommit = typeof offset?.['lsn_commit'] === 'number';
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const started = this.#mustStarted();
    const both = AbortSignal.any([signal, this.#stop.signal]);
    if (isAborted(both)) return [];
    started.state.task.sink.recycle();
    try {
      if (this.#guard?.failure !== undefined) throw this.#guard.failure;
      const records = await this.#step(started, both);
      return await this.#withOthers(started, records);
    } catch (error) {
      if (isAborted(both)) return [];
      return this.#recover(started, error, both);
    }
  }

  commit(offsets: readonly CommittedOffset[]): Promise<void> {
    const { progress, partition } = this.#mustStarted().state;
    for (const { partition: committed, offset } of offsets) {
      if (committed['server'] === partition['server']) progress.committed(offset);
    }
    // INV-1: only what is durable is in `progress`, and only that is confirmed.
    this.#stream?.changes.sendStatus();
    return Promise.resolve();
  }

  metrics(): Readonly<Record<string, number>> {
    const started = this.#started;
    if (started === undefined) return {};
    return taskMetrics(started, {
      changes: this.#stream?.changes,
      isInSnapshot: this.#snapshot !== undefined,
      snapshot: this.#snapshot?.figures ?? this.#snapshotFigures,
      streamedRows: this.#streamedRows,
      guard: this.#guard,
    });
  }

  async stop(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    await this.#guard?.[Symbol.asyncDispose]();
    await this.#closeData();
    const started = this.#started;
    if (started === undefined) return;
    await started.desk.close();
    if (started.state.settings.config['slot.drop.on.stop']) await this.#dropSlot(started);
    await started.control.close();
  }

  async #dropSlot({ state, control }: Started): Promise<void> {
    const { settings, context } = state;
    try {
      await dropSlot(await control.open(), settings.config['slot.name']);
    } catch (error) {
      context.log.warn(
        { err: error },
        'the slot could not be dropped; it keeps WAL until somebody drops it',
      );
    }
  }

  async #step(started: Started, signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const { state, backOff } = started;
    const { clock } = state.context;
    const { config } = state.settings;
    const waitMs = Math.min(config['poll.interval.ms'], 5000);
    const restMs = this.#isFinished ? waitMs : this.#retryAtMs - clock.monotonicMs();
    if (restMs > 0) {
      await clock.sleep(Math.min(restMs, waitMs), signal);
      return [];
    }
    if (this.#stream === undefined && this.#snapshot === undefined)
      await this.#open(started, signal);
    const limits = { recordsMax: config['max.batch.size'], bytesMax: BATCH_BYTES_MAX, waitMs };
    const stream = this.#stream;
    const snapshot = this.#snapshot;
    const isAtSnapshot =
      snapshot !== undefined && (stream === undefined || stream.changes.reachedLsn >= snapshot.lsn);
    const records = isAtSnapshot
      ? await this.#readSnapshot(started, snapshot, limits, signal)
      : stream === undefined
        ? []
        : await this.#readStream(started, stream, limits, signal);
    backOff.succeeded();
    return records;
  }

  async #readStream(
    started: Started,
    { changes }: StreamConnection,
    limits: ReadLimits,
    signal: AbortSignal,
  ): Promise<readonly SourceRecord[]> {
    const { desk, state } = started;
    if (this.#opening !== undefined) {
      // Where it will stand is not known yet, so nothing is read that might lie behind it.
      this.#snapshot = await this.#opening.wait(limits.waitMs, signal);
      if (this.#snapshot !== undefined) this.#opening = undefined;
      return [];
    }
    await desk.before(changes);
    const blocking = this.#snapshot === undefined ? desk.takeBlocking() : undefined;
    if (blocking !== undefined) {
      await this.#openBlocking(started, blocking);
      return [];
    }
    // An idle server says where it is when it is asked.
    if (this.#snapshot !== undefined) changes.sendStatus(true);
    const records = [...(await started.reselector.apply(await changes.read(limits, signal)))];
    if (records.length > 0) desk.told();
    const rows = desk.after(changes);
    records.push(...rows);
    const last = rows.at(-1);
    if (last !== undefined) state.progress.emitted(last);
    return records;
  }

  async #readSnapshot(
    { state }: Started,
    snapshot: TableSnapshot,
    limits: ReadLimits,
    signal: AbortSignal,
  ): Promise<readonly SourceRecord[]> {
    const { settings, context, notifier, progress } = state;
    if (this.#stream !== undefined)
      snapshot.streamStandsAt(this.#stream.changes.resumePosition.commitLsn);
    const records = [...(await snapshot.read(limits, signal))];
    if (!snapshot.isDone) return records;
    records.push(...notifier.take(snapshot.offset));
    const last = records.at(-1);
    if (last !== undefined) progress.emitted(last);
    this.#snapshotFigures = snapshot.figures;
    this.#snapshot = undefined;
    this.#hasTakenSnapshot = true;
    context.log.info({ ...this.#snapshotFigures }, 'snapshot complete');
    await snapshot.close(CLOSE_TIMEOUT_MS);
    if (this.#stream !== undefined) return records;
    const position = { commitLsn: snapshot.streamFromLsn, partial: null };
    this.#stored = { kind: 'stream', position };
    this.#isFinished = !settings.snapshot.streams;
    progress.passed(snapshot.streamFromLsn);
    this.#retryAtMs = context.clock.monotonicMs() + settings.config['streaming.delay.ms'];
    return records;
  }

  async #open(started: Started, signal: AbortSignal): Promise<void> {
    const { state, control } = started;
    const { settings, context, progress } = state;
    const session = await control.get();
    const server = await readIdentity(session);
    const plan = await planHandover({
      settings,
      control: session,
      server,
      log: context.log,
      stored: this.#stored,
      mayRepeatSnapshot: !this.#hasTakenSnapshot,
      isReconnect: this.#hasStreamed || this.#hasTakenSnapshot,
      signal,
    });
    switch (plan.kind) {
      case 'finished':
        this.#isFinished = true;
        return;
      case 'snapshot':
        this.#stored = incomplete(
          plan.done,
          plan.streamFromLsn ?? plan.slot?.consistentLsn ?? null,
        );
        this.#snapshot = await openPlanned(started, plan, signal);
        return;
      case 'resume':
        await this.#resume(started, plan, server, signal);
        return;
      case 'stream':
        if (plan.isDurable) progress.startAt(plan.position.commitLsn);
        if (!this.#hasStreamed && !this.#hasTakenSnapshot)
          state.notifier.notify('Initial Snapshot', 'SKIPPED');
        this.#stream = await this.#openStream(started, plan.position, server, signal);
        this.#hasStreamed = true;
        this.#guard ??= new SlotGuard({
          settings,
          clock: context.clock,
          log: context.log,
          streamLsn: () => this.#stream?.changes.figures.serverLsn ?? 0,
        });
    }
  }

  /** The stream first, up to the snapshot in which the rest is read: so nothing goes back in time. */
  async #resume(
    started: Started,
    plan: Extract<Plan, { readonly kind: 'resume' }>,
    server: ServerIdentity | null,
    signal: AbortSignal,
  ): Promise<void> {
    const { position, done, slot, exporter } = plan;
    const { context } = started.state;
    this.#stored = { kind: 'snapshot-incomplete', progress: done.text, position };
    let snapshot: TableSnapshot;
    try {
      snapshot = await openInStream(started, slot, done, position.commitLsn, signal);
    } finally {
      await exporter.close(context.clock);
    }
    this.#snapshot = snapshot;
    this.#stream = await this.#openStream(started, position, server, signal);
    this.#hasStreamed = true;
  }

  /** A snapshot that a signal asks for. Transactions that run are waited for, in the background. */
  async #openBlocking(started: Started, blocking: BlockingSignal): Promise<void> {
    const { state, desk } = started;
    const { context } = state;
    const request = await desk.requestOf(blocking);
    if (request === undefined) return;
    const done = new SnapshotProgress('BLOCKING', request);
    desk.obeyed();
    context.log.info(
      { signal: blocking.id, tables: request.tables.map((table) => table.id) },
      'a blocking snapshot is prepared; running transactions are waited for, and the stream waits too',
    );
    // When it fails the next attempt has to know what was asked for.
    this.#opening = new BlockingOpening({
      started,
      done,
      streamLsn: () => this.#stream?.changes.resumePosition.commitLsn,
      stop: this.#stop.signal,
    });
  }

  async #openStream(
    { state, control, desk, serverVersion, walSenderTimeoutMs }: Started,
    position: StreamConnection['changes']['resumePosition'],
    identity: ServerIdentity | null,
    signal: AbortSignal,
  ): Promise<StreamConnection> {
    const server: ServerTraits = {
      version: serverVersion,
      walSenderTimeoutMs,
      streamsTransactions:
        !this.#isSpillFull && canStreamTransactions(state.settings, serverVersion),
      identity,
    };
    return StreamConnection.open(
      {
        state,
        sessions: () => control.get(),
        position,
        isAfterCommit: this.#isAfterCommit || this.#hasStreamed,
        server,
        watch: desk.watch,
      },
      signal,
    );
  }

  /** Closes what broke, and either arranges another attempt or gives up. */
  async #recover(
    started: Started,
    error: unknown,
    signal: AbortSignal,
  ): Promise<readonly SourceRecord[]> {
    const { state, control, backOff } = started;
    const { settings, context } = state;
    const failure = this.#guard?.failure ?? classify(error, subjectOf(settings));
    if (failure.code === 'postgres.spill_full') this.#isSpillFull = true;
    await this.#closeData();
    // A network that swallowed one connection has swallowed this one too.
    control.discard();
    if (failure.retry === 'fatal') throw failure;
    if (failure.code === 'postgres.slot_in_use')
      await releaseSlot(() => control.get(), settings, context.log);
    const delayMs = backOff.failed(failure);
    this.#retryAtMs = context.clock.monotonicMs() + delayMs;
    context.log.warn(
      { err: failure, code: failure.code, attempt: backOff.attempts, delayMs },
      'the connection to the source is lost; it is tried again',
    );
    await context.clock
      .sleep(Math.min(delayMs, settings.config['poll.interval.ms']), signal)
      .catch(() => undefined); // the abort ends the wait
    return [];
  }

  async #closeData(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    const openedLate = await opening?.cancel();
    const stream = this.#stream;
    const snapshot = this.#snapshot ?? openedLate;
    this.#stream = undefined;
    this.#snapshot = undefined;
    const done = snapshot?.done ?? opening?.done;
    if (stream !== undefined) {
      const { resumePosition: position, server: readFrom } = stream.changes;
      this.#stored =
        done === undefined
          ? { kind: 'stream', position, readFrom }
          : { kind: 'snapshot-incomplete', progress: done.text, position, readFrom };
      this.#streamedRows += stream.changes.figures.rowCount;
      await this.#started?.desk.disconnected();
      await stream.close();
    } else if (snapshot !== undefined)
      this.#stored = incomplete(snapshot.done, snapshot.streamFromLsn);
    await snapshot?.close(CLOSE_TIMEOUT_MS);
  }

  /** With notifications, heartbeats and the position alone, where they are due. */
  async #withOthers(
    started: Started,
    records: readonly SourceRecord[],
  ): Promise<readonly SourceRecord[]> {
    const { progress, notifier } = started.state;
    const changes = this.#stream?.changes;
    // A position behind a signal that is not obeyed yet would make us forget it.
    if (started.desk.hasWaiting) return records;
    const others: SourceRecord[] = [];
    const told = changes === undefined ? this.#snapshot?.offset : changes.offset;
    if (notifier.hasWaiting && told !== undefined) others.push(...notifier.take(told));
    if (changes !== undefined) {
      others.push(...(await started.heartbeats.take(() => changes.offset)));
      if (records.length + others.length === 0)
        others.push(...this.#idlePosition.take(started, changes));
    }
    const last = others.at(-1);
    if (last === undefined) return records;
    started.desk.told();
    progress.emitted(last);
    return [...records, ...others];
  }

  #mustStarted(): Started {
    return must(this.#started, 'a task is started before it is used');
  }
}

function incomplete(done: SnapshotProgress, commitLsn: number | null): StoredPosition {
  return {
    kind: 'snapshot-incomplete',
    progress: done.text,
    position: commitLsn === null ? null : { commitLsn, partial: null },
  };
}
