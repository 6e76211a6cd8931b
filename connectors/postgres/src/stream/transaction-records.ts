import type { TopicNaming, TransactionCounter, TransactionPlace } from '@millrace/cdc';
import type { SourceOffset, SourceRecord } from '@millrace/record';
import { readUint32 } from '../decode/bytes.ts';
import {
  decodeLogicalMessage,
  decodeOrigin,
  decodeRelation,
  decodeTruncate,
  MESSAGE,
  type LogicalMessage,
} from '../decode/pgoutput.ts';
import { streamOffset } from '../position.ts';
import type { Relations, SessionSource } from '../relations.ts';
import {
  withExtras,
  type BatchContext,
  type TaskRecords,
  type TransactionContext,
} from '../row-record.ts';
import { identityOffset, type ServerIdentity } from '../offset-identity.ts';
import type { Settings } from '../settings.ts';
import type { StreamWatch } from '../stream-watch.ts';
import type { TableShape } from '../table-shape.ts';
import { MESSAGE_COLLECTION, messageRecord } from './message-record.ts';
import type { RecordOutput } from './record-output.ts';
import { RowChanges } from './row-changes.ts';
import type { StreamPlace } from './stream-place.ts';
import { truncateRecord } from './truncate-record.ts';
import { watchedChange } from './watched-change.ts';

export interface TransactionRecordsOptions {
  /** `source.xmin` of the transactions that begin now. */
  readonly xmin: () => number | null;
  readonly settings: Settings;
  readonly sessions: SessionSource;
  readonly relations: Relations;
  readonly topics: TopicNaming;
  readonly task: TaskRecords;
  /** Present with `provide.transaction.metadata`. */
  readonly counter: TransactionCounter | null;
  readonly place: StreamPlace;
  readonly watch: StreamWatch;
  readonly server: ServerIdentity | null;
}

/** From the messages of committed transactions to records, without those that were delivered before. */
export class TransactionRecords implements RecordOutput {
  readonly #options: TransactionRecordsOptions;
  readonly #place: StreamPlace;
  readonly #rows: RowChanges;
  readonly #identity: SourceOffset;
  readonly task: TaskRecords;
  batch: BatchContext = { nowMs: 0, tails: new Map(), extras: null };
  #isInterrupted = false;
  #isSignal = false;
  transaction: TransactionContext;
  #records: SourceRecord[] = [];
  /** Records of which it is not known yet whether they were delivered before. */
  #held: SourceRecord[] | null = null;
  #heldChanges = 0;
  #isDiscarding = false;
  #rowCount = 0;

  constructor(options: TransactionRecordsOptions) {
    this.#options = options;
    this.#place = options.place;
    this.task = options.task;
    this.#identity = identityOffset(options.server);
    this.#rows = new RowChanges(options.settings, this);
    this.transaction = this.#contextOf(options.place.txId, 0);
  }

  get lsn(): number {
    return this.#place.lsn;
  }

  /** A signal counts as delivered only once it is obeyed: the records that follow it say so. */
  get countAtLsn(): number {
    return this.#place.countAtLsn - (this.#isSignal ? 1 : 0);
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** How many records wait to be taken. */
  get count(): number {
    return this.#records.length;
  }

  get last(): SourceRecord | undefined {
    return this.#records.at(-1);
  }

  /** The watch asked to be heard before anything else is decoded. */
  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  interrupt(): void {
    this.#isInterrupted = true;
  }

  continue(): void {
    this.#isInterrupted = false;
  }

  startBatch(nowMs: number): void {
    const extras = { ...this.#identity, ...this.#options.watch.extras };
    this.batch = { nowMs, tails: new Map(), extras };
  }

  take(): readonly SourceRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  begin(xid: number, commitMicros: number, lsn: number): void {
    const wasDelivered = this.#place.begin(xid, lsn);
    this.transaction = this.#contextOf(xid, commitMicros);
    this.#options.watch.begin(xid);
    const { counter, topics } = this.#options;
    if (counter === null) return;
    counter.begin();
    if (wasDelivered) return;
    this.#records.push(
      counter.beginRecord({
        topic: topics.transaction(),
        id: `${xid}:${lsn}`,
        timestampMs: Math.floor(commitMicros / 1000),
        sourcePartition: this.task.sourcePartition,
        sourceOffset: this.offsetAt(lsn, 0, 'BEGIN'),
      }),
    );
  }

  commit(endLsn: number, commitMicros: number): void {
    this.#settleHeld();
    this.#place.commit(endLsn);
    const { counter, topics } = this.#options;
    if (counter === null) return;
    const { txId } = this.transaction;
    this.#records.push(
      counter.endRecord({
        topic: topics.transaction(),
        id: `${txId}:${endLsn}`,
        timestampMs: Math.floor(commitMicros / 1000),
        sourcePartition: this.task.sourcePartition,
        sourceOffset: withExtras(
          streamOffset({
            lsn: endLsn,
            countAtLsn: 0,
            commitLsn: endLsn,
            txId,
            messageType: 'COMMIT',
            commitMicros,
          }),
          this.batch.extras,
        ),
      }),
    );
  }

  /** Any other message. A promise only for the rare ones that need the catalogue. */
  apply(buffer: Buffer, at: number, end: number, lsn: number): Promise<void> | undefined {
    switch (buffer[at]) {
      case MESSAGE.insert:
      case MESSAGE.update:
      case MESSAGE.delete:
        this.#change(buffer, at, end, lsn);
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
        const { name, lsn: originLsn } = decodeOrigin(buffer, at, end);
        // Of a transaction that is streamed before its commit the server knows the name alone.
        this.transaction = {
          ...this.transaction,
          origin: name,
          originLsn: originLsn === 0 ? null : originLsn,
        };
        return undefined;
      }
      default:
        return undefined; // types, and what later servers may add
    }
  }

  emit(record: SourceRecord): void {
    if (!this.#isDiscarding) (this.#held ?? this.#records).push(record);
  }

  placeOf(shape: TableShape): TransactionPlace | null {
    return this.#placeIn(`${shape.schema}.${shape.table}`);
  }

  #placeIn(collection: string): TransactionPlace | null {
    const { counter } = this.#options;
    if (counter === null) return null;
    return { id: `${this.transaction.txId}:${this.lsn}`, ...counter.count(collection) };
  }

  #contextOf(txId: number | null, commitMicros: number): TransactionContext {
    return {
      task: this.task,
      txId,
      commitMicros,
      // Never behind an offset that was stored while nothing came: the slot is confirmed up to that one (INV-1).
      lastCommitLsn: this.#place.resumeLsn,
      sequenceLsn: this.#place.sequenceLsn,
      origin: null,
      originLsn: null,
      xmin: this.#options.xmin(),
      snapshot: 'false',
      sources: new Map(),
    };
  }

  /** Counts a change at its LSN; true when nothing is to be made of it. */
  #passes(lsn: number): boolean {
    const standing = this.#place.count(lsn);
    this.#isDiscarding = standing === 'delivered';
    if (standing === 'unknown') {
      // They are held until it is seen whether there are several.
      this.#held ??= [];
      this.#heldChanges++;
    } else if (standing === 'new' && this.#held !== null) this.#settleHeld();
    // With transaction metadata it is made all the same, to be counted: the orders go on where they were.
    return this.#isDiscarding && this.#options.counter === null;
  }

  #settleHeld(): void {
    const held = this.#held;
    this.#held = null;
    // One change at that LSN: it is the one that was delivered. Of several, none may be lost, so all come again.
    if (held !== null && this.#heldChanges > 1) this.#records.push(...held);
    this.#heldChanges = 0;
  }

  #change(buffer: Buffer, at: number, end: number, lsn: number): void {
    const { relations, watch } = this.#options;
    const isPassed = this.#passes(lsn);
    const shape = relations.find(readUint32(buffer, at + 1));
    if (shape === undefined) throw new RangeError('a change of a table that was not described');
    if (shape !== null) {
      this.#isSignal =
        !this.#isDiscarding &&
        watch.concerns(shape) &&
        watch.change(watchedChange(shape, this.transaction.txId, buffer, at, end));
      if (this.#isSignal) this.interrupt();
      if (!isPassed) {
        this.#rowCount++;
        this.#rows.change(shape, buffer, at, end);
      }
      this.#isSignal = false;
    }
    this.#place.made();
  }

  #truncate(buffer: Buffer, at: number, end: number, lsn: number): void {
    const { settings, relations, watch } = this.#options;
    const shapes = decodeTruncate(buffer, at, end).relationOids.flatMap(
      (oid) => relations.find(oid) ?? [],
    );
    for (const shape of shapes) if (watch.concerns(shape)) watch.truncate(shape);
    if (!this.#passes(lsn) && !settings.skipped.has('t')) {
      shapes.forEach((shape, index) => {
        const isLast = index === shapes.length - 1;
        const count = isLast ? this.countAtLsn : this.countAtLsn - 1;
        this.emit(truncateRecord(shape, this, this.offsetAt(lsn, count, 'TRUNCATE')));
      });
    }
    this.#place.made();
  }

  #logicalMessage(message: LogicalMessage): void {
    if (!message.isTransactional) {
      this.#isDiscarding = false;
      this.#place.passMessage(message.lsn);
      this.#emitMessage(message, this.#contextOf(null, this.batch.nowMs * 1000));
      return;
    }
    if (!this.#passes(message.lsn)) this.#emitMessage(message, this.transaction);
    this.#place.made();
  }

  #emitMessage(message: LogicalMessage, transaction: TransactionContext): void {
    const { settings, topics } = this.#options;
    if (settings.skipped.has('m') || !settings.capturesMessagePrefix(message.prefix)) return;
    const { isTransactional, lsn } = message;
    this.emit(
      messageRecord(message, {
        topic: topics.messages(),
        nowMs: this.batch.nowMs,
        binaryMode: settings.values.binaryMode,
        transaction,
        place: isTransactional ? this.#placeIn(MESSAGE_COLLECTION) : null,
        sourceOffset: isTransactional
          ? this.offsetAt(lsn, this.countAtLsn, 'MESSAGE')
          : withExtras(
              streamOffset({
                lsn,
                countAtLsn: 0,
                commitLsn: lsn + 1,
                txId: null,
                messageType: 'MESSAGE',
                commitMicros: this.batch.nowMs * 1000,
              }),
              this.batch.extras,
            ),
      }),
    );
  }

  offsetAt(lsn: number, countAtLsn: number, messageType: string): SourceOffset {
    const { txId, commitMicros } = this.transaction;
    const offset = streamOffset({
      lsn,
      countAtLsn,
      commitLsn: this.#place.resumeLsn,
      txId,
      messageType,
      commitMicros,
    });
    return withExtras(offset, this.batch.extras);
  }
}
