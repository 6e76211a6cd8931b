import {
  copyable,
  FileSignals,
  incrementalOffset,
  IncrementalSnapshot,
  Notifier,
  SignalInbox,
  signalOfRow,
  TopicSignals,
  type EmittedRow,
  type RowBatch,
  type Signal,
  type SignalChannel,
} from '@millrace/cdc';
import type { SourceTaskContext } from '@millrace/connector-api';
import type { SourceOffset, SourcePartition, SourceRecord } from '@millrace/record';
import type { SessionSource, Tables } from '../schema/tables.ts';
import { EventSource, RowRecord, TextRow, type TaskRecords } from '../row-record.ts';
import type { Settings } from '../settings.ts';
import type { ChangeStream, StreamWatch } from '../stream.ts';
import { decodeRow } from '../types/render-row.ts';
import type { BlockingAction, WantedPosition } from './blocking.ts';
import { ChunkReader, identityOf, type ChunkBytes, type StreamPlace } from './chunk-reader.ts';

export interface SignalDeskOptions {
  readonly settings: Settings;
  readonly context: SourceTaskContext;
  readonly partition: SourcePartition;
  readonly offset: SourceOffset | undefined;
  readonly sessions: SessionSource;
  readonly tables: Tables;
  readonly task: TaskRecords;
  /** Ends with the task. */
  readonly signal: AbortSignal;
}

/**
 * Takes signals, by whatever channel, while the stream runs, and runs incremental snapshots beside it. Called between
 * two reads of the stream: `before` does what signals ask and reads a chunk, `after` gives the rows of a chunk that the
 * stream has passed.
 */
export class SignalDesk {
  readonly watch: StreamWatch;
  readonly #options: SignalDeskOptions;
  readonly #incremental: IncrementalSnapshot<ChunkBytes>;
  readonly #chunks: ChunkReader;
  readonly #inbox: SignalInbox;
  readonly #notifier: Notifier;
  #place: StreamPlace | null = null;
  #extras: SourceOffset = {};
  #extrasOf: unknown;
  readonly #blocking: BlockingAction[] = [];
  #wantedPosition: WantedPosition | null = null;

  constructor(options: SignalDeskOptions) {
    this.#options = options;
    const { settings, context } = options;
    const { clock, log, random } = context;
    const { config } = settings;
    this.#notifier = new Notifier({
      channels: config['notification.enabled.channels'] ?? [],
      topic: config['notification.sink.topic.name'],
      connectorName: config['topic.prefix'],
      sourcePartition: options.partition,
      clock,
      random,
      log,
    });
    this.#incremental = new IncrementalSnapshot({
      offset: options.offset,
      chunkRowsMax: config['incremental.snapshot.chunk.size'],
      notifier: this.#notifier,
      clock,
      random,
      log,
    });
    this.#chunks = new ChunkReader({
      settings,
      sessions: options.sessions,
      tables: options.tables,
      clock,
      log,
      delivered: () => this.#place,
      signal: options.signal,
    });
    this.#inbox = new SignalInbox({
      channels: channelsOf(options, this.#incremental.state.signalOffset),
      intervalMs: config['signal.poll.interval.ms'],
      clock,
      log,
    });
    this.watch = {
      extras: () => this.extras,
      isSignalTable: (database, table) => settings.isSignalTable(database, table),
      isWindowTable: (database, table) => this.#incremental.windowTable === `${database}.${table}`,
      onSignal: (form, fields) => {
        if (!config['signal.enabled.channels'].includes('source')) return;
        const [id, type, data] = Object.values(decodeRow(form.columns, fields));
        this.#inbox.add(
          signalOfRow({
            id: textOf(id) ?? '',
            type: textOf(type) ?? '',
            data: textOf(data),
          }),
        );
      },
      onChange: (form, fields) => {
        this.#incremental.supersede(identityOf(form, fields));
      },
      onTruncate: () => {
        this.#incremental.supersedeAll();
      },
    };
  }

  /** Keys to add to offsets now. */
  get extras(): SourceOffset {
    const { state } = this.#incremental;
    if (this.#extrasOf !== state) {
      this.#extrasOf = state;
      this.#extras = this.#incremental.offset;
    }
    return this.#extras;
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
      incremental_snapshot_chunks_total: figures.chunkCount,
      notifications_total: this.#notifier.count,
    };
  }

  /** A snapshot for which the stream is to wait. */
  takeBlocking(): BlockingAction | undefined {
    return this.#blocking.shift();
  }

  takeWantedPosition(): WantedPosition | null {
    const wanted = this.#wantedPosition;
    this.#wantedPosition = null;
    return wanted;
  }

  /** Whether the stream should be waited for a short time only. */
  get isBusy(): boolean {
    return this.#incremental.chunkId !== null || this.#incremental.wantsChunk;
  }

  /** Obeys what came, and reads the next chunk if one is wanted. */
  async before(stream: ChangeStream): Promise<void> {
    if (this.#inbox.hasWaiting) await this.#obey(this.#inbox.take());
    if (!this.#incremental.wantsChunk || !stream.isBetweenTransactions) return;
    this.#place = stream.place;
    await this.#incremental.readChunk(this.#chunks, this.#chunks);
  }

  /** The rows of the chunk that the stream has passed, and notifications. */
  after(stream: ChangeStream): readonly SourceRecord[] {
    const records: SourceRecord[] = [];
    if (this.#incremental.chunkId !== null && this.#chunks.isPassedBy(stream.place))
      records.push(...this.#recordsOf(this.#incremental.closeWindow(), stream));
    if (this.#notifier.hasWaiting) records.push(...this.#notifier.take(stream.offset));
    return this.#options.settings.hasTransforms ? records.map(copyable) : records;
  }

  /** The stream has to be opened again. */
  async disconnected(): Promise<void> {
    this.#place = null;
    this.#incremental.dropWindow();
    await this.#chunks.dispose();
  }

  async close(): Promise<void> {
    await this.#chunks.dispose();
    await this.#inbox[Symbol.asyncDispose]();
  }

  async #obey(signals: readonly Signal[]): Promise<void> {
    const { log } = this.#options.context;
    for (const signal of signals) {
      const { action, id, type, channel } = signal;
      if (
        signal.topicOffset !== null &&
        signal.topicOffset <= (this.#incremental.state.signalOffset ?? -1)
      )
        continue;
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
          log.info({ signal: id, channel, text: action.message }, 'a signal to log');
          break;
        case 'set-binlog-position':
          this.#wantedPosition = action.position;
          log.warn(
            { signal: id, channel, ...action.position },
            'a signal sets the position of the stream',
          );
          break;
        case 'execute-snapshot':
          log.info(
            { signal: id, channel, mode: action.mode, tables: action.collections },
            'a signal asks for a snapshot',
          );
          if (action.mode === 'blocking') this.#blocking.push(action);
          else await this.#take(signal);
          break;
        case 'stop-snapshot':
        case 'pause-snapshot':
        case 'resume-snapshot':
          await this.#take(signal);
          break;
      }
      if (signal.topicOffset !== null) this.#incremental.noteSignalOffset(signal.topicOffset);
    }
  }

  async #take(signal: Signal): Promise<void> {
    const captured = await this.#chunks.capturedTables();
    this.#incremental.take(
      signal,
      captured.map((table) => `${table.database}.${table.name}`),
    );
  }

  #recordsOf(rows: readonly EmittedRow<ChunkBytes>[], stream: ChangeStream): SourceRecord[] {
    const { task, context } = this.#options;
    const nowMs = context.clock.nowMs();
    const batch: RowBatch = { nowMs, tails: new Map() };
    const { file, position } = stream.place;
    const base = stream.baseOffset;
    let source: EventSource | undefined;
    return rows.map(({ row: { form, row }, state }) => {
      const { shape } = form;
      source ??= new EventSource({
        task,
        snapshot: 'incremental',
        database: shape.database,
        table: shape.table,
        micros: nowMs * 1000,
        serverId: 0,
        gtid: null,
        file,
        position,
        thread: null,
        query: null,
      });
      return new RowRecord({
        form,
        operation: 'r',
        rows: new TextRow(row.buffer, row.start, row.end),
        source,
        row: 0,
        batch,
        place: null,
        headers: task.headers,
        offset: () => ({ ...base, ...incrementalOffset(state) }),
      });
    });
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function channelsOf(options: SignalDeskOptions, after: number | null): SignalChannel[] {
  const { settings, context } = options;
  const { config } = settings;
  const channels: SignalChannel[] = [];
  if (config['signal.enabled.channels'].includes('file'))
    channels.push(new FileSignals(config['signal.file']));
  if (config['signal.enabled.channels'].includes('kafka') && context.topics !== undefined)
    channels.push(
      new TopicSignals({
        topics: context.topics,
        topic: config['signal.kafka.topic'] ?? `${config['topic.prefix']}-signal`,
        bootstrapServers: config['signal.kafka.bootstrap.servers'],
        clientConfig: clientConfig(context.config),
        connectorName: config['topic.prefix'],
        after,
      }),
    );
  return channels;
}

function clientConfig(raw: Readonly<Record<string, string>>): Record<string, string> {
  const prefix = 'signal.consumer.';
  return Object.fromEntries(
    Object.entries(raw)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}
