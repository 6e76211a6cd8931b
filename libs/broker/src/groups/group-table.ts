import { isAborted, type Clock } from '@millrace/foundation';
import { ErrorCode } from '@millrace/kafka-protocol';
import { emptyGroup } from './classic/group-state.ts';
import { Batch } from './group-batch.ts';
import { deadlineOf, isNothing, newEntry, type GroupEntry, type Job } from './group-entry.ts';
import type { GroupLogRecord } from './group-log-record.ts';
import type { GroupStore, TransactionalProducer } from './group-store.ts';

/** Longest single sleep: timers of more than 2^31 ms would fire at once. */
const SLEEP_MS_MAX = 3_600_000;

export interface GroupTableOptions {
  readonly store: GroupStore;
  readonly clock: Clock;
  readonly groupsMax: number;
  /** Something of the group is due. */
  readonly onTime: (entry: GroupEntry, batch: Batch) => void;
}

/**
 * All groups, with the order in which things happen to each. While a change of a group is on its way to
 * the log, the requests of that group wait; then they run as one batch.
 */
export class GroupTable {
  readonly #options: GroupTableOptions;
  readonly #groups = new Map<string, GroupEntry>();
  readonly #startedMs: number;
  readonly #startedMonotonicMs: number;
  #isClosed = false;

  constructor(options: GroupTableOptions) {
    this.#options = options;
    this.#startedMs = options.clock.nowMs();
    this.#startedMonotonicMs = options.clock.monotonicMs();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get size(): number {
    return this.#groups.size;
  }

  entries(): readonly GroupEntry[] {
    return [...this.#groups.values()];
  }

  find(groupId: string): GroupEntry | undefined {
    return this.#groups.get(groupId);
  }

  /** A group that was read back. */
  add(entry: GroupEntry): void {
    this.#groups.set(entry.groupId, entry);
    this.#arm(entry);
  }

  /** Refuses everybody who waits for their turn, and everybody who comes. */
  close(): void {
    this.#isClosed = true;
    for (const entry of this.#groups.values()) {
      entry.timer?.stop.abort();
      for (const job of entry.jobs.splice(0)) job(new Batch());
    }
  }

  /**
   * Runs a request once nothing of its group is on its way to the log. What it answers leaves when the
   * changes of its batch are durable; `refuse` makes the answer when they could not be made so.
   */
  ask<T>(
    groupId: string,
    refuse: (errorCode: number) => T,
    run: (batch: Batch, answer: (answer: T) => void) => void,
  ): Promise<T> {
    return new Promise((resolve) => {
      this.submit(groupId, (batch) => {
        if (this.#isClosed) {
          resolve(refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE));
          return;
        }
        let isRunning = true;
        run(batch, (answer) => {
          if (!isRunning) resolve(answer);
          else
            batch.onSettled((errorCode) =>
              resolve(errorCode === ErrorCode.NONE ? answer : refuse(errorCode)),
            );
        });
        isRunning = false;
      });
    });
  }

  submit(groupId: string, job: Job): void {
    const entry = this.#groups.get(groupId);
    if (entry?.isStoring === true) entry.jobs.push(job);
    else this.#run(groupId, [job]);
  }

  #run(groupId: string, jobs: Job[]): void {
    while (jobs.length > 0) {
      const batch = new Batch();
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
        job(batch);
        if (batch.isSealed) break;
      }
      const entry = this.#groups.get(groupId);
      if (batch.records.length > 0 && entry !== undefined) {
        entry.isStoring = true;
        entry.jobs.push(...jobs.splice(0));
        void this.#storeBatch(entry, batch);
      } else {
        batch.settle(ErrorCode.NONE);
        if (entry !== undefined) this.tidy(entry);
      }
    }
  }

  async #storeBatch(entry: GroupEntry, batch: Batch): Promise<void> {
    const errorCode = await this.store(entry, batch.records);
    entry.isStoring = false;
    batch.settle(errorCode);
    this.tidy(entry);
    this.#run(entry.groupId, entry.jobs.splice(0));
  }

  /** After a change of what a group waits for, or of whether anything of it is left. */
  tidy(entry: GroupEntry): void {
    if (this.#groups.get(entry.groupId) !== entry) return;
    if (isNothing(entry)) this.forget(entry);
    else this.#arm(entry);
  }

  /** The group, made classic and empty if it is not there. Undefined at the bound. */
  ensure(groupId: string): GroupEntry | undefined {
    const known = this.#groups.get(groupId);
    if (known !== undefined) return known;
    // INV-6: bounded by groups.max.
    if (this.#groups.size >= this.#options.groupsMax) return undefined;
    const state = emptyGroup(groupId, this.nowMs());
    const entry = newEntry(groupId, { kind: 'classic', state });
    this.#groups.set(groupId, entry);
    return entry;
  }

  forget(entry: GroupEntry): void {
    if (entry.group.kind === 'classic') entry.group.state.phase = 'Dead';
    entry.timer?.stop.abort();
    if (this.#groups.get(entry.groupId) === entry) this.#groups.delete(entry.groupId);
  }

  /** Answers once the records are durable, with 0 or the error for the client. */
  store(
    entry: GroupEntry,
    records: readonly GroupLogRecord[],
    producer?: TransactionalProducer,
  ): Promise<number> {
    entry.isStored = true;
    return this.#options.store.append(entry.groupId, records, producer);
  }

  /** One timer a group. It may fire too early, since heartbeats move deadlines without touching it. */
  #arm(entry: GroupEntry): void {
    const dueMs = deadlineOf(entry.group);
    if (this.#isClosed || dueMs === Infinity) return;
    if (entry.timer !== undefined) {
      if (entry.timer.dueMs <= dueMs) return;
      entry.timer.stop.abort();
    }
    const stop = new AbortController();
    entry.timer = { dueMs, stop };
    const sleepMs = Math.min(Math.max(dueMs - this.nowMs(), 0), SLEEP_MS_MAX);
    this.#options.clock.sleep(sleepMs, stop.signal).then(
      () => {
        if (isAborted(stop.signal) || this.#isClosed) return;
        entry.timer = undefined;
        this.submit(entry.groupId, (batch) => {
          const isHere = !this.#isClosed && this.#groups.get(entry.groupId) === entry;
          if (isHere) this.#options.onTime(entry, batch);
        });
      },
      () => undefined, // stopped: another timer, or nobody, has taken over
    );
  }

  /** Epoch milliseconds that follow the steady clock, so that a jump of the wall clock ends no session. */
  nowMs(): number {
    return (
      this.#startedMs + Math.floor(this.#options.clock.monotonicMs() - this.#startedMonotonicMs)
    );
  }
}
