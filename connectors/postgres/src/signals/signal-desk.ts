import {
  copyable,
  FileSignals,
  incrementalOffset as offsetOfState,
  IncrementalSnapshot,
  matchesAny,
  SignalInbox,
  signalOfRow,
  TopicSignals,
  type EmittedRow,
  type Notifier,
  type Signal,
  type SignalChannel,
} from '@millrace/cdc';
import type { SourceTaskContext } from '@millrace/connector-api';
import type { SourceOffset, SourcePartition, SourceRecord } from '@millrace/record';
import type { Relations, SessionSource } from '../relations.ts';
import {
  RowRecord,
  type BatchContext,
  type TaskRecords,
  type TransactionContext,
} from '../row-record.ts';
import type { Settings } from '../settings.ts';
import type { SnapshotRequest } from '../snapshot/snapshot-progress.ts';
import type { ChangeStream } from '../stream/change-stream.ts';
import { ChunkReader, type ChunkBytes } from './chunk-reader.ts';
import { SignalWatch } from './signal-watch.ts';

export interface SignalDeskOptions {
  readonly settings: Settings;
  readonly context: SourceTaskContext;
  readonly partition: SourcePartition;
  readonly offset: SourceOffset | undefined;
  readonly sessions: SessionSource;
  readonly relations: Relations;
  readonly task: TaskRecords;
  readonly notifier: Notifier;
  /** Ends with the task. */
  readonly signal: AbortSignal;
  /** Keys of a snapshot in progress, and where the stream stops for it. */
  readonly snapshotExtras: () => SourceOffset | null;
  readonly snapshotStopLsn: () => number;
}

export type BlockingSignal = Signal & {
  readonly action: Extract<Signal['action'], { readonly kind: 'execute-snapshot' }>;
};

/**
 * Takes signals, by whatever channel, while the stream runs, and runs incremental snapshots beside it. Called between
 * two reads of the stream: `before` does what signals ask and reads a chunk, `after` gives the rows of a chunk that the
 * stream has passed.
 */
export class SignalDesk {
  readonly watch: SignalWatch;
  readonly #options: SignalDeskOptions;
  readonly #incremental: IncrementalSnapshot<ChunkBytes>;
  readonly #chunks: ChunkReader;
  readonly #inbox: SignalInbox;
  readonly #blocking: BlockingSignal[] = [];
  /** What records in flight say, so that it is known when it is durable. */
  #extras: SourceOffset | null = null;
  #extrasOf: unknown;
  #isUntold = false;

  constructor(options: SignalDeskOptions) {
    this.#options = options;
    const { settings, context } = options;
    const { clock, log, random } = context;
    const { config } = settings;
    this.#incremental = new IncrementalSnapshot({
      offset: options.offset,
      chunkRowsMax: config['incremental.snapshot.chunk.size'],
      notifier: options.notifier,
      clock,
      random,
      log,
    });
    this.watch = new SignalWatch({
      settings,
      extras: () => this.extras,
      stopAtLsn: () => Math.min(this.#stopLsn(), options.snapshotStopLsn()),
      chunked: () => (this.#incremental.windowTable === null ? undefined : this.#chunks.chunked),
      onSignal: (row) => {
        if (config['signal.enabled.channels'].includes('source')) this.#inbox.add(signalOfRow(row));
      },
      onChange: (identity) => {
        this.#incremental.supersede(identity);
      },
      onTruncate: () => {
        this.#incremental.supersedeAll();
      },
    });
    this.#chunks = new ChunkReader({
      settings,
      sessions: options.sessions,
      relations: options.relations,
      clock,
      log,
      delivered: () => this.watch.delivered(),
      signal: options.signal,
    });
    this.#inbox = new SignalInbox({
      channels: channelsOf(options, this.#incremental.state.signalOffset),
      intervalMs: config['signal.poll.interval.ms'],
      clock,
      log,
    });
  }

  /** Keys to add to offsets now; null: none. */
  get extras(): SourceOffset | null {
    const { state } = this.#incremental;
    const snapshot = this.#options.snapshotExtras();
    if (this.#extrasOf !== state) {
      this.#extrasOf = state;
      const own = this.#incremental.offset;
      this.#extras = Object.keys(own).length === 0 ? null : own;
    }
    if (snapshot === null) return this.#extras;
    return { ...this.#extras, ...snapshot };
  }

  get figures(): Readonly<Record<string, number>> {
    const figures = this.#incremental.figures;
    return {
      incremental_snapshot_running: figures.isRunning ? 1 : 0,
      incremental_snapshot_paused: figures.isPaused ? 1 : 0,
      incremental_snapshot_tables_remaining: figures.tablesLeft,
      incremental_snapshot_tables_done: figures.tablesDone,
      incremental_snapshot_tables_failed: figures.tablesFailed,
      incremental_snapshot_rows_total: figures.rowCount,
      incremental_snapshot_rows_superseded_total: figures.rowsSuperseded,
      incremental_snapshot_chunks_total: figures.chunkCount,
      notifications_total: this.#options.notifier.count,
    };
  }

  /** A signal that asks for a blocking snapshot, if one waits. */
  takeBlocking(): BlockingSignal | undefined {
    return this.#blocking.shift();
  }

  /** Signals wait to be obeyed: a position behind them must not be stored before. */
  get hasWaiting(): boolean {
    return this.#inbox.hasWaiting;
  }

  /** A signal was obeyed that no offset tells of yet. */
  get isUntold(): boolean {
    return this.#isUntold;
  }

  /** What a blocking snapshot reads; undefined: nothing that it names is captured. */
  async requestOf({ action, id }: BlockingSignal): Promise<SnapshotRequest | undefined> {
    const captured = await this.#chunks.capturedTables();
    const isMeant = matchesAny(action.collections);
    const tables = captured
      .map((table) => `${table.schema}.${table.name}`)
      .filter((name) => isMeant(name));
    if (tables.length === 0) {
      this.#options.context.log.warn(
        { signal: id, tables: action.collections },
        'a signal names a table that is not captured',
      );
      return undefined;
    }
    return {
      signal: id,
      tables: tables.map((name) => ({
        id: name,
        select:
          action.conditions.find((condition) => matchesAny([condition.collection])(name))?.filter ??
          null,
      })),
    };
  }

  /** Obeys what came, and reads the next chunk if one is wanted. */
  async before(stream: ChangeStream): Promise<void> {
    if (this.#inbox.hasWaiting) await this.#obey(this.#inbox.take(), stream);
    if (this.#incremental.wantsChunk) await this.#incremental.readChunk(this.#chunks, this.#chunks);
    if (this.#incremental.chunkId === null) return;
    await this.#chunks.relax();
    if (stream.reachedLsn < this.#chunks.passLsn) stream.sendStatus(true);
  }

  /** Whether the stream should be waited for a short time only. */
  get isBusy(): boolean {
    return this.#incremental.chunkId !== null || this.#incremental.wantsChunk;
  }

  /** The rows of the chunk that the stream has passed. */
  after(stream: ChangeStream): readonly SourceRecord[] {
    if (this.#incremental.chunkId === null || stream.reachedLsn < this.#chunks.passLsn) return [];
    const { settings } = this.#options;
    const records = this.#recordsOf(this.#incremental.closeWindow(), stream);
    return settings.hasTransforms ? records.map(copyable) : records;
  }

  /** A signal was obeyed elsewhere. */
  obeyed(): void {
    this.#isUntold = true;
  }

  /** A record that tells what holds now is on its way. */
  told(): void {
    this.#isUntold = false;
  }

  /** The stream has to be opened again. */
  async disconnected(): Promise<void> {
    this.#incremental.dropWindow();
    await this.#chunks.dispose();
  }

  async close(): Promise<void> {
    await this.#chunks.dispose();
    await this.#inbox[Symbol.asyncDispose]();
  }

  #stopLsn(): number {
    return this.#incremental.chunkId === null ? Infinity : this.#chunks.passLsn;
  }

  async #obey(signals: readonly Signal[], stream: ChangeStream): Promise<void> {
    const { log } = this.#options.context;
    for (const signal of signals) {
      const { action, id, type, channel } = signal;
      const isFirstTime =
        signal.topicOffset === null ||
        signal.topicOffset > (this.#incremental.state.signalOffset ?? -1);
      if (!isFirstTime) continue;
      switch (action.kind) {
        case 'window-open':
        case 'window-close':
          break; // our own, or another connector's
        case 'invalid':
          log.warn(
            { signal: id, type, channel, reason: action.reason },
            'a signal can not be obeyed',
          );
          break;
        case 'log':
          log.info(
            { signal: id, channel, text: withOffset(action.message, stream) },
            'a signal to log',
          );
          break;
        case 'set-binlog-position':
          log.warn({ signal: id, type }, 'a signal is of use for MySQL and MariaDB only');
          break;
        case 'execute-snapshot':
          log.info(
            { signal: id, channel, mode: action.mode, tables: action.collections },
            'a signal asks for a snapshot',
          );
          if (action.mode === 'blocking') this.#blocking.push({ ...signal, action });
          else await this.#take(signal);
          break;
        case 'stop-snapshot':
        case 'pause-snapshot':
        case 'resume-snapshot':
          await this.#take(signal);
          break;
      }
      if (signal.topicOffset !== null) {
        this.#incremental.noteSignalOffset(signal.topicOffset);
        this.#isUntold = true;
      }
    }
  }

  async #take(signal: Signal): Promise<void> {
    const captured =
      signal.action.kind === 'execute-snapshot' ? await this.#chunks.capturedTables() : [];
    const names = captured.map((table) => `${table.schema}.${table.name}`);
    if (this.#incremental.take(signal, names)) this.#isUntold = true;
  }

  #recordsOf(
    emitted: readonly EmittedRow<ChunkBytes>[],
    stream: ChangeStream,
  ): readonly SourceRecord[] {
    if (emitted.length === 0) return [];
    const { clock } = this.#options.context;
    const { task } = this.#options;
    const nowMs = clock.nowMs();
    const batch: BatchContext = { nowMs, tails: new Map(), extras: null };
    const base = stream.position;
    const lsn = Number(base['lsn'] ?? 0);
    const transaction: TransactionContext = {
      task,
      txId: null,
      commitMicros: nowMs * 1000,
      lastCommitLsn: null,
      sequenceLsn: Number(base['lsn_commit'] ?? lsn),
      origin: null,
      originLsn: null,
      xmin: null,
      snapshot: 'incremental',
      sources: new Map(),
      offsetAt: (index) => {
        const state = emitted[index]?.state;
        return state === undefined ? base : { ...base, ...offsetOfState(state) };
      },
    };
    return emitted.map(
      ({ row }, index) =>
        new RowRecord(
          row.chunked.shape,
          'r',
          {
            buffer: row.buffer,
            end: row.end,
            oldAt: -1,
            newAt: row.start,
            fillAt: -1,
            isCopy: true,
            lsn,
            countAtLsn: index,
            messageType: 'READ',
            isLastOfSnapshot: false,
          },
          transaction,
          batch,
          null,
          task.headers,
        ),
    );
  }
}

function withOffset(message: string, stream: ChangeStream): string {
  return message.replace('{}', () => JSON.stringify(stream.position, bigintToNumber));
}

function bigintToNumber(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

function channelsOf(
  { settings, context }: SignalDeskOptions,
  signalOffset: number | null,
): readonly SignalChannel[] {
  const { config } = settings;
  const enabled = config['signal.enabled.channels'];
  const channels: SignalChannel[] = [];
  if (enabled.includes('file')) channels.push(new FileSignals(config['signal.file']));
  if (enabled.includes('kafka') && context.topics !== undefined)
    channels.push(
      new TopicSignals({
        topics: context.topics,
        topic: config['signal.kafka.topic'] ?? `${config['topic.prefix']}-signal`,
        bootstrapServers: config['signal.kafka.bootstrap.servers'],
        clientConfig: Object.fromEntries(
          Object.entries(context.config).flatMap(([key, value]) =>
            key.startsWith('signal.consumer.')
              ? [[key.slice('signal.consumer.'.length), value]]
              : [],
          ),
        ),
        connectorName: config['topic.prefix'],
        after: signalOffset,
      }),
    );
  return channels;
}
