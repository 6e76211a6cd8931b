import { assert, must } from '@millrace/foundation';
import type { BatchMemory } from './batch-memory.ts';
import { ProducerBatch, type BatchForm, type ProducerIdentity } from './producer-batch.ts';

/** The broker remembers the last five batches of a producer, so more must not be in flight. */
const IDEMPOTENT_IN_FLIGHT_MAX = 5;
/** Sequences wrap as Java's ints do. */
const SEQUENCE_MODULUS = 2 ** 31;

/**
 * What is on its way to one partition, in order (INV-3): first `pending`, which has been sent at
 * least once and is not settled, then `queue`. After a failure only the oldest pending batch is
 * sent, until all that was in flight with it has gone through again; nothing new overtakes.
 */
export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  /** The last of the queue, while it takes records. */
  open: ProducerBatch | undefined;
  readonly queue: ProducerBatch[] = [];
  readonly pending: ProducerBatch[] = [];
  /** A batch that was refused for its size makes the following ones smaller. */
  batchBytes: number;
  /** Whose sequences these are; `undefined` until the first batch of an idempotent producer. */
  #producer: ProducerIdentity | undefined;
  #nextSequence = 0;
  /** The broker's sequence and ours differ: start anew once nothing is on the wire (KIP-360). */
  #mustRenew = false;
  #taken = 0;
  /**
   * Which batch was given up although it may have been written. Whether its sequences were used
   * shows when a later batch is taken or refused; until then those keep theirs, or what had been
   * written already would be written twice.
   */
  #unresolved: number | undefined;

  constructor(topic: string, partition: number, batchBytes: number) {
    this.topic = topic;
    this.partition = partition;
    this.batchBytes = batchBytes;
  }

  get isEmpty(): boolean {
    return this.pending.length === 0 && this.queue.length === 0;
  }

  get producer(): ProducerIdentity | undefined {
    return this.#producer;
  }

  isOf({ epoch, id }: ProducerIdentity): boolean {
    return this.#producer?.id === id && this.#producer.epoch === epoch;
  }

  /** Batches on their way. */
  get length(): number {
    return this.pending.length + this.queue.length;
  }

  get mustRenew(): boolean {
    if (this.pending.length === 0) return this.#mustRenew || this.#unresolved !== undefined;
    return this.#mustRenew && !this.pending.some(({ state }) => state === 'busy');
  }

  openBatch(nowMs: number, form: BatchForm, memory: BatchMemory): ProducerBatch {
    const previous = this.open ?? this.pending.at(-1);
    const batch = new ProducerBatch(
      nowMs,
      form,
      previous === undefined
        ? 1_024
        : memory.take(Math.min(this.batchBytes, previous.byteLength + 512)),
    );
    this.add(batch);
    return batch;
  }

  /** The last of the queue from now on, which takes records. */
  add(batch: ProducerBatch): void {
    this.open = batch;
    this.queue.push(batch);
  }

  /** The oldest batch, whatever its state. */
  oldest(): ProducerBatch | undefined {
    return this.pending[0] ?? this.queue[0];
  }

  /** The batch that may be sent next; it may have to be closed, built or waited for. */
  next(inFlightMax: number): ProducerBatch | undefined {
    const [head] = this.pending;
    if (head !== undefined && this.pending.some(({ state }) => state === 'idle')) {
      return head.state === 'idle' ? head : undefined;
    }
    if (this.#mustRenew && head !== undefined) return undefined;
    // With one request at a time nothing can overtake, whatever broker it went to.
    const limit = Math.min(inFlightMax, IDEMPOTENT_IN_FLIGHT_MAX);
    if (inFlightMax === 1 || this.#producer !== undefined) {
      if (this.pending.length >= limit) return undefined;
    }
    return this.queue[0];
  }

  /** Moves a batch that is sent for the first time from the queue to the pending ones. */
  take(batch: ProducerBatch, isIdempotent: boolean): void {
    assert(this.queue[0] === batch, 'batches are sent in order');
    this.queue.shift();
    if (this.open === batch) this.open = undefined;
    this.pending.push(batch);
    batch.order = this.#taken += 1;
    if (!isIdempotent) return;
    batch.baseSequence = this.#nextSequence;
    this.#nextSequence = (this.#nextSequence + batch.recordCount) % SEQUENCE_MODULUS;
  }

  /** Gone for good, acknowledged or failed. */
  remove(batch: ProducerBatch): void {
    const list = this.pending.includes(batch) ? this.pending : this.queue;
    const index = list.indexOf(batch);
    assert(index >= 0, 'a settled batch was on its way');
    list.splice(index, 1);
    if (this.open === batch) this.open = undefined;
  }

  replace(batch: ProducerBatch, parts: readonly ProducerBatch[]): void {
    const index = this.pending.indexOf(batch);
    assert(index >= 0, 'a split batch was pending');
    this.pending.splice(index, 1, ...parts);
  }

  /** First use, or all that is pending under a new identity and sequences from 0. */
  adopt(producer: ProducerIdentity): void {
    this.#producer = producer;
    this.#mustRenew = false;
    this.#unresolved = undefined;
    this.#nextSequence = 0;
    for (const batch of this.pending) {
      assert(batch.state === 'idle', 'a new identity waits until nothing is on the wire');
      batch.restamp(producer, this.#nextSequence);
      this.#nextSequence = (this.#nextSequence + batch.recordCount) % SEQUENCE_MODULUS;
    }
  }

  renewLater(): void {
    this.#mustRenew = this.#producer !== undefined;
  }

  /** The broker has taken the batch, and so all sequences before it. */
  accepted(batch: ProducerBatch): void {
    if (this.#unresolved !== undefined && batch.order > this.#unresolved) {
      this.#unresolved = undefined;
    }
  }

  /** The batch is not sent again, and nobody knows whether it was written. */
  givenUp(batch: ProducerBatch): void {
    if (this.#producer === undefined || batch.attempts === 0) return;
    this.#unresolved = Math.max(this.#unresolved ?? 0, batch.order);
  }

  isOldestPending(batch: ProducerBatch): boolean {
    return must(this.pending[0], 'something is pending') === batch;
  }
}
