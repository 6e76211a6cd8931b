import {
  structOf,
  textHeader,
  TRANSACTION_BLOCK,
  type Operation,
  type TopicNaming,
  type TransactionCounter,
} from '@millrace/cdc';
import {
  int64,
  schemas,
  type Header,
  type SourceOffset,
  type SourceRecord,
} from '@millrace/record';
import { isAborted, type Clock } from '@millrace/foundation';
import type { Session } from './connection.ts';
import type { CopySocket } from './copy-socket.ts';
import { readInt64, readUint32 } from './decode/bytes.ts';
import { emptyFields, walkTuple } from './decode/fields.ts';
import {
  decodeBegin,
  decodeCommit,
  decodeLogicalMessage,
  decodeOrigin,
  decodeRelation,
  decodeTruncate,
  MESSAGE,
  POSTGRES_EPOCH_MICROS,
  type LogicalMessage,
} from './decode/pgoutput.ts';
import { protocolBroken } from './errors.ts';
import { decodeRow } from './json-row.ts';
import { streamOffset, type PartialTransaction, type StreamPosition } from './position.ts';
import type { Progress } from './progress.ts';
import type { Relations, SessionSource } from './relations.ts';
import {
  copyable,
  fillUnchanged,
  RowRecord,
  sameValues,
  placeValue,
  sourceValue,
  tombstone,
  unavailableColumns,
  withExtras,
  type BatchContext,
  type RowSource,
  type TaskRecords,
  type TransactionContext,
  type TransactionPlace,
} from './row-record.ts';
import type { Settings } from './settings.ts';
import type { StreamWatch } from './stream-watch.ts';
import { SOURCE_SCHEMA, type TableShape } from './table-shape.ts';

export interface ChangeStreamOptions {
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
  readonly watch: StreamWatch;
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
}

const FRAME_COPY_DATA = 0x64;
const FRAME_ERROR = 0x45;
const FRAME_COPY_DONE = 0x63;
const XLOG_DATA = 0x77;
const KEEPALIVE = 0x6b;
const OLD_KEY = 0x4b;
const OLD_ROW = 0x4f;
const XLOG_HEADER_BYTES = 25;

/**
 * From the walsender's messages to records, in the order of the stream. Pulled by `read`; holds at most one batch.
 * Fails or goes on, never retries: whoever owns it opens another one at `resumePosition`.
 */
export class ChangeStream {
  readonly #options: ChangeStreamOptions;
  readonly #socket: CopySocket;
  #records: SourceRecord[] = [];
  #batch: BatchContext = { nowMs: 0, tails: new Map(), extras: null };
  #transaction: TransactionContext;
  #isInTransaction = false;
  /** End of the last transaction. */
  #commitLsn: number;
  #hasSeenCommit: boolean;
  /** Where a new connection goes on: the last transaction's end, or later if the server said so. */
  #resumeLsn: number;
  #lsn = 0;
  #countAtLsn = 0;
  /** What of the first transaction was delivered before. */
  #delivered: PartialTransaction | null;
  #isSkipping = false;
  #held: SourceRecord[] | null = null;
  #heldChanges = 0;
  #serverLsn = 0;
  #rowCount = 0;
  #isCaughtUp = false;
  /** A change was counted and its record not made yet: if that fails, it was not delivered. */
  #isHalfway = false;
  #isDiscarding = false;
  #failure: unknown;
  #silentMs = 0;
  #hasAsked = false;
  /** Everything that committed before this was read. */
  #reachedLsn = 0;
  /** The watch asked to be heard before anything else is decoded. */
  #isInterrupted = false;

  constructor(options: ChangeStreamOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#commitLsn = options.position.commitLsn;
    this.#hasSeenCommit = options.isAfterCommit;
    this.#resumeLsn = options.position.commitLsn;
    this.#delivered = options.position.partial;
    this.#transaction = this.#contextOf(options.position.partial?.txId ?? null, 0);
  }

  /** Where another stream has to begin to continue this one. */
  get resumePosition(): StreamPosition {
    const { txId } = this.#transaction;
    if (this.#delivered !== null) return { commitLsn: this.#resumeLsn, partial: this.#delivered };
    if (!this.#isInTransaction || txId === null || this.#countAtLsn === 0)
      return { commitLsn: this.#resumeLsn, partial: null };
    return {
      commitLsn: this.#resumeLsn,
      partial: { txId, lsn: this.#lsn, countAtLsn: this.#countAtLsn - (this.#isHalfway ? 1 : 0) },
    };
  }

  get figures(): StreamFigures {
    return {
      rowCount: this.#rowCount,
      serverLsn: this.#serverLsn,
      commitMicros: this.#transaction.commitMicros,
      isCaughtUp: this.#isCaughtUp,
    };
  }

  /** Everything that committed before this was read; the stream may stand within the next transaction. */
  get reachedLsn(): number {
    return this.#reachedLsn;
  }

  /** The position as an offset, for heartbeats; undefined before anything is known. */
  get offset(): SourceOffset {
    return withExtras(this.position, this.#options.watch.extras);
  }

  /** The same without the keys of snapshots. */
  get position(): SourceOffset {
    const { commitMicros, txId } = this.#transaction;
    return this.#isInTransaction && this.#countAtLsn > 0
      ? streamOffset({
          lsn: this.#lsn,
          countAtLsn: this.#countAtLsn,
          commitLsn: this.#commitLsn,
          txId,
          messageType: 'UPDATE',
          commitMicros,
        })
      : streamOffset({
          lsn: this.#resumeLsn,
          countAtLsn: 0,
          commitLsn: this.#resumeLsn,
          txId,
          messageType: 'COMMIT',
          commitMicros,
        });
  }

  /**
   * The next records; none when nothing came in time.
   * @throws MillraceError; the stream is useless then
   */
  async read(limits: ReadLimits, signal: AbortSignal): Promise<readonly SourceRecord[]> {
    if (this.#failure !== undefined) throw this.#errorOf(this.#failure);
    const { clock } = this.#options;
    const deadlineMs = clock.monotonicMs() + limits.waitMs;
    this.#records = [];
    this.#isInterrupted = false;
    this.#batch = this.#newBatch();
    try {
      for (;;) {
        await this.#decodeFrames(limits);
        const leftMs = deadlineMs - clock.monotonicMs();
        if (this.#records.length > 0 || this.#isInterrupted || leftMs <= 0) break;
        await this.#listen(leftMs, signal);
        this.#batch = this.#newBatch();
      }
    } catch (error) {
      if (isAborted(signal) && error === signal.reason) throw error;
      // What was decoded before the failure is delivered; the failure comes with the next read.
      this.#failure = error;
      if (this.#records.length === 0) throw this.#errorOf(error);
    }
    // A wait in vain between transactions: there is nothing that we lag behind.
    if (this.#records.length === 0 && !this.#isInTransaction) this.#isCaughtUp = true;
    this.#notePending();
    const records = this.#records;
    this.#records = [];
    return this.#options.settings.hasTransforms ? records.map(copyable) : records;
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
    this.#silentMs += clock.monotonicMs() - startedMs;
    if (this.#silentMs > silenceMaxMs)
      throw Object.assign(new Error('the server is silent'), { code: 'ETIMEDOUT' });
    if (this.#silentMs < silenceMaxMs / 2 || this.#hasAsked) return;
    this.#hasAsked = true;
    this.sendStatus(true);
  }

  /** Tells the server what it may forget; also what keeps the connection alive. */
  sendStatus(asksForReply = false): void {
    const { progress, settings } = this.#options;
    const flushed = settings.config['lsn.flush.mode'] === 'manual' ? 0 : progress.confirmedLsn;
    this.#socket.write(
      statusUpdate(
        Math.max(this.#serverLsn, flushed),
        flushed,
        this.#options.clock.nowMs(),
        asksForReply,
      ),
    );
  }

  #errorOf(error: unknown): unknown {
    if (
      error instanceof RangeError ||
      (error instanceof Error && error.name === 'MalformedMessage')
    )
      return protocolBroken(error);
    return this.#options.session.classify(error);
  }

  async #decodeFrames(limits: ReadLimits): Promise<void> {
    const { frames } = this.#socket;
    let bytes = 0;
    while (
      this.#records.length < limits.recordsMax &&
      bytes < limits.bytesMax &&
      !this.#isInterrupted &&
      frames.next()
    ) {
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
  }

  #keepalive(buffer: Buffer, start: number): void {
    const serverLsn = readInt64(buffer, start + 1);
    this.#serverLsn = Math.max(this.#serverLsn, serverLsn);
    if (!this.#isInTransaction && this.#delivered === null) {
      // Everything that committed before this position has been sent.
      this.#resumeLsn = Math.max(this.#resumeLsn, serverLsn);
      this.#notePending();
      this.#options.progress.passed(serverLsn);
      this.#isCaughtUp = true;
      this.#reached(serverLsn);
    }
    if (buffer[start + 17] === 1) this.sendStatus();
  }

  #newBatch(): BatchContext {
    const { clock, watch } = this.#options;
    return { nowMs: clock.nowMs(), tails: new Map(), extras: watch.extras };
  }

  #reached(lsn: number): void {
    this.#reachedLsn = Math.max(this.#reachedLsn, lsn);
    if (this.#reachedLsn >= this.#options.watch.stopAtLsn) this.#isInterrupted = true;
  }

  /** A promise only for the rare messages that need the catalogue. */
  #message(buffer: Buffer, start: number, end: number): Promise<void> | undefined {
    const lsn = readInt64(buffer, start + 1);
    this.#serverLsn = Math.max(this.#serverLsn, readInt64(buffer, start + 9), lsn);
    const at = start + XLOG_HEADER_BYTES;
    switch (buffer[at]) {
      case MESSAGE.insert:
      case MESSAGE.update:
      case MESSAGE.delete:
        this.#change(buffer, at, end, lsn);
        return undefined;
      case MESSAGE.begin:
        this.#begin(buffer, at, end, lsn);
        return undefined;
      case MESSAGE.commit:
        this.#commit(buffer, at, end);
        return undefined;
      case MESSAGE.relation:
        return this.#options.relations.update(
          decodeRelation(buffer, at, end),
          this.#options.sessions,
        );
      case MESSAGE.truncate:
        this.#truncate(buffer, at, end, lsn);
        return undefined;
      case MESSAGE.logical:
        this.#logicalMessage(decodeLogicalMessage(buffer, at, end));
        return undefined;
      case MESSAGE.origin: {
        const origin = decodeOrigin(buffer, at, end);
        this.#transaction = { ...this.#transaction, origin: origin.name, originLsn: origin.lsn };
        return undefined;
      }
      default:
        return undefined; // types, and what later servers may add
    }
  }

  #contextOf(txId: number | null, commitMicros: number): TransactionContext {
    return {
      task: this.#options.task,
      txId,
      commitMicros,
      lastCommitLsn: this.#commitLsn,
      sequenceLsn: this.#hasSeenCommit ? this.#commitLsn : null,
      origin: null,
      originLsn: null,
      snapshot: 'false',
      sources: new Map(),
    };
  }

  #begin(buffer: Buffer, at: number, end: number, lsn: number): void {
    const begin = decodeBegin(buffer, at, end);
    this.#transaction = this.#contextOf(begin.xid, begin.commitMicros);
    this.#isInTransaction = true;
    this.#isCaughtUp = false;
    this.#reached(begin.finalLsn);
    this.#lsn = lsn;
    this.#countAtLsn = 0;
    // The first transaction after a restart may have been delivered in part; another one was not.
    this.#isSkipping = this.#delivered?.txId === begin.xid;
    if (!this.#isSkipping) this.#delivered = null;
    const { counter } = this.#options;
    if (counter === null) return;
    counter.begin();
    if (!this.#isSkipping)
      this.#records.push(
        counter.beginRecord({
          topic: this.#options.topics.transaction(),
          id: `${begin.xid}:${lsn}`,
          timestampMs: Math.floor(begin.commitMicros / 1000),
          sourcePartition: this.#options.task.sourcePartition,
          sourceOffset: this.#offsetAt(lsn, 0, 'BEGIN'),
        }),
      );
  }

  #commit(buffer: Buffer, at: number, end: number): void {
    const commit = decodeCommit(buffer, at, end);
    this.#endSkipping();
    this.#delivered = null;
    this.#isInTransaction = false;
    this.#commitLsn = commit.endLsn;
    this.#hasSeenCommit = true;
    this.#resumeLsn = Math.max(this.#resumeLsn, commit.endLsn);
    const { counter, topics, task, progress } = this.#options;
    if (counter !== null)
      this.#records.push(
        counter.endRecord({
          topic: topics.transaction(),
          id: `${this.#transaction.txId}:${commit.endLsn}`,
          timestampMs: Math.floor(commit.commitMicros / 1000),
          sourcePartition: task.sourcePartition,
          sourceOffset: withExtras(
            streamOffset({
              lsn: commit.endLsn,
              countAtLsn: 0,
              commitLsn: commit.endLsn,
              txId: this.#transaction.txId,
              messageType: 'COMMIT',
              commitMicros: commit.commitMicros,
            }),
            this.#batch.extras,
          ),
        }),
      );
    this.#notePending();
    progress.passed(commit.endLsn);
    this.#reached(commit.endLsn);
  }

  /** Records of this batch hold the slot back already before they are handed out (INV-1). */
  #notePending(): void {
    const last = this.#records.at(-1);
    if (last !== undefined) this.#options.progress.emitted(last);
  }

  /** True when the change was delivered before. */
  #isDelivered(lsn: number): boolean {
    if (lsn === this.#lsn && this.#countAtLsn > 0) this.#countAtLsn++;
    else {
      this.#lsn = lsn;
      this.#countAtLsn = 1;
    }
    const delivered = this.#delivered;
    if (!this.#isSkipping || delivered === null) return false;
    if (lsn < delivered.lsn) return true;
    if (lsn === delivered.lsn) {
      if (delivered.countAtLsn !== null) return this.#countAtLsn <= delivered.countAtLsn;
      // An offset that does not say how many: they are held until it is seen whether there are several.
      this.#held ??= [];
      this.#heldChanges++;
      return false;
    }
    this.#endSkipping();
    return false;
  }

  #endSkipping(): void {
    this.#isSkipping = false;
    this.#delivered = null;
    const held = this.#held;
    this.#held = null;
    // One change at that LSN: it is the one that was delivered. Of several, none may be lost, so all come again.
    if (held !== null && this.#heldChanges > 1) this.#records.push(...held);
    this.#heldChanges = 0;
  }

  /** Counts a change at its LSN; true when nothing is to be made of it. */
  #passes(lsn: number): boolean {
    this.#isDiscarding = this.#isDelivered(lsn);
    // With transaction metadata it is made all the same, to be counted: the orders go on where they were.
    return this.#isDiscarding && this.#options.counter === null;
  }

  #emit(record: SourceRecord): void {
    if (!this.#isDiscarding) (this.#held ?? this.#records).push(record);
  }

  #change(buffer: Buffer, at: number, end: number, lsn: number): void {
    if (this.#passes(lsn)) {
      this.#watchChange(buffer, at, end);
      return;
    }
    this.#isHalfway = true;
    this.#changeOf(buffer, at, end);
    this.#isHalfway = false;
  }

  #changeOf(buffer: Buffer, at: number, end: number): void {
    const shape = this.#options.relations.find(readUint32(buffer, at + 1));
    if (shape === undefined) throw new RangeError('a change of a table that was not described');
    if (shape === null) return;
    this.#rowCount++;
    if (this.#options.watch.concerns(shape)) this.#watchChange(buffer, at, end);
    switch (buffer[at]) {
      case MESSAGE.insert:
        if (!this.#skips('c'))
          this.#emitRow(shape, 'c', this.#rowsOf(buffer, end, 'INSERT', -1, at + 6));
        return;
      case MESSAGE.delete:
        if (!this.#skips('d')) this.#delete(shape, this.#rowsOf(buffer, end, 'DELETE', at + 6, -1));
        return;
      default:
        if (!this.#skips('u')) this.#update(shape, buffer, at, end);
    }
  }

  #watchChange(buffer: Buffer, at: number, end: number): void {
    const { relations, watch } = this.#options;
    const shape = relations.find(readUint32(buffer, at + 1)) ?? null;
    if (shape === null || !watch.concerns(shape)) return;
    const { txId } = this.#transaction;
    const see = (kind: 'insert' | 'update' | 'delete', oldAt: number, newAt: number): void => {
      if (watch.change({ shape, kind, txId, rows: { buffer, end, oldAt, newAt } }))
        this.#isInterrupted = true;
    };
    switch (buffer[at]) {
      case MESSAGE.insert:
        see('insert', -1, at + 6);
        return;
      case MESSAGE.delete:
        see('delete', at + 6, -1);
        return;
      default: {
        const hasOld = buffer[at + 5] === OLD_KEY || buffer[at + 5] === OLD_ROW;
        const oldAt = hasOld ? at + 6 : -1;
        see('update', oldAt, (hasOld ? walkTuple(buffer, oldAt, end, OLD) : at + 5) + 1);
      }
    }
  }

  #skips(operation: Operation): boolean {
    return this.#options.settings.skipped.has(operation);
  }

  #rowsOf(
    buffer: Buffer,
    end: number,
    messageType: string,
    oldAt: number,
    newAt: number,
  ): RowSource {
    return {
      buffer,
      end,
      oldAt,
      newAt,
      fillAt: -1,
      isCopy: false,
      lsn: this.#lsn,
      countAtLsn: this.#countAtLsn,
      messageType,
      isLastOfSnapshot: false,
    };
  }

  #placeOf(shape: TableShape): TransactionPlace | null {
    return this.#placeIn(`${shape.schema}.${shape.table}`);
  }

  #placeIn(collection: string): TransactionPlace | null {
    const { counter } = this.#options;
    if (counter === null) return null;
    return { id: `${this.#transaction.txId}:${this.#lsn}`, ...counter.count(collection) };
  }

  #emitRow(
    shape: TableShape,
    operation: Operation,
    rows: RowSource,
    headers: readonly Header[] = this.#options.task.headers,
  ): void {
    this.#emit(
      new RowRecord(
        shape,
        operation,
        rows,
        this.#transaction,
        this.#batch,
        this.#placeOf(shape),
        headers,
      ),
    );
  }

  #delete(shape: TableShape, rows: RowSource, headers = this.#options.task.headers): void {
    const record = (source: RowSource): RowRecord =>
      new RowRecord(
        shape,
        'd',
        source,
        this.#transaction,
        this.#batch,
        this.#placeOf(shape),
        headers,
      );
    if (!this.#options.settings.config['tombstones.on.delete']) {
      this.#emit(record(rows));
      return;
    }
    // Until the tombstone is delivered the change is not: a crash in between brings both again.
    const deletion = record({ ...rows, countAtLsn: rows.countAtLsn - 1 });
    this.#emit(deletion);
    this.#emit(
      tombstone(
        deletion,
        this.#offsetAt(rows.lsn, rows.countAtLsn, rows.messageType),
        this.#options.task.headers,
      ),
    );
  }

  #update(shape: TableShape, buffer: Buffer, at: number, end: number): void {
    const kind = buffer[at + 5];
    const hasOld = kind === OLD_KEY || kind === OLD_ROW;
    const oldAt = hasOld ? at + 6 : -1;
    const newAt = (hasOld ? walkTuple(buffer, oldAt, end, OLD) : at + 5) + 1;
    walkTuple(buffer, newAt, end, NEW);
    const fillAt = kind === OLD_ROW ? oldAt : -1;
    if (kind === OLD_ROW) fillUnchanged(NEW, OLD);
    const { settings, task } = this.#options;
    if (
      kind === OLD_ROW &&
      settings.config['skip.messages.without.change'] &&
      sameValues(shape.columns, OLD, NEW)
    )
      return;
    const headers = withUnavailable(task.headers, unavailableColumns(shape, NEW));
    const rows: RowSource = { ...this.#rowsOf(buffer, end, 'UPDATE', oldAt, newAt), fillAt };
    const isKeyKnown = kind === OLD_ROW || (kind === OLD_KEY && shape.isKeyInIdentity);
    if (shape.keySchema === null || !isKeyKnown || sameValues(shape.keyColumns, OLD, NEW)) {
      this.#emitRow(shape, 'u', rows, headers);
      return;
    }
    this.#changeKey(shape, shape.keySchema, rows, headers);
  }

  /** A changed key is a delete with the old one, its tombstone, and a create with the new one. */
  #changeKey(
    shape: TableShape,
    keySchema: NonNullable<TableShape['keySchema']>,
    rows: RowSource,
    headers: readonly Header[],
  ): void {
    const oldKey = decodeRow(shape.keyColumns, OLD);
    const newKey = decodeRow(shape.keyColumns, NEW);
    const before = { ...rows, countAtLsn: rows.countAtLsn - 1 };
    const deletionHeaders = [
      { key: '__debezium.newkey', schema: keySchema, value: newKey },
      ...this.#options.task.headers,
    ];
    const deletion = new RowRecord(
      shape,
      'd',
      { ...before, newAt: -1 },
      this.#transaction,
      this.#batch,
      this.#placeOf(shape),
      deletionHeaders,
    );
    this.#emit(deletion);
    if (this.#options.settings.config['tombstones.on.delete'])
      this.#emit(tombstone(deletion, deletion.sourceOffset, deletionHeaders));
    this.#emitRow(shape, 'c', { ...rows, oldAt: -1 }, [
      { key: '__debezium.oldkey', schema: keySchema, value: oldKey },
      ...headers,
    ]);
  }

  #offsetAt(lsn: number, countAtLsn: number, messageType: string): SourceOffset {
    const { txId, commitMicros } = this.#transaction;
    return withExtras(
      streamOffset({
        lsn,
        countAtLsn,
        commitLsn: this.#commitLsn,
        txId,
        messageType,
        commitMicros,
      }),
      this.#batch.extras,
    );
  }

  #truncate(buffer: Buffer, at: number, end: number, lsn: number): void {
    const { relations, watch } = this.#options;
    for (const oid of decodeTruncate(buffer, at, end).relationOids) {
      const shape = relations.find(oid) ?? null;
      if (shape !== null && watch.concerns(shape)) watch.truncate(shape);
    }
    if (this.#passes(lsn) || this.#skips('t')) return;
    const shapes = decodeTruncate(buffer, at, end).relationOids.flatMap(
      (oid) => this.#options.relations.find(oid) ?? [],
    );
    shapes.forEach((shape, index) => {
      const isLast = index === shapes.length - 1;
      this.#emit(this.#truncateRecord(shape, isLast ? this.#countAtLsn : this.#countAtLsn - 1));
    });
  }

  #truncateRecord(shape: TableShape, countAtLsn: number): SourceRecord {
    const { nowMs } = this.#batch;
    const place = this.#placeOf(shape);
    return {
      topic: shape.topic,
      partition: null,
      keySchema: null,
      key: null,
      valueSchema: shape.valueSchema,
      value: {
        before: null,
        after: null,
        source: sourceValue(shape, this.#transaction, this.#lsn),
        transaction: placeValue(place),
        op: 't',
        ...times(nowMs),
      },
      timestampMs: null,
      headers: this.#options.task.headers,
      sourcePartition: this.#options.task.sourcePartition,
      sourceOffset: this.#offsetAt(this.#lsn, countAtLsn, 'TRUNCATE'),
    };
  }

  #logicalMessage(message: LogicalMessage): void {
    if (message.isTransactional) {
      if (this.#passes(message.lsn)) return;
    } else {
      // It belongs to no transaction: once delivered, the stream goes on behind it.
      this.#isDiscarding = false;
      this.#commitLsn = Math.max(this.#commitLsn, message.lsn);
      this.#hasSeenCommit = true;
      this.#resumeLsn = Math.max(this.#resumeLsn, message.lsn + 1);
    }
    const { settings, task, topics } = this.#options;
    if (this.#skips('m') || !settings.capturesMessagePrefix(message.prefix)) return;
    const { nowMs } = this.#batch;
    const transaction = message.isTransactional
      ? this.#transaction
      : this.#contextOf(null, nowMs * 1000);
    const place = message.isTransactional ? this.#placeIn(MESSAGE_COLLECTION) : null;
    this.#emit({
      topic: topics.messages(),
      partition: null,
      keySchema: MESSAGE_KEY,
      key: { prefix: message.prefix },
      valueSchema: MESSAGE_VALUES[settings.values.binaryMode === 'bytes' ? 'bytes' : 'text'],
      value: {
        op: 'm',
        ts_ms: nowMs,
        source: sourceValue({ schema: '', table: '' }, transaction, message.lsn),
        transaction: placeValue(place),
        message: {
          prefix: message.prefix,
          content: contentOf(message, settings.values.binaryMode),
        },
      },
      timestampMs: null,
      headers: [],
      sourcePartition: task.sourcePartition,
      sourceOffset: message.isTransactional
        ? this.#offsetAt(message.lsn, this.#countAtLsn, 'MESSAGE')
        : withExtras(
            streamOffset({
              lsn: message.lsn,
              countAtLsn: 0,
              commitLsn: message.lsn + 1,
              txId: null,
              messageType: 'MESSAGE',
              commitMicros: nowMs * 1000,
            }),
            this.#batch.extras,
          ),
    });
  }
}

const OLD = emptyFields();
const NEW = emptyFields();

/** Under this name logical messages are counted in the metadata of their transaction. */
const MESSAGE_COLLECTION = 'LOGICAL_DECODING_MESSAGE';

const MESSAGE_KEY = schemas.struct(
  { prefix: schemas.string({ optional: true }) },
  { name: 'io.debezium.connector.postgresql.MessageKey', version: 1 },
);

const MESSAGE_VALUES = { bytes: messageValue('bytes'), text: messageValue('string') };

function messageValue(content: 'bytes' | 'string'): ReturnType<typeof structOf> {
  return structOf(
    [
      { name: 'op', schema: schemas.string() },
      { name: 'ts_ms', schema: schemas.int64({ optional: true }) },
      { name: 'source', schema: SOURCE_SCHEMA },
      { name: 'transaction', schema: TRANSACTION_BLOCK },
      {
        name: 'message',
        schema: schemas.struct(
          {
            prefix: schemas.string({ optional: true }),
            content: schemas[content]({ optional: true }),
          },
          { name: 'io.debezium.connector.postgresql.Message', version: 1 },
        ),
      },
    ],
    { name: 'io.debezium.connector.postgresql.MessageValue', version: 1 },
  );
}

function contentOf(message: LogicalMessage, binaryMode: string): unknown {
  if (binaryMode === 'bytes') return Buffer.from(message.content);
  if (binaryMode === 'hex') return message.content.toString('hex');
  const base64 = message.content.toString('base64');
  return binaryMode === 'base64' ? base64 : base64.replaceAll('+', '-').replaceAll('/', '_');
}

function times(nowMs: number): { ts_ms: number; ts_us: number; ts_ns: number | bigint } {
  return { ts_ms: nowMs, ts_us: nowMs * 1000, ts_ns: int64(BigInt(nowMs) * 1_000_000n) };
}

/** Which columns hold the placeholder in place of a TOAST value: sinks should leave them as they are. */
const UNAVAILABLE_HEADER = '__millrace.unavailable.columns';

function withUnavailable(
  headers: readonly Header[],
  columns: readonly string[],
): readonly Header[] {
  return columns.length === 0
    ? headers
    : [...headers, textHeader(UNAVAILABLE_HEADER, columns.join(','))];
}

/** Standby status update: received, flushed and applied positions, and the time in PostgreSQL's epoch. */
function statusUpdate(
  received: number,
  flushed: number,
  nowMs: number,
  asksForReply: boolean,
): Buffer {
  const message = Buffer.alloc(39);
  message.writeUInt8(FRAME_COPY_DATA, 0);
  message.writeInt32BE(38, 1);
  message.writeUInt8(0x72, 5); // r
  message.writeBigUInt64BE(BigInt(received), 6);
  message.writeBigUInt64BE(BigInt(flushed), 14);
  message.writeBigUInt64BE(BigInt(flushed), 22);
  message.writeBigInt64BE(BigInt(nowMs) * 1000n - BigInt(POSTGRES_EPOCH_MICROS), 30);
  message.writeUInt8(asksForReply ? 1 : 0, 38);
  return message;
}
