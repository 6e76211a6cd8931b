import { BackOff, Heartbeats, Reselector, throwProblems, warnOfUnused } from '@millrace/cdc';
import type { SourceTask, SourceTaskContext } from '@millrace/connector-api';
import { isAborted, must } from '@millrace/foundation';
import type { SourceOffset, SourceRecord } from '@millrace/record';
import { checkServer } from './check.ts';
import { Session, subjectOf } from './connection.ts';
import { classify, recoveryWithoutOffset } from './errors.ts';
import { WITHOUT_MEANING } from './fields.ts';
import { positionOf, type OffsetPosition, type StoredPosition } from './position.ts';
import { readBinlogEnd, readServerFacts } from './server.ts';
import { isMendedBySnapshot } from './task-errors.ts';
import { stateOf, type TaskState } from './task-state.ts';
import { settingsFrom, type Flavour } from './settings.ts';
import { openSnapshot } from './snapshot/open-snapshot.ts';
import { decodeProgress } from './snapshot/progress.ts';
import type { TableSnapshot } from './snapshot/snapshot.ts';
import {
  movedTo,
  pendingBlocking,
  requestOf,
  withoutBlocking,
  type BlockingAction,
} from './signals/blocking.ts';
import { rowReselection } from './row-reselection.ts';
import { SignalDesk } from './signals/signal-desk.ts';
import { openStream, type OpenStream } from './open-stream.ts';
import type { ChangeStream, ReadLimits } from './stream.ts';

const BATCH_BYTES_MAX = 1 << 20;
/** While a chunk of an incremental snapshot waits for an idle stream. */
const BUSY_WAIT_MS = 20;
/** A connection idle for longer may be dead without a word: firewalls forget it. */
const CONTROL_IDLE_MAX_MS = 30_000;

/**
 * One task captures one server: a snapshot, then the stream. What breaks a connection is mended here: `poll` returns
 * empty batches while it waits for the next attempt, and goes on where it was. What a person must mend is thrown.
 */
export class BinlogTask implements SourceTask {
  readonly #flavour: Flavour;
  #state: TaskState | undefined;
  #control: Session | undefined;
  #desk: SignalDesk | undefined;
  #snapshot: TableSnapshot | undefined;
  #stream: OpenStream | undefined;
  /** Where the next connection goes on. */
  #stored: StoredPosition = { kind: 'none' };
  /** Without rows to read the stream begins where the task started. */
  #beginAt: OffsetPosition | null = null;
  #hasTakenSnapshot = false;
  #isFinished = false;
  /** A signal asked for a snapshot, for which the stream waits. */
  #blocking: BlockingAction | null = null;
  /** Where the stream waits meanwhile. */
  #streamOffset: SourceOffset | undefined;
  /** The tables are known at the place where the stream began. */
  #hasHistory = false;
  #backOff: BackOff | undefined;
  #heartbeats: Heartbeats | undefined;
  #reselector: Reselector | undefined;
  #retryAtMs = 0;
  #controlUsedMs = 0;
  #snapshotFigures = { tableCount: 0, tablesDone: 0, rowCount: 0 };
  #streamedRows = 0;
  readonly #stop = new AbortController();

  constructor(flavour: Flavour) {
    this.#flavour = flavour;
  }

  async start(context: SourceTaskContext, signal: AbortSignal): Promise<void> {
    const settings = settingsFrom(context.config, this.#flavour);
    const partition = { server: settings.config['topic.prefix'] };
    this.#state = stateOf(context, settings, partition);
    const offset = context.offsets.find(partition);
    this.#stored = positionOf(offset);
    this.#blocking = pendingBlocking(offset);
    this.#streamOffset = withoutBlocking(offset);
    const state = this.#state;
    this.#backOff = new BackOff(settings.config, context.random);
    this.#desk = new SignalDesk({
      settings,
      context,
      partition,
      offset,
      sessions: () => this.#session(state),
      tables: state.tables,
      task: state.task,
      signal: this.#stop.signal,
    });
    const session = await Session.open(settings, signal);
    this.#control = session;
    this.#controlUsedMs = context.clock.monotonicMs();
    const { problems, warnings } = await session.untilAborted(signal, () =>
      checkServer(session, settings),
    );
    throwProblems(problems);
    for (const { code, message, hint } of warnings) context.log.warn({ code, hint }, message);
    warnOfUnused(context.config, WITHOUT_MEANING, context.log);
    // What happens from now on is captured, whenever the first poll comes.
    if (this.#stored.kind !== 'stream' && !settings.snapshot.readsRows && settings.snapshot.streams)
      this.#beginAt = await session.untilAborted(signal, () => currentEnd(session));
    this.#reselector = new Reselector({
      rules: settings.reselect,
      rows: rowReselection({
        ...{ settings, clock: context.clock, signal: this.#stop.signal },
        sessions: () => this.#session(state),
      }),
      log: context.log,
    });
    this.#heartbeats = new Heartbeats({
      config: settings.config,
      topic: state.topics.heartbeat(),
      serverName: settings.config['topic.prefix'],
      partition,
      clock: context.clock,
      log: context.log,
      execute: async (query) => (await this.#session(state)).execute(query),
    });
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const state = this.#mustState();
    const both = AbortSignal.any([signal, this.#stop.signal]);
    if (isAborted(both)) return [];
    state.task.sink.recycle();
    try {
      const records = await this.#step(state, both);
      return await this.#withHeartbeat(records);
    } catch (error) {
      if (isAborted(both)) return [];
      return this.#recover(state, error, both);
    }
  }

  metrics(): Readonly<Record<string, number>> {
    const state = this.#state;
    if (state === undefined) return {};
    const figures = this.#stream?.changes.figures;
    const snapshot = this.#snapshot?.figures ?? this.#snapshotFigures;
    const lagMs =
      figures === undefined || figures.isCaughtUp || figures.eventMicros === 0
        ? 0
        : Math.max(0, state.context.clock.nowMs() - figures.eventMicros / 1000);
    return {
      connected: this.#stream !== undefined || this.#snapshot !== undefined ? 1 : 0,
      source_lag_ms: lagMs,
      binlog_position: this.#stream?.reader.position ?? 0,
      rows_captured_total: snapshot.rowCount + this.#streamedRows + (figures?.rowCount ?? 0),
      snapshot_running: this.#snapshot === undefined ? 0 : 1,
      snapshot_tables_total: snapshot.tableCount,
      snapshot_tables_done: snapshot.tablesDone,
      snapshot_rows_total: snapshot.rowCount,
      reconnect_attempts: this.#backOff?.attempts ?? 0,
      ...this.#desk?.figures,
    };
  }

  async stop(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    await this.#closeData();
    await this.#desk?.close();
    await this.#control?.close(this.#state?.context.clock);
    this.#control = undefined;
    await this.#state?.history?.[Symbol.asyncDispose]();
  }

  async #step(state: TaskState, signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const { clock } = state.context;
    const { config } = state.settings;
    const waitMs = Math.min(config['poll.interval.ms'], 5000);
    const restMs = this.#isFinished ? waitMs : this.#retryAtMs - clock.monotonicMs();
    if (restMs > 0) {
      await clock.sleep(Math.min(restMs, waitMs), signal);
      return [];
    }
    if (this.#stream === undefined && this.#snapshot === undefined) await this.#open(state, signal);
    const limits = { recordsMax: config['max.batch.size'], bytesMax: BATCH_BYTES_MAX, waitMs };
    const records =
      this.#snapshot === undefined
        ? await this.#readStream(limits, signal)
        : await this.#readSnapshot(state, this.#snapshot, limits, signal);
    this.#backOff?.succeeded();
    return records;
  }

  async #readStream(limits: ReadLimits, signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const changes = this.#stream?.changes;
    const desk = must(this.#desk, 'a task that reads was started');
    if (changes === undefined) return [];
    await desk.before(changes);
    if (changes.isBetweenTransactions && (await this.#leaveStream(desk, changes))) return [];
    const waitMs = desk.isBusy ? Math.min(limits.waitMs, BUSY_WAIT_MS) : limits.waitMs;
    const read = await changes.read({ ...limits, waitMs }, signal);
    const records = (await this.#reselector?.apply(read)) ?? read;
    const more = desk.after(changes);
    return more.length === 0 ? records : [...records, ...more];
  }

  /** For a snapshot that a signal asks for, or a place that it names: true when the stream was closed. */
  async #leaveStream(desk: SignalDesk, changes: ChangeStream): Promise<boolean> {
    const wanted = desk.takeWantedPosition();
    const blocking = desk.takeBlocking();
    if (wanted === null && blocking === undefined) return false;
    this.#streamOffset = changes.offset;
    await this.#closeData();
    this.#blocking = blocking ?? null;
    if (wanted !== null && this.#stored.kind === 'stream')
      this.#stored = { kind: 'stream', position: movedTo(wanted, this.#stored.position) };
    return true;
  }

  async #readSnapshot(
    state: TaskState,
    snapshot: TableSnapshot,
    limits: ReadLimits,
    signal: AbortSignal,
  ): Promise<readonly SourceRecord[]> {
    const records = await snapshot.read(limits, signal);
    if (!snapshot.isDone) return records;
    this.#snapshotFigures = snapshot.figures;
    this.#snapshot = undefined;
    this.#hasTakenSnapshot = true;
    this.#blocking = null;
    this.#stored = { kind: 'stream', position: snapshot.streamFrom };
    this.#isFinished = !state.settings.snapshot.streams;
    state.context.log.info({ ...this.#snapshotFigures }, 'snapshot complete');
    await snapshot.close();
    const delayMs = state.settings.config['streaming.delay.ms'];
    this.#retryAtMs = state.context.clock.monotonicMs() + delayMs;
    return records;
  }

  async #open(state: TaskState, signal: AbortSignal): Promise<void> {
    const { settings, context } = state;
    const { snapshot } = settings;
    const stored = this.#stored;
    const isMissing = stored.kind !== 'stream';
    if (isMissing && snapshot.rebuildsHistory) throw recoveryWithoutOffset();
    if (this.#blocking !== null && !isMissing) {
      await this.#openSnapshot(state, signal, this.#blocking);
      return;
    }
    if (this.#wantsSnapshot(state, isMissing)) {
      await this.#openSnapshot(state, signal);
      return;
    }
    if (!snapshot.streams) {
      this.#isFinished = true;
      return;
    }
    const position =
      stored.kind === 'stream'
        ? stored.position
        : (this.#beginAt ?? (await currentEnd(await this.#session(state))));
    try {
      this.#stream = await this.#openStream(state, position, signal);
    } catch (error) {
      if (!isMendedBySnapshot(error, snapshot) || this.#hasTakenSnapshot) throw error;
      context.log.warn({ err: error }, 'the place of the offset is gone: a new snapshot is taken');
      this.#stored = { kind: 'none' };
      await this.#openSnapshot(state, signal);
    }
  }

  /** Without rows too the catalogue is told, and the position taken at one moment with it. */
  #wantsSnapshot({ history, settings }: TaskState, isMissing: boolean): boolean {
    const { config, snapshot } = settings;
    if (!snapshot.readsRows)
      return isMissing && (config['include.schema.changes'] || history !== null);
    return isMissing || (snapshot.isRepeated && !this.#hasTakenSnapshot);
  }

  async #openSnapshot(
    state: TaskState,
    signal: AbortSignal,
    blocking: BlockingAction | null = null,
  ): Promise<void> {
    const { settings, context, history, tables, task } = state;
    await history?.ensure(signal);
    await context.clock.sleep(settings.config['snapshot.delay.ms'], signal);
    const stored = this.#stored;
    const known =
      stored.kind === 'snapshot-incomplete' ? decodeProgress(stored.progress ?? '') : undefined;
    this.#snapshot = await openSnapshot({
      settings,
      tables,
      topics: state.topics,
      history,
      task,
      clock: context.clock,
      log: context.log,
      request: blocking === null ? null : requestOf(blocking, this.#streamOffset ?? {}),
      beginAt: blocking !== null && stored.kind === 'stream' ? stored.position : this.#beginAt,
      resume:
        stored.kind === 'snapshot-incomplete' && known !== undefined
          ? { position: stored.position, progress: known }
          : null,
      signal,
    });
    if (blocking === null) this.#noteSnapshot(this.#snapshot);
  }

  /** From now on another attempt goes on where this one comes to. */
  #noteSnapshot(snapshot: TableSnapshot): void {
    this.#stored = {
      kind: 'snapshot-incomplete',
      position: snapshot.streamFrom,
      progress: snapshot.progressText,
    };
  }

  async #openStream(
    state: TaskState,
    position: OffsetPosition,
    signal: AbortSignal,
  ): Promise<OpenStream> {
    const stream = await openStream({
      state,
      position,
      sessions: () => this.#session(state),
      watch: must(this.#desk, 'a task that streams was started').watch,
      hasHistory: this.#hasHistory,
      signal,
      stop: this.#stop.signal,
    });
    this.#hasHistory = true;
    return stream;
  }

  /** Closes what broke, and either arranges another attempt or gives up. */
  async #recover(
    state: TaskState,
    error: unknown,
    signal: AbortSignal,
  ): Promise<readonly SourceRecord[]> {
    const { settings, context } = state;
    const failure = classify(error, subjectOf(settings));
    await this.#closeData();
    // A network that swallowed one connection has swallowed this one too.
    this.#discardControl(state);
    if (failure.retry === 'fatal') throw failure;
    const backOff = must(this.#backOff, 'a task that reads was started');
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
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream !== undefined) {
      this.#stored = { kind: 'stream', position: stream.changes.resumePosition };
      this.#streamedRows += stream.changes.figures.rowCount;
      await stream.reader[Symbol.asyncDispose]();
      stream.session.abandon();
      await this.#desk?.disconnected();
    }
    const snapshot = this.#snapshot;
    this.#snapshot = undefined;
    if (snapshot === undefined) return;
    if (this.#blocking === null) this.#noteSnapshot(snapshot);
    await snapshot.close();
  }

  /** The session for the catalogue; opened again when it broke. */
  async #session(state: TaskState): Promise<Session> {
    const { clock } = state.context;
    const nowMs = clock.monotonicMs();
    const idleMs = nowMs - this.#controlUsedMs;
    this.#controlUsedMs = nowMs;
    const control = this.#control;
    const isFresh = control?.isUsable === true && idleMs < CONTROL_IDLE_MAX_MS;
    // A network that swallows everything would leave the next statement without an answer for ever.
    const patienceMs = state.settings.config['connect.timeout.ms'];
    if (isFresh && (await control.isAlive(patienceMs, clock))) return control;
    this.#discardControl(state);
    this.#control = await Session.open(state.settings, this.#stop.signal);
    return this.#control;
  }

  #discardControl(state: TaskState): void {
    const control = this.#control;
    this.#control = undefined;
    void control?.close(state.context.clock); // never throws, and ends by itself
  }

  async #withHeartbeat(records: readonly SourceRecord[]): Promise<readonly SourceRecord[]> {
    const changes = this.#stream?.changes;
    if (changes === undefined) return records;
    const beats = (await this.#heartbeats?.take(() => changes.offset)) ?? [];
    return beats.length === 0 ? records : [...records, ...beats];
  }

  #mustState(): TaskState {
    return must(this.#state, 'a task is started before it is used');
  }
}

/** Without a snapshot the stream begins at the present. */
async function currentEnd(session: Session): Promise<OffsetPosition> {
  const facts = await readServerFacts(session);
  const end = must(await readBinlogEnd(session, facts), 'a server that was checked has a binlog');
  return {
    file: end.file,
    position: end.position,
    gtids: end.gtids,
    eventsToSkip: 0,
    rowsToSkip: 0,
    server: facts.identity,
  };
}
