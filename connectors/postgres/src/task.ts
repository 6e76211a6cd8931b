import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  contextHeaders,
  heartbeatRecord,
  JsonSink,
  timeOrderedUuid,
  TopicNaming,
  TransactionCounter,
} from '@millrace/cdc';
import type { CommittedOffset, SourceTask, SourceTaskContext } from '@millrace/connector-api';
import { isAborted, MillraceError, must } from '@millrace/foundation';
import type { SourceOffset, SourcePartition, SourceRecord } from '@millrace/record';
import { quoteTable } from './catalog.ts';
import { checkServer, identityRules, type CheckResult } from './check.ts';
import { Session, subjectOf } from './connection.ts';
import { CopySocket } from './copy-socket.ts';
import { classify } from './errors.ts';
import { planHandover, type Plan } from './handover.ts';
import { positionOf, type StoredPosition, type StreamPosition } from './position.ts';
import { Progress } from './progress.ts';
import { makePublication } from './publication.ts';
import { Relations } from './relations.ts';
import type { TaskRecords } from './row-record.ts';
import { readIdentity } from './server-identity.ts';
import type { ServerIdentity } from './offset-identity.ts';
import { settingsFrom, type Settings } from './settings.ts';
import { dropSlot } from './slot.ts';
import { TableSnapshot } from './snapshot.ts';
import { SpillFolder } from './spill/spill-folder.ts';
import { ChangeStream, type ReadLimits } from './stream/change-stream.ts';
import { canStreamTransactions, startReplication } from './stream/start-replication.ts';
import { NO_WATCH } from './stream-watch.ts';
import { VERSION } from './version.ts';

const BATCH_BYTES_MAX = 1 << 20;
const BACKOFF_INITIAL_MS = 200;
const CLOSE_TIMEOUT_MS = 2000;
/** How often the position alone is stored while nothing is captured. */
const POSITION_INTERVAL_MS = 3000;
/** A server that shuts down waits until its walsenders were told that everything is durable. */
const POSITION_PAUSE_MS = 100;
/** A connection idle for longer may be dead without a word: firewalls forget it. */
const CONTROL_IDLE_MAX_MS = 30_000;
const FRAME_COPY_BOTH = 0x57;
const FRAME_ERROR = 0x45;

/** A connection that streams, with what lives and ends with it. */
interface OpenStream {
  readonly changes: ChangeStream;
  readonly socket: CopySocket;
  readonly stop: AbortController;
}

/** Everything that outlives single connections; made by `start`. */
interface TaskState {
  readonly context: SourceTaskContext;
  readonly settings: Settings;
  readonly partition: SourcePartition;
  readonly topics: TopicNaming;
  readonly relations: Relations;
  readonly task: TaskRecords;
  readonly progress: Progress;
  readonly counter: TransactionCounter | null;
  readonly spillFolder: SpillFolder;
}

/**
 * One task captures one database: a snapshot, then the stream. What breaks a connection is mended here: `poll` returns
 * empty batches while it waits for the next attempt, and goes on where it was. What a person must mend is thrown.
 */
export class PostgresTask implements SourceTask {
  #state: TaskState | undefined;
  #control: Session | undefined;
  #snapshot: TableSnapshot | undefined;
  #stream: OpenStream | undefined;
  /** Where the next connection goes on. */
  #stored: StoredPosition = { kind: 'none' };
  #hasTakenSnapshot = false;
  #hasStreamed = false;
  #isAfterCommit = false;
  #isFinished = false;
  #serverVersion = 0;
  #walSenderTimeoutMs = 60_000;
  #attempts = 0;
  #slotAttempts = 0;
  #retryAtMs = 0;
  #heartbeatAtMs = 0;
  #positionAtMs = 0;
  #controlUsedMs = 0;
  #snapshotFigures = { tableCount: 0, tablesDone: 0, rowCount: 0 };
  #streamedRows = 0;
  /** Transactions in progress took too much: from now on the server keeps them. */
  #isSpillFull = false;
  readonly #stop = new AbortController();

  async start(context: SourceTaskContext, signal: AbortSignal): Promise<void> {
    const settings = settingsFrom(context.config);
    const partition = { server: settings.config['topic.prefix'] };
    this.#state = stateOf(context, settings, partition);
    const offset = context.offsets.find(partition);
    this.#stored = positionOf(offset);
    this.#isAfterCommit = typeof offset?.['lsn_commit'] === 'number';
    const session = await Session.open(settings, 'query', signal);
    this.#control = session;
    this.#controlUsedMs = context.clock.monotonicMs();
    const result = await checkServer(session, settings);
    this.#serverVersion = result.serverVersion;
    throwProblems(result);
    for (const { code, message, hint } of result.warnings)
      context.log.warn({ code, hint }, message);
    await this.#state.spillFolder.clean();
    await this.#prepare(session, result);
    this.#heartbeatAtMs = context.clock.monotonicMs() + settings.config['heartbeat.interval.ms'];
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const state = this.#mustState();
    const both = AbortSignal.any([signal, this.#stop.signal]);
    if (isAborted(both)) return [];
    state.task.sink.recycle();
    try {
      const records = await this.#step(state, both);
      return await this.#withHeartbeat(state, this.#withPosition(state, records));
    } catch (error) {
      if (isAborted(both)) return [];
      return this.#recover(state, error, both);
    }
  }

  commit(offsets: readonly CommittedOffset[]): Promise<void> {
    const { progress, partition } = this.#mustState();
    for (const { partition: committed, offset } of offsets) {
      if (committed['server'] === partition['server']) progress.committed(offset);
    }
    // INV-1: only what is durable is in `progress`, and only that is confirmed.
    this.#stream?.changes.sendStatus();
    return Promise.resolve();
  }

  metrics(): Readonly<Record<string, number>> {
    const state = this.#state;
    if (state === undefined) return {};
    const figures = this.#stream?.changes.figures;
    const snapshot = this.#snapshot?.figures ?? this.#snapshotFigures;
    const confirmed = state.progress.confirmedLsn;
    const lagMs =
      figures === undefined || figures.isCaughtUp || figures.commitMicros === 0
        ? 0
        : Math.max(0, state.context.clock.nowMs() - figures.commitMicros / 1000);
    return {
      connected: this.#stream !== undefined || this.#snapshot !== undefined ? 1 : 0,
      source_lag_ms: lagMs,
      wal_behind_bytes:
        figures === undefined || confirmed === 0 ? 0 : Math.max(0, figures.serverLsn - confirmed),
      confirmed_lsn: confirmed,
      rows_captured_total: snapshot.rowCount + this.#streamedRows + (figures?.rowCount ?? 0),
      snapshot_running: this.#snapshot === undefined ? 0 : 1,
      snapshot_tables_total: snapshot.tableCount,
      snapshot_tables_done: snapshot.tablesDone,
      snapshot_rows_total: snapshot.rowCount,
      reconnect_attempts: this.#attempts,
      transactions_in_progress: figures?.inProgressCount ?? 0,
      transactions_spilled_bytes: figures?.spilledBytes ?? 0,
    };
  }

  async stop(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    await this.#closeData();
    const state = this.#state;
    if (state?.settings.config['slot.drop.on.stop'] === true) await this.#dropSlot(state);
    await this.#control?.close(state?.context.clock);
    this.#control = undefined;
  }

  async #dropSlot(state: TaskState): Promise<void> {
    try {
      await dropSlot(await this.#session(state), state.settings.config['slot.name']);
    } catch (error) {
      state.context.log.warn(
        { err: error },
        'the slot could not be dropped; it keeps WAL until somebody drops it',
      );
    }
  }

  async #prepare(session: Session, { tables, publication }: CheckResult): Promise<void> {
    const { settings, context } = this.#mustState();
    const rules = identityRules(settings);
    for (const table of tables) {
      const rule = rules.find((candidate) => candidate.matches(`${table.schema}.${table.name}`));
      if (rule !== undefined && !settings.config['read.only'])
        await session.query(
          `ALTER TABLE ${quoteTable(table)} REPLICA IDENTITY ${identitySql(rule.identity)}`,
        );
    }
    const sql = await makePublication(session, settings, tables, publication);
    if (sql !== undefined) context.log.info({ sql }, 'publication made');
    const [timeout] = await session.query(
      "SELECT setting FROM pg_catalog.pg_settings WHERE name = 'wal_sender_timeout'",
    );
    this.#walSenderTimeoutMs = Number(timeout?.['setting'] ?? 60_000);
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
        ? ((await this.#stream?.changes.read(limits, signal)) ?? [])
        : await this.#readSnapshot(state, this.#snapshot, limits, signal);
    this.#attempts = 0;
    this.#slotAttempts = 0;
    return records;
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
    this.#stored = {
      kind: 'stream',
      position: { commitLsn: snapshot.streamFromLsn, partial: null },
    };
    this.#isFinished = state.settings.snapshotMode === 'initial_only';
    state.progress.passed(snapshot.streamFromLsn);
    state.context.log.info({ ...this.#snapshotFigures }, 'snapshot complete');
    await snapshot.close(CLOSE_TIMEOUT_MS);
    const delayMs = state.settings.config['streaming.delay.ms'];
    this.#retryAtMs = state.context.clock.monotonicMs() + delayMs;
    return records;
  }

  async #open(state: TaskState, signal: AbortSignal): Promise<void> {
    const { settings, context } = state;
    const control = await this.#session(state);
    const server = await readIdentity(control);
    const plan = await planHandover({
      settings,
      control,
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
        this.#snapshot = await this.#openSnapshot(state, plan, signal);
        return;
      case 'stream':
        if (plan.isDurable) state.progress.startAt(plan.position.commitLsn);
        this.#stream = await this.#openStream(state, plan.position, server, signal);
        this.#hasStreamed = true;
    }
  }

  async #openSnapshot(
    state: TaskState,
    plan: Extract<Plan, { readonly kind: 'snapshot' }>,
    signal: AbortSignal,
  ): Promise<TableSnapshot> {
    const { settings, context, relations, task, progress } = state;
    this.#stored = { kind: 'snapshot-incomplete' };
    await context.clock.sleep(settings.config['snapshot.delay.ms'], signal);
    try {
      const session = await Session.open(settings, 'query', signal);
      try {
        return await session.untilAborted(signal, () =>
          TableSnapshot.open({
            settings,
            session,
            relations,
            task,
            progress,
            clock: context.clock,
            log: context.log,
            snapshotName: plan.slot?.snapshotName ?? null,
            lsn: plan.slot?.consistentLsn,
            streamFromLsn: plan.streamFromLsn,
          }),
        );
      } catch (error) {
        await session.close(context.clock);
        throw error;
      }
    } finally {
      await plan.exporter?.close(context.clock);
    }
  }

  async #openStream(
    state: TaskState,
    position: StreamPosition,
    server: ServerIdentity | null,
    signal: AbortSignal,
  ): Promise<OpenStream> {
    const { settings, context, relations, task, progress, topics, counter } = state;
    const session = await Session.open(settings, 'replication', signal);
    const socket = new CopySocket(session.client, {
      clock: context.clock,
      bytesMax: settings.queueBytesMax,
      isPaced: true,
    });
    const stop = new AbortController();
    try {
      const streamsTransactions =
        !this.#isSpillFull && canStreamTransactions(settings, this.#serverVersion);
      const version = this.#serverVersion;
      socket.sendQuery(startReplication(settings, position, { version, streamsTransactions }));
      await awaitCopyBoth(socket, session, signal);
    } catch (error) {
      await socket.close(CLOSE_TIMEOUT_MS);
      throw session.classify(error);
    }
    const changes = new ChangeStream({
      settings,
      session,
      socket,
      sessions: () => this.#session(state),
      relations,
      topics,
      task,
      progress,
      clock: context.clock,
      counter,
      position,
      isAfterCommit: this.#isAfterCommit || this.#hasStreamed,
      watch: NO_WATCH,
      silenceMaxMs: this.#walSenderTimeoutMs === 0 ? 60_000 : this.#walSenderTimeoutMs,
      spillFolder: state.spillFolder,
      server,
    });
    void this.#keepAlive(state, changes, stop.signal);
    context.log.info({ slot: settings.config['slot.name'] }, 'streaming');
    return { changes, socket, stop };
  }

  /** Tells the server that we live, also while nobody reads: well within its patience. */
  async #keepAlive(state: TaskState, changes: ChangeStream, signal: AbortSignal): Promise<void> {
    const wantedMs = state.settings.config['status.update.interval.ms'];
    const patienceMs = this.#walSenderTimeoutMs === 0 ? Infinity : this.#walSenderTimeoutMs / 3;
    while (!isAborted(signal)) {
      changes.sendStatus();
      await state.context.clock
        .sleep(Math.min(wantedMs, patienceMs), signal)
        .catch(() => undefined); // woken by the end of the stream
    }
  }

  /** Closes what broke, and either arranges another attempt or gives up. */
  async #recover(
    state: TaskState,
    error: unknown,
    signal: AbortSignal,
  ): Promise<readonly SourceRecord[]> {
    const { settings, context } = state;
    const failure = classify(error, subjectOf(settings));
    if (failure.code === 'postgres.spill_full') this.#isSpillFull = true;
    await this.#closeData();
    // A network that swallowed one connection has swallowed this one too.
    this.#discardControl(state);
    if (failure.retry === 'fatal') throw failure;
    const delayMs = this.#nextDelayMs(state, failure);
    this.#retryAtMs = context.clock.monotonicMs() + delayMs;
    context.log.warn(
      { err: failure, code: failure.code, attempt: this.#attempts, delayMs },
      'the connection to the source is lost; it is tried again',
    );
    await context.clock
      .sleep(Math.min(delayMs, settings.config['poll.interval.ms']), signal)
      .catch(() => undefined); // the abort ends the wait
    return [];
  }

  /** @throws the failure when the attempts are used up */
  #nextDelayMs({ settings, context }: TaskState, failure: MillraceError): number {
    const { config } = settings;
    this.#attempts++;
    if (failure.code === 'postgres.slot_in_use') {
      if (++this.#slotAttempts > config['slot.max.retries']) throw exhausted(failure);
      return config['slot.retry.delay.ms'];
    }
    const attemptsMax = config['errors.max.retries'];
    if (attemptsMax >= 0 && this.#attempts > attemptsMax) throw exhausted(failure);
    const cappedMs = Math.min(
      config['retriable.restart.connector.wait.ms'],
      BACKOFF_INITIAL_MS * 2 ** Math.min(this.#attempts - 1, 20),
    );
    return cappedMs / 2 + context.random.nextInt(Math.floor(cappedMs / 2) + 1);
  }

  async #closeData(): Promise<void> {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream !== undefined) {
      const { resumePosition, server } = stream.changes;
      this.#stored = { kind: 'stream', position: resumePosition, readFrom: server };
      this.#streamedRows += stream.changes.figures.rowCount;
      stream.stop.abort();
      await stream.socket.close(CLOSE_TIMEOUT_MS);
      await stream.changes.close();
    }
    const snapshot = this.#snapshot;
    this.#snapshot = undefined;
    await snapshot?.close(CLOSE_TIMEOUT_MS);
  }

  /** The session for the catalogue; opened again when it broke. */
  async #session(state: TaskState): Promise<Session> {
    const { clock } = state.context;
    const nowMs = clock.monotonicMs();
    const idleMs = nowMs - this.#controlUsedMs;
    this.#controlUsedMs = nowMs;
    if (this.#control?.isUsable === true && idleMs < CONTROL_IDLE_MAX_MS) return this.#control;
    this.#discardControl(state);
    this.#control = await Session.open(state.settings, 'query', this.#stop.signal);
    return this.#control;
  }

  #discardControl(state: TaskState): void {
    const control = this.#control;
    this.#control = undefined;
    void control?.close(state.context.clock); // never throws, and ends by itself
  }

  /**
   * While there is nothing to capture, the position alone is handed out now and then: once it is durable the server may
   * forget, so an idle database between busy neighbours keeps no WAL, without a heartbeat table.
   */
  #withPosition(state: TaskState, records: readonly SourceRecord[]): readonly SourceRecord[] {
    const { settings, context, partition, progress } = state;
    const changes = this.#stream?.changes;
    const nowMs = context.clock.monotonicMs();
    if (changes === undefined || records.length > 0 || !progress.isBehindServer) return records;
    const waitMs = changes.isAskedForPosition
      ? POSITION_PAUSE_MS
      : Math.min(POSITION_INTERVAL_MS, settings.config['status.update.interval.ms']);
    if (nowMs < this.#positionAtMs + waitMs) return records;
    this.#positionAtMs = nowMs;
    const position = offsetOnlyRecord(partition, changes.offset);
    progress.emitted(position);
    return [position];
  }

  async #withHeartbeat(
    state: TaskState,
    records: readonly SourceRecord[],
  ): Promise<readonly SourceRecord[]> {
    const { settings, context, topics, partition } = state;
    const intervalMs = settings.config['heartbeat.interval.ms'];
    const offset: SourceOffset | undefined = this.#stream?.changes.offset;
    const nowMs = context.clock.monotonicMs();
    if (intervalMs === 0 || offset === undefined || nowMs < this.#heartbeatAtMs) return records;
    this.#heartbeatAtMs = nowMs + intervalMs;
    await this.#heartbeatQuery(state);
    const beat = heartbeatRecord({
      topic: topics.heartbeat(),
      serverName: settings.config['topic.prefix'],
      timestampMs: context.clock.nowMs(),
      sourcePartition: partition,
      sourceOffset: offset,
    });
    state.progress.emitted(beat);
    return [...records, beat];
  }

  async #heartbeatQuery(state: TaskState): Promise<void> {
    const { settings, context } = state;
    const query = settings.config['heartbeat.action.query'];
    if (query === null || settings.config['read.only']) return;
    try {
      await (await this.#session(state)).query(query);
    } catch (error) {
      context.log.warn(
        { err: error },
        'heartbeat.action.query failed; the heartbeat goes on without it',
      );
    }
  }

  #mustState(): TaskState {
    return must(this.#state, 'a task is started before it is used');
  }
}

function stateOf(
  context: SourceTaskContext,
  settings: Settings,
  partition: SourcePartition,
): TaskState {
  const { config } = settings;
  const topics = new TopicNaming({
    prefix: config['topic.prefix'],
    delimiter: config['topic.delimiter'],
    heartbeatPrefix: config['topic.heartbeat.prefix'],
    heartbeatName: config['topic.heartbeat.name'],
    transactionSuffix: config['topic.transaction'],
  });
  return {
    context,
    settings,
    partition,
    topics,
    relations: new Relations({ settings, topics, log: context.log }),
    task: {
      sourcePartition: partition,
      headers: config['extended.headers.enabled']
        ? contextHeaders({
            logicalName: config['topic.prefix'],
            task: context.task,
            connector: 'postgresql',
            runId: timeOrderedUuid(context.clock, context.random),
          })
        : [],
      version: VERSION,
      name: config['topic.prefix'],
      database: config['database.dbname'],
      sink: new JsonSink(),
    },
    progress: new Progress(),
    counter: config['provide.transaction.metadata'] ? new TransactionCounter() : null,
    spillFolder: new SpillFolder(
      config['millrace.transaction.spill.dir'] ??
        join(context.scratchDir ?? tmpdir(), 'millrace-transactions'),
      `${context.connector}-${config['slot.name']}`,
    ),
  };
}

/** Only its offset counts. */
function offsetOnlyRecord(
  sourcePartition: SourcePartition,
  sourceOffset: SourceOffset,
): SourceRecord {
  return {
    topic: '',
    partition: null,
    keySchema: null,
    key: null,
    valueSchema: null,
    value: null,
    timestampMs: null,
    headers: [],
    sourcePartition,
    sourceOffset,
    isOffsetOnly: true,
  };
}

/** All problems of the server in one error; one that may pass by itself is tried again. */
function throwProblems({ problems }: CheckResult): void {
  // A slot in use is waited for when the stream opens.
  const lasting = problems.filter((problem) => problem.code !== 'postgres.slot_in_use');
  const [first] = lasting;
  if (first === undefined) return;
  if (lasting.length === 1) throw first;
  throw new MillraceError({
    code: first.code,
    retry: 'fatal',
    message: lasting.map((problem) => `${problem.message} [${problem.code}]`).join('; '),
    hint: lasting.map((problem) => problem.hint ?? '').join(' | '),
    context: { codes: lasting.map((problem) => problem.code) },
  });
}

function exhausted(failure: MillraceError): MillraceError {
  return new MillraceError({
    code: failure.code,
    retry: 'fatal',
    message: `${failure.message}, and all attempts are used up`,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    cause: failure.cause ?? failure,
  });
}

function identitySql(identity: string): string {
  const index = /^INDEX\s+(\S+)$/i.exec(identity)?.[1];
  return index === undefined
    ? identity.toUpperCase()
    : `USING INDEX "${index.replaceAll('"', '""')}"`;
}

async function awaitCopyBoth(
  socket: CopySocket,
  session: Session,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    while (socket.frames.next()) {
      if (socket.frames.type === FRAME_COPY_BOTH) return;
      if (socket.frames.type === FRAME_ERROR) throw session.classify(socket.serverError());
    }
    await socket.waitForBytes(START_TIMEOUT_MS, signal);
  }
}

/** Between looks at a connection that does not answer; the server may wait for WAL first. */
const START_TIMEOUT_MS = 10_000;
