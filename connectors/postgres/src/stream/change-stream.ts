import { copyable, type TopicNaming, type TransactionCounter } from '@millrace/cdc';
import { isAborted, type Clock } from '@millrace/foundation';
import type { SourceOffset, SourceRecord } from '@millrace/record';
import type { Session } from '../connection.ts';
import type { CopySocket } from '../copy-socket.ts';
import { readInt64 } from '../decode/bytes.ts';
import { decodeBegin, decodeCommit, MESSAGE } from '../decode/pgoutput.ts';
import {
  decodeStreamAbort,
  decodeStreamCommit,
  decodeStreamStart,
  STREAM_FRAME,
  type StreamCommit,
} from '../decode/stream-frames.ts';
import { protocolBroken } from '../errors.ts';
import { streamOffset, type StreamPosition } from '../position.ts';
import type { Progress } from '../progress.ts';
import type { Relations, SessionSource } from '../relations.ts';
import { identityOffset, type ServerIdentity } from '../offset-identity.ts';
import { withExtras, type TaskRecords } from '../row-record.ts';
import type { Settings } from '../settings.ts';
import { InProgressTransactions } from '../spill/in-progress.ts';
import { Replay } from '../spill/replay.ts';
import type { SpillFolder } from '../spill/spill-folder.ts';
import type { StreamWatch } from '../stream-watch.ts';
import { statusUpdate } from './status-update.ts';
import { StreamPlace } from './stream-place.ts';
import { TransactionRecords } from './transaction-records.ts';

export interface ChangeStreamOptions {
  /** `source.xmin` of the transactions that begin now. */
  readonly xmin: () => number | null;
  readonly settings: Settings;
  readonly session: Session;
  readonly socket: CopySocket;
  readonly sessions: SessionSource;
  readonly relations: Relations;
  readonly topics: TopicNaming;
  readonly task: TaskRecords;
  readonly progress: Progress;
  readonly clock: Clock;
  /** Present with `provide.transaction.metadata`. */
  readonly counter: TransactionCounter | null;
  readonly position: StreamPosition;
  /** False when the position is that of a snapshot or a new slot. */
  readonly isAfterCommit: boolean;
  /** A server that is silent for so long, while we listen and ask, is gone. */
  readonly silenceMaxMs: number;
  /** Where transactions in progress are kept. */
  readonly spillFolder: SpillFolder;
  readonly watch: StreamWatch;
  readonly server: ServerIdentity | null;
}

export interface ReadLimits {
  readonly recordsMax: number;
  readonly bytesMax: number;
  readonly waitMs: number;
}

export interface StreamFigures {
  readonly rowCount: number;
  readonly serverLsn: number;
  readonly commitMicros: number;
  readonly isCaughtUp: boolean;
  readonly inProgressCount: number;
  readonly spilledBytes: number;
}

const FRAME_COPY_DATA = 0x64;
const FRAME_ERROR = 0x45;
const FRAME_COPY_DONE = 0x63;
const XLOG_DATA = 0x77;
const KEEPALIVE = 0x6b;
const XLOG_HEADER_BYTES = 25;

/** A transaction that committed after it was streamed, on its way to records. */
interface Replaying {
  readonly replay: Replay;
  readonly commit: StreamCommit;
}

/**
 * From the walsender's messages to records, in the order of the stream. Pulled by `read`; holds at most one batch, and
 * transactions in progress on the disk. Fails or goes on, never retries: whoever owns it opens another one at
 * `resumePosition`.
 */
export class ChangeStream {
  readonly #options: ChangeStreamOptions;
  readonly #socket: CopySocket;
  readonly #place: StreamPlace;
  readonly #records: TransactionRecords;
  readonly #inProgress: InProgressTransactions;
  #replaying: Replaying | undefined;
  #serverLsn = 0;
  #isCaughtUp = false;
  #failure: unknown;
  #silentMs = 0;
  #hasAsked = false;
  #reachedLsn = 0;
  #isAskedForPosition = false;

  constructor(options: ChangeStreamOptions) {
    const { settings } = options;
    this.#options = options;
    this.#socket = options.socket;
    this.#place = new StreamPlace(options.position, options.isAfterCommit);
    this.#records = new TransactionRecords({ ...options, place: this.#place });
    this.#inProgress = new InProgressTransactions({
      folder: options.spillFolder,
      bytesMax: settings.config['millrace.transaction.spill.bytes.max'],
      capturesTable: settings.capturesTable,
    });
  }

  /** Where another stream has to begin to continue this one. */
  get resumePosition(): StreamPosition {
    return this.#place.resumePosition;
  }

  get server(): ServerIdentity | null {
    return this.#options.server;
  }

  get figures(): StreamFigures {
    return {
      rowCount: this.#records.rowCount,
      serverLsn: this.#serverLsn,
      commitMicros: this.#records.transaction.commitMicros,
      isCaughtUp: this.#isCaughtUp,
      inProgressCount: this.#inProgress.count,
      spilledBytes: this.#inProgress.bytesOnDisk,
    };
  }

  /** Everything that committed before this was read; the stream may stand within the next transaction. */
  get reachedLsn(): number {
    return this.#reachedLsn;
  }

  /** The server's last word was a question: it shuts down, or has not heard of us for long. */
  get isAskedForPosition(): boolean {
    return this.#isAskedForPosition;
  }

  /** The position as an offset, for heartbeats. */
  get offset(): SourceOffset {
    return withExtras(this.position, this.#options.watch.extras);
  }

  /** The same without the keys of snapshots. */
  get position(): SourceOffset {
    const { commitMicros, txId } = this.#records.transaction;
    const { countAtLsn, isPartial, lsn, resumeLsn } = this.#place;
    const offset = isPartial
      ? streamOffset({
          lsn,
          countAtLsn,
          commitLsn: resumeLsn,
          txId,
          messageType: 'UPDATE',
          commitMicros,
        })
      : streamOffset({
          lsn: resumeLsn,
          countAtLsn: 0,
          commitLsn: resumeLsn,
          txId,
          messageType: 'COMMIT',
          commitMicros,
        });
    return withExtras(offset, identityOffset(this.#options.server));
  }

  /**
   * The next records; none when nothing came in time.
   * @throws MillraceError; the stream is useless then
   */
  async read(limits: ReadLimits, signal: AbortSignal): Promise<readonly SourceRecord[]> {
    if (this.#failure !== undefined) throw this.#errorOf(this.#failure);
    const { clock, settings } = this.#options;
    const deadlineMs = clock.monotonicMs() + limits.waitMs;
    this.#records.continue();
    try {
      for (;;) {
        this.#records.startBatch(clock.nowMs());
        const isDrained = await this.#decodeFrames(limits);
        const leftMs = deadlineMs - clock.monotonicMs();
        if (this.#records.count > 0 || this.#records.isInterrupted || leftMs <= 0) break;
        // What nobody captures can be much: others have their turn too.
        await (isDrained ? this.#listen(leftMs, signal) : clock.sleep(0, signal));
      }
    } catch (error) {
      if (isAborted(signal) && error === signal.reason) throw error;
      // What was decoded before the failure is delivered; the failure comes with the next read.
      this.#failure = error;
      if (this.#records.count === 0) throw this.#errorOf(error);
    }
    this.#notePending();
    const records = this.#records.take();
    return settings.hasTransforms ? records.map(copyable) : records;
  }

  /** Gives up what is kept of transactions in progress: the next connection brings them again. */
  async close(): Promise<void> {
    await this.#replaying?.replay.close();
    await this.#inProgress.close();
  }

  /**
   * Waits for bytes. An idle server says nothing, so after half of the time allowed it is asked to: a network that was
   * cut without a word is noticed. Only time spent listening counts, not that under back-pressure.
   */
  async #listen(waitMs: number, signal: AbortSignal): Promise<void> {
    const { clock, silenceMaxMs } = this.#options;
    const startedMs = clock.monotonicMs();
    const before = this.#socket.frames.bytes;
    await this.#socket.waitForBytes(waitMs, signal);
    if (this.#socket.frames.bytes !== before) {
      this.#silentMs = 0;
      this.#hasAsked = false;
      return;
    }
    // A wait in vain between transactions: there is nothing that we lag behind.
    if (!this.#place.isInTransaction) this.#isCaughtUp = true;
    this.#silentMs += clock.monotonicMs() - startedMs;
    if (this.#silentMs > silenceMaxMs)
      throw Object.assign(new Error('the server is silent'), { code: 'ETIMEDOUT' });
    if (this.#silentMs < silenceMaxMs / 2 || this.#hasAsked) return;
    this.#hasAsked = true;
    this.sendStatus(true);
  }

  /** Tells the server what it may forget; also what keeps the connection alive. */
  sendStatus(asksForReply = false): void {
    const { progress, settings, clock } = this.#options;
    const flushed = settings.flushMode === 'manual' ? 0 : progress.confirmedLsn;
    const received = Math.max(this.#serverLsn, flushed);
    this.#socket.write(statusUpdate(received, flushed, clock.nowMs(), asksForReply));
  }

  #errorOf(error: unknown): unknown {
    if (
      error instanceof RangeError ||
      (error instanceof Error && error.name === 'MalformedMessage')
    )
      return protocolBroken(error);
    return this.#options.session.classify(error);
  }

  /** False when it stopped at a limit, not for want of bytes. */
  async #decodeFrames(limits: ReadLimits): Promise<boolean> {
    const { frames } = this.#socket;
    let bytes = 0;
    while (this.#mayGoOn(limits, bytes)) {
      if (this.#replaying !== undefined) {
        bytes += await this.#replayMore(this.#replaying, limits);
        continue;
      }
      if (!frames.next()) {
        this.#socket.makeRoom();
        return true;
      }
      bytes += frames.end - frames.start;
      if (frames.type === FRAME_COPY_DATA) {
        const tag = frames.buffer[frames.start];
        if (tag === XLOG_DATA) {
          const pending = this.#message(frames.buffer, frames.start, frames.end);
          if (pending !== undefined) await pending;
        } else if (tag === KEEPALIVE) this.#keepalive(frames.buffer, frames.start);
      } else if (frames.type === FRAME_ERROR)
        throw this.#options.session.classify(this.#socket.serverError());
      else if (frames.type === FRAME_COPY_DONE)
        throw Object.assign(new Error('the server ended the stream'), { code: 'ECONNRESET' });
    }
    this.#socket.makeRoom();
    return false;
  }

  #mayGoOn(limits: ReadLimits, bytes: number): boolean {
    return (
      this.#records.count < limits.recordsMax &&
      bytes < limits.bytesMax &&
      !this.#records.isInterrupted
    );
  }

  #reached(lsn: number): void {
    this.#reachedLsn = Math.max(this.#reachedLsn, lsn);
    if (this.#reachedLsn >= this.#options.watch.stopAtLsn) this.#records.interrupt();
  }

  #keepalive(buffer: Buffer, start: number): void {
    const serverLsn = readInt64(buffer, start + 1);
    this.#serverLsn = Math.max(this.#serverLsn, serverLsn);
    if (!this.#inProgress.isInBlock && this.#place.passServer(serverLsn)) {
      this.#notePending();
      this.#options.progress.passed(serverLsn);
      this.#isCaughtUp = true;
      this.#reached(serverLsn);
    }
    this.#isAskedForPosition = buffer[start + 17] === 1;
    if (this.#isAskedForPosition) this.sendStatus();
  }

  /** A promise only for the rarer messages that need the catalogue or the disk. */
  #message(buffer: Buffer, start: number, end: number): Promise<void> | undefined {
    const lsn = readInt64(buffer, start + 1);
    this.#serverLsn = Math.max(this.#serverLsn, readInt64(buffer, start + 9), lsn);
    const at = start + XLOG_HEADER_BYTES;
    if (this.#inProgress.isInBlock)
      return buffer[at] === STREAM_FRAME.stop
        ? this.#inProgress.stopBlock()
        : this.#inProgress.add(buffer, at, end, start + 1);
    switch (buffer[at]) {
      case MESSAGE.begin: {
        const { xid, commitMicros, finalLsn } = decodeBegin(buffer, at, end);
        this.#isCaughtUp = false;
        this.#reached(finalLsn);
        this.#records.begin(xid, commitMicros, lsn);
        return undefined;
      }
      case MESSAGE.commit: {
        const { endLsn, commitMicros } = decodeCommit(buffer, at, end);
        this.#commit(endLsn, commitMicros);
        return undefined;
      }
      case STREAM_FRAME.start:
        this.#inProgress.startBlock(decodeStreamStart(buffer, at, end).xid, lsn);
        return undefined;
      case STREAM_FRAME.commit:
        return this.#streamCommit(decodeStreamCommit(buffer, at, end));
      case STREAM_FRAME.abort: {
        const { xid, subxid } = decodeStreamAbort(buffer, at, end);
        return this.#inProgress.abort(xid, subxid);
      }
      default:
        return this.#records.apply(buffer, at, end, lsn);
    }
  }

  #commit(endLsn: number, commitMicros: number): void {
    this.#records.commit(endLsn, commitMicros);
    this.#passed(endLsn);
  }

  #passed(endLsn: number): void {
    this.#notePending();
    this.#options.progress.passed(endLsn);
    this.#reached(endLsn);
  }

  async #streamCommit(commit: StreamCommit): Promise<void> {
    const transaction = this.#inProgress.take(commit.xid);
    this.#isCaughtUp = false;
    this.#reached(commit.lsn);
    if (transaction === undefined || transaction.bytes === 0) {
      // Nothing of it was for us, or all of it was undone: the server says as much of those that it does not stream.
      await transaction?.close();
      this.#place.commit(commit.endLsn);
      this.#passed(commit.endLsn);
      return;
    }
    this.#replaying = { replay: new Replay(transaction), commit };
    this.#records.begin(commit.xid, commit.commitMicros, transaction.firstLsn);
  }

  /** Bytes of the messages that became records. */
  async #replayMore({ replay, commit }: Replaying, limits: ReadLimits): Promise<number> {
    let bytes = 0;
    while (this.#mayGoOn(limits, bytes)) {
      if (replay.next()) {
        bytes += replay.end - replay.start;
        const pending = this.#records.apply(replay.buffer, replay.start, replay.end, replay.lsn);
        if (pending !== undefined) await pending;
      } else if (!(await replay.read())) {
        this.#replaying = undefined;
        await replay.close();
        this.#commit(commit.endLsn, commit.commitMicros);
        return bytes;
      }
    }
    return bytes;
  }

  /** Records of this batch hold the slot back already before they are handed out (INV-1). */
  #notePending(): void {
    const { last } = this.#records;
    if (last !== undefined) this.#options.progress.emitted(last);
  }
}
