import { deferred, must, type Deferred, type MillraceError } from '@millrace/foundation';
import {
  openBatch,
  patchProducer,
  RecordBatchBuilder,
  RecordCursor,
  type Codec,
} from '@millrace/kafka-protocol';
import type { ProducerRecord, ProducerRun, WritableRun } from './records.ts';
import type { SendCall } from './send-call.ts';

export interface ProducerIdentity {
  readonly id: number;
  readonly epoch: number;
}

/** How its bytes are made. */
export interface BatchForm {
  readonly codec: Codec;
  readonly compressionLevel?: number;
  readonly isTransactional: boolean;
}

/**
 * `open` takes records; `building` is being compressed; `idle` may be sent; `busy` is on the wire
 * or being split.
 */
export type BatchState = 'open' | 'building' | 'idle' | 'busy';

/** The records of one future record batch, and whom to tell what became of them. */
export class ProducerBatch {
  state: BatchState = 'open';
  readonly createdAtMs: number;
  readonly #form: BatchForm;
  recordCount = 0;
  /** What it takes from `buffer.memory`. */
  memoryBytes = 0;
  /** -1 until first sent by an idempotent producer; then fixed, or rewritten with a new epoch. */
  baseSequence = -1;
  attempts = 0;
  /** Among the batches of its partition. */
  order = 0;
  retryNotBeforeMs = 0;
  #builder: RecordBatchBuilder | undefined;
  #bytes: Uint8Array | undefined;
  /** An in-process broker keeps what it was sent, and writes offsets into it. */
  #isHandedOver = false;
  /** Runs of records of one call: the call, and how many of `#indexes` are its. */
  readonly #calls: SendCall[] = [];
  readonly #callCounts: number[] = [];
  /** Of each run: its first record's index in its call. */
  readonly #firsts: number[] = [];
  /** For each record its index in its call, once a run was not of neighbours. */
  #indexes: number[] | undefined;
  #settled: Deferred<undefined> | undefined;

  constructor(createdAtMs: number, form: BatchForm, memory: number | Uint8Array) {
    this.createdAtMs = createdAtMs;
    this.#form = form;
    this.#builder = new RecordBatchBuilder(memory);
  }

  /** Of the batch as it would be sent now, uncompressed while it is open. */
  get byteLength(): number {
    return this.#bytes?.byteLength ?? must(this.#builder, 'an unbuilt batch').byteLength;
  }

  get bytes(): Uint8Array {
    return must(this.#bytes, 'a batch is built before it is sent');
  }

  append(record: ProducerRecord, timestampMs: number, call: SendCall, index: number): void {
    must(this.#builder, 'records go into open batches').append(
      record.key,
      record.value,
      timestampMs,
      record.headers,
    );
    this.#note(call, index);
  }

  /** The record of the run as the one at `place` of the call. */
  appendPacked(
    run: ProducerRun,
    index: number,
    timestampMs: number,
    call: SendCall,
    place: number,
  ): void {
    must(this.#builder, 'records go into open batches').appendPacked(
      run,
      index,
      timestampMs,
      run.headers,
    );
    this.#note(call, place);
  }

  /** How many of the records from `from` on were written, for which there is room until it is so large. */
  write(
    run: WritableRun,
    from: number,
    timestampMs: number,
    bytesMax: number,
    call: SendCall,
    index: number,
  ): number {
    const count = must(this.#builder, 'records go into open batches').writeInPlace(
      {
        frame: run.frame,
        headers: run.headers,
        timestampMs,
        write: (target) => run.write(target, from),
      },
      bytesMax,
    );
    if (count > 0) this.#note(call, index, count);
    return count;
  }

  /** The memory of a batch that nothing was written into. */
  release(): Uint8Array {
    return must(this.#builder, 'an unbuilt batch').release();
  }

  /** For codecs that are done at once. */
  buildSync(producer: ProducerIdentity | undefined): void {
    this.#bytes = must(this.#builder, 'a batch is built once').buildSync({
      ...this.#form,
      ...this.#stamp(producer),
    });
    this.#builder = undefined;
    this.state = 'idle';
  }

  /** The producer is stamped by `restamp` later, when it is known which batch goes first. */
  async build(): Promise<void> {
    this.state = 'building';
    this.#bytes = await must(this.#builder, 'a batch is built once').build(this.#form);
    this.#builder = undefined;
    this.state = 'idle';
  }

  /** On a copy if it was sent before: it was handed over. */
  restamp(producer: ProducerIdentity, baseSequence: number): void {
    this.baseSequence = baseSequence;
    this.#own();
    patchProducer(this.bytes, 0, producer.id, producer.epoch, baseSequence);
  }

  /** It goes on the wire now. Its bytes belong to the receiver then, which may still write what came before. */
  leave(): void {
    this.#own();
    this.state = 'busy';
    this.attempts += 1;
    this.#isHandedOver = true;
  }

  #own(): void {
    if (this.#isHandedOver) this.#bytes = Buffer.from(this.bytes);
    this.#isHandedOver = false;
  }

  acknowledge(): void {
    for (const [index, call] of this.#calls.entries()) call.acknowledge(this.#count(index));
    this.#settled?.resolve(undefined);
  }

  fail(error: MillraceError): void {
    let at = 0;
    for (const [run, call] of this.#calls.entries()) {
      for (let nth = 0; nth < this.#count(run); nth += 1) {
        call.fail(this.#index(run, nth, at), error);
        at += 1;
      }
    }
    this.#settled?.resolve(undefined);
  }

  settled(): Promise<undefined> {
    this.#settled ??= deferred<undefined>();
    return this.#settled.promise;
  }

  /** Two batches with the same records in the same order, and the sequences that they had. */
  async split(producer: ProducerIdentity | undefined): Promise<ProducerBatch[]> {
    const opened = await openBatch(this.bytes);
    const cursor = new RecordCursor(opened);
    const bytesHint = Math.ceil(opened.records.byteLength / 2) + 1_024;
    const halves: ProducerBatch[] = [];
    let half: ProducerBatch | undefined;
    let run = 0;
    let nth = 0;
    for (let at = 0; cursor.next(); at += 1) {
      if (half === undefined || at === Math.ceil(this.recordCount / 2)) {
        half = new ProducerBatch(this.createdAtMs, this.#form, bytesHint);
        half.order = this.order;
        half.baseSequence = this.baseSequence === -1 ? -1 : this.baseSequence + at;
        half.attempts = this.attempts;
        halves.push(half);
      }
      must(half.#builder, 'a new half').append(
        cursor.key(),
        cursor.value(),
        cursor.timestampMs,
        cursor.headers(),
      );
      while (nth === this.#count(run)) {
        run += 1;
        nth = 0;
      }
      half.#note(must(this.#calls[run], 'each record has a call'), this.#index(run, nth, at));
      nth += 1;
    }
    for (const part of halves) {
      part.memoryBytes = Math.floor((this.memoryBytes * part.recordCount) / this.recordCount);
      const builder = must(part.#builder, 'a new half');
      part.#bytes = await builder.build({ ...this.#form, ...part.#stamp(producer) });
      part.#builder = undefined;
      part.state = 'idle';
    }
    const [first] = halves;
    // What rounding left over, so that all of the memory is given back.
    if (first !== undefined) {
      first.memoryBytes +=
        this.memoryBytes - halves.reduce((sum, part) => sum + part.memoryBytes, 0);
    }
    // Those who wait for this batch wait for its parts.
    if (this.#settled !== undefined) {
      const whole = this.#settled;
      void Promise.all(halves.map((part) => part.settled())).then(() => whole.resolve(undefined));
    }
    return halves;
  }

  /** So many records of the call, the first of them at `index`. */
  #note(call: SendCall, index: number, added = 1): void {
    const last = this.#calls.length - 1;
    if (last >= 0 && this.#calls[last] === call) {
      const count = this.#count(last);
      if (this.#indexes === undefined && this.#first(last) + count !== index) {
        this.#indexes = this.#listIndexes();
      }
      this.#callCounts[last] = count + added;
    } else {
      this.#calls.push(call);
      this.#callCounts.push(added);
      this.#firsts.push(index);
    }
    if (this.#indexes !== undefined)
      for (let nth = 0; nth < added; nth += 1) this.#indexes.push(index + nth);
    this.recordCount += added;
  }

  /** Of the `nth` record of a run, which is the one `at` in the batch. */
  #index(run: number, nth: number, at: number): number {
    return this.#indexes === undefined
      ? this.#first(run) + nth
      : must(this.#indexes[at], 'each record has an index');
  }

  #listIndexes(): number[] {
    return this.#callCounts.flatMap((count, run) =>
      Array.from({ length: count }, (_, nth) => this.#first(run) + nth),
    );
  }

  #first(run: number): number {
    return must(this.#firsts[run], 'each call has a first record');
  }

  #count(run: number): number {
    return must(this.#callCounts[run], 'each call has a count');
  }

  #stamp(producer: ProducerIdentity | undefined): {
    producerId?: number;
    producerEpoch?: number;
    baseSequence?: number;
  } {
    if (producer === undefined) return {};
    return {
      producerId: producer.id,
      producerEpoch: producer.epoch,
      baseSequence: this.baseSequence,
    };
  }
}
