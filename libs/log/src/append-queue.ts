import { deferred } from '@millrace/foundation';
import type { AppendRefused, AppendResult } from './append-types.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { QueuedAppend } from './stage-group.ts';

/** What a caller asks for; the queue adds the promise of an answer. */
export type AppendRequest = Omit<QueuedAppend, 'done' | 'result' | 'isSettled'>;

/**
 * Appends to one log that wait for the disk, in their order. Bounded in bytes, by its own bound and by one that all
 * logs share (INV-6); their bytes count until they have their answer, which each gets exactly once.
 */
export class AppendQueue {
  readonly #bytesMax: number;
  readonly #shared: ByteBudget;
  #waiting: QueuedAppend[] = [];
  #bytes = 0;

  constructor(bytesMax: number, shared: ByteBudget) {
    this.#bytesMax = bytesMax;
    this.#shared = shared;
  }

  /** Of all appends without an answer, those that have left the queue included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Those that have not been taken, oldest first. */
  get waiting(): readonly QueuedAppend[] {
    return this.#waiting;
  }

  /** The promise of the answer, or the bound in bytes that is reached. One append alone passes any bound. */
  add(request: AppendRequest): Promise<AppendResult> | number {
    const size = request.bytes.byteLength;
    if (this.#bytes > 0 && this.#bytes + size > this.#bytesMax) return this.#bytesMax;
    if (!this.#shared.tryTake(size)) return this.#shared.bytesMax;
    this.#bytes += size;
    const done = deferred<AppendResult>();
    // Written out, so that all have one shape without a copy by spread.
    const { bytes, batches, maxTimestampMs, leaderEpoch, isDurable, origin, beginsAtZero } =
      request;
    this.#waiting.push({
      bytes,
      batches,
      maxTimestampMs,
      leaderEpoch,
      isDurable,
      origin,
      beginsAtZero,
      done,
      result: undefined,
      isSettled: false,
    });
    return done.promise;
  }

  /** The oldest `count` appends leave the queue. */
  take(count: number): readonly QueuedAppend[] {
    const taken = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return taken;
  }

  /** Once: of a group whose flush fails, some have their answer already. */
  settle(append: QueuedAppend, result: AppendResult): void {
    if (append.isSettled) return;
    append.isSettled = true;
    this.#bytes -= append.bytes.byteLength;
    this.#shared.giveBack(append.bytes.byteLength);
    append.done.resolve(result);
  }

  refuse(appends: readonly QueuedAppend[], refusal: AppendRefused): void {
    for (const append of appends) this.settle(append, refusal);
  }
}
