import { isAborted } from '@millrace/foundation';
import { Session } from '../connection.ts';
import { CopySocket } from '../copy-socket.ts';
import type { ServerIdentity } from '../offset-identity.ts';
import type { StreamPosition } from '../position.ts';
import type { SessionSource } from '../relations.ts';
import type { StreamWatch } from '../stream-watch.ts';
import type { TaskState } from '../task-state.ts';
import { ChangeStream } from './change-stream.ts';
import { SlotXmin } from './slot-xmin.ts';
import { startReplication } from './start-replication.ts';

const CLOSE_TIMEOUT_MS = 2000;
/** Between looks at a connection that does not answer; the server may wait for WAL first. */
const START_TIMEOUT_MS = 10_000;
const FRAME_COPY_BOTH = 0x57;
const FRAME_ERROR = 0x45;

/** What is known of the server. */
export interface ServerTraits {
  readonly version: number;
  readonly walSenderTimeoutMs: number;
  /** Whether transactions are streamed before they commit. */
  readonly streamsTransactions: boolean;
  /** Null where it does not tell. */
  readonly identity: ServerIdentity | null;
}

export interface StreamConnectionOptions {
  readonly state: TaskState;
  readonly sessions: SessionSource;
  readonly position: StreamPosition;
  readonly isAfterCommit: boolean;
  readonly server: ServerTraits;
  readonly watch: StreamWatch;
}

/** A connection that streams, with what lives and ends with it. */
export class StreamConnection {
  readonly changes: ChangeStream;
  readonly #socket: CopySocket;
  readonly #stop = new AbortController();

  private constructor(
    options: StreamConnectionOptions,
    changes: ChangeStream,
    socket: CopySocket,
    xmin: SlotXmin,
  ) {
    this.changes = changes;
    this.#socket = socket;
    void this.#keepAlive(options);
    void xmin.keepFresh(this.#stop.signal);
  }

  static async open(
    options: StreamConnectionOptions,
    signal: AbortSignal,
  ): Promise<StreamConnection> {
    const { state, sessions, position, isAfterCommit, server, watch } = options;
    const { settings, context } = state;
    const xmin = new SlotXmin({ settings, sessions, clock: context.clock, log: context.log });
    await xmin.refresh();
    const session = await Session.open(settings, 'replication', signal);
    const socket = new CopySocket(session.client, {
      clock: context.clock,
      bytesMax: settings.queueBytesMax,
      isPaced: true,
    });
    try {
      socket.sendQuery(startReplication(settings, position, server));
      await awaitCopyBoth(socket, session, signal);
    } catch (error) {
      await socket.close(CLOSE_TIMEOUT_MS);
      throw session.classify(error);
    }
    const { relations, task, progress, topics, counter, spillFolder } = state;
    const { walSenderTimeoutMs } = server;
    const changes = new ChangeStream({
      settings,
      session,
      socket,
      sessions,
      relations,
      topics,
      task,
      progress,
      clock: context.clock,
      counter,
      position,
      isAfterCommit,
      watch,
      silenceMaxMs: walSenderTimeoutMs === 0 ? 60_000 : walSenderTimeoutMs,
      spillFolder,
      server: server.identity,
      xmin: () => xmin.value,
    });
    context.log.info({ slot: settings.config['slot.name'] }, 'streaming');
    return new StreamConnection(options, changes, socket, xmin);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#socket.close(CLOSE_TIMEOUT_MS);
    await this.changes.close();
  }

  /** Tells the server that we live, also while nobody reads: well within its patience. */
  async #keepAlive({ state, server }: StreamConnectionOptions): Promise<void> {
    const wantedMs = state.settings.config['status.update.interval.ms'];
    const patienceMs = server.walSenderTimeoutMs === 0 ? Infinity : server.walSenderTimeoutMs / 3;
    while (!isAborted(this.#stop.signal)) {
      this.changes.sendStatus();
      await state.context.clock
        .sleep(Math.min(wantedMs, patienceMs), this.#stop.signal)
        .catch(() => undefined); // woken by the end of the stream
    }
  }
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
