import { join } from 'node:path';
import { errnoOf } from './errno.ts';
import { partitionOffline } from './errors.ts';
import { writeFileUnsynced } from './files.ts';
import type { LogState } from './log-state.ts';
import type { Segment } from './segment.ts';

export const INDEXES_UNSAVED = 'indexes could not be saved; they are built again when needed';

/** What of one log survives a loss of power: flushes, the recovery point, and what is kept beside the batches. */
export class Durability {
  readonly #state: LogState;
  #endOffset: number;
  #unflushedRecords = 0;
  #unflushedSinceMs = 0;
  /** Closed segments whose indexes are not durable yet, oldest first, and when none is left. */
  readonly #closed: Segment[] = [];
  #indexesSynced: Promise<void> = Promise.resolve();
  /** An append with the policy 'interval' has come since the last flush. */
  isFlushWanted = false;

  constructor(state: LogState, recoveryPoint: number) {
    this.#state = state;
    this.#endOffset = recoveryPoint;
  }

  /** All below it survives a loss of power. */
  get recoveryPoint(): number {
    // INV-4: as long as the indexes of a segment may be lost, a recovery reads it again.
    const [oldest] = this.#closed;
    const end = oldest === undefined ? this.#endOffset : oldest.nextOffset - 1;
    return Math.min(this.#endOffset, end, this.#state.logEndOffset);
  }

  /** Makes the indexes of a segment durable that was closed above the recovery point; nobody waits for it. */
  syncIndexesOf(segment: Segment): void {
    const { log } = this.#state;
    this.#closed.push(segment);
    this.#indexesSynced = this.#indexesSynced.then(async () => {
      try {
        await segment.syncIndexes();
      } catch (error) {
        // Without a file the segment was let go meanwhile.
        if (errnoOf(error) !== 'ENOENT') log.warn({ err: error }, INDEXES_UNSAVED);
      } finally {
        this.#closed.shift();
      }
    });
  }

  get isFlushDue(): boolean {
    return this.#unflushedRecords >= this.#state.config['flush.messages'];
  }

  noteWritten(recordCount: number, nowMs: number): void {
    if (this.#unflushedRecords === 0) this.#unflushedSinceMs = nowMs;
    this.#unflushedRecords += recordCount;
  }

  /** After a truncation. */
  lowerTo(offset: number): void {
    this.#endOffset = Math.min(this.#endOffset, offset);
  }

  /** Makes all that is written now durable. Throws `log.partition_offline`. */
  async flush(): Promise<void> {
    const state = this.#state;
    if (state.isOffline) throw partitionOffline(state.folder, state.offlineCause);
    try {
      await this.sync();
    } catch (error) {
      // A second fsync would report success over lost pages: the partition stops here instead.
      state.goOffline(error);
      throw partitionOffline(state.folder, error);
    }
  }

  /** Flushes when the policy 'interval' or `flush.ms` asks for it. */
  async flushIfDue(nowMs: number): Promise<void> {
    const { config, isOffline, isClosed, segments } = this.#state;
    if (isOffline || isClosed || segments.isSynced) return;
    // After a clock that went back the time is over too: waiting for the old time could take a day.
    const sinceMs = nowMs - this.#unflushedSinceMs;
    const isDue = sinceMs >= config['flush.ms'] || sinceMs < 0;
    if (!this.isFlushWanted && !isDue) return;
    this.isFlushWanted = false;
    await this.flush();
  }

  async sync(): Promise<void> {
    const state = this.#state;
    const end = state.logEndOffset;
    const records = this.#unflushedRecords;
    const { truncations } = state;
    const { clock, figures } = state.ports;
    const startMs = clock.monotonicMs();
    if (!(await state.segments.sync(() => truncations !== state.truncations))) return;
    figures.noteFlush(clock.monotonicMs() - startMs);
    this.#endOffset = Math.max(this.#endOffset, end);
    this.#unflushedRecords -= records;
    if (this.#unflushedRecords <= 0) this.#unflushedRecords = 0;
    else this.#unflushedSinceMs = clock.nowMs();
  }

  /**
   * Saves what is kept beside the batches: index entries, leader epochs. Answers the offset from
   * which a recovery must begin now; undefined when it could not be moved.
   */
  async checkpoint(): Promise<number | undefined> {
    if (this.#state.isOffline || this.#state.isClosed) return undefined;
    const { recoveryPoint } = this;
    await this.#state.active.saveIndexes();
    await this.saveEpochs();
    return recoveryPoint;
  }

  async saveEpochs(): Promise<void> {
    // INV-4: a recovery point rests on them.
    if (await this.#writeEpochs()) await this.#state.segments.syncNames();
  }

  /** Answers whether there is a new file, whose name is not durable yet. */
  async #writeEpochs(): Promise<boolean> {
    const { epochs, folder, ports, segments } = this.#state;
    if (!epochs.isDirty) return false;
    const text = epochs.encode();
    await writeFileUnsynced(ports.disk, join(folder, 'leader-epoch-checkpoint'), text);
    segments.noteNamed();
    if (epochs.encode() === text) epochs.markSaved();
    return true;
  }

  /**
   * For a clean stop: what changed since it was last saved, and nothing else; a log that is as it was costs no sync.
   * INV-4: all of it is durable when this answers, but for the producer snapshot, which is checked when it is read.
   */
  async saveAll(): Promise<void> {
    const { active, snapshots, logEndOffset, producers, segments } = this.#state;
    await this.#indexesSynced;
    if (active.isReady) {
      active.finishIndexes();
      await active.saveIndexes(true);
    }
    await this.#writeEpochs();
    if (await snapshots.saveLast(logEndOffset, producers)) segments.noteNamed();
    // Last: one sync of the folder for all that has a new name.
    await this.sync();
  }
}
