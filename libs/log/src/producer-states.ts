import {
  isControl,
  isTransactional,
  type BatchHeader,
  type ControlMarker,
} from '@millrace/kafka-protocol';

/** Kafka clients keep at most five requests in flight for this reason. */
const BATCHES_KEPT = 5;
const SEQUENCE_MAX = 2_147_483_647;
const NONE = -1;

export interface ProducedBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly timestampMs: number;
}

/** What one producer id has last done on this partition. Values, never changed in place. */
export interface ProducerState {
  readonly producerId: number;
  readonly epoch: number;
  readonly coordinatorEpoch: number;
  /** Our clock at its last append, for the expiry. */
  readonly lastSeenMs: number;
  /** -1 when no transaction is open. */
  readonly transactionFirstOffset: number;
  /** The last five, oldest first; empty after a marker began a new epoch. */
  readonly batches: readonly ProducedBatch[];
}

export type SequenceCheck =
  | { readonly kind: 'append' }
  | { readonly kind: 'duplicate'; readonly batch: ProducedBatch }
  | { readonly kind: 'out-of-order'; readonly expected: number }
  | { readonly kind: 'fenced'; readonly current: number }
  | { readonly kind: 'transaction-open' };

/** A transaction that a marker has just ended. */
export interface EndedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly isAborted: boolean;
}

/** Sequence numbers go on at 0 after 2^31-1. */
export function sequenceAfter(sequence: number, count: number): number {
  return sequence > SEQUENCE_MAX - count ? count - (SEQUENCE_MAX - sequence) - 1 : sequence + count;
}

/** Whether a batch of an idempotent producer may be appended after what is known of that producer. */
export function checkSequence(
  state: ProducerState | undefined,
  header: BatchHeader,
  beginsAtZero = false,
): SequenceCheck {
  const { producerEpoch, baseSequence } = header;
  if (state === undefined)
    return beginsAtZero && baseSequence !== 0
      ? { kind: 'out-of-order', expected: 0 }
      : { kind: 'append' };
  if (producerEpoch < state.epoch) return { kind: 'fenced', current: state.epoch };
  if (producerEpoch > state.epoch) {
    const isStart = baseSequence === 0 || state.epoch === NONE;
    return isStart ? { kind: 'append' } : { kind: 'out-of-order', expected: 0 };
  }
  const lastSequence = sequenceAfter(baseSequence, header.lastOffsetDelta);
  for (const batch of state.batches) {
    if (batch.firstSequence === baseSequence && batch.lastSequence === lastSequence) {
      return { kind: 'duplicate', batch };
    }
  }
  const last = state.batches.at(-1);
  const expected = last === undefined ? 0 : sequenceAfter(last.lastSequence, 1);
  if (baseSequence !== expected) return { kind: 'out-of-order', expected };
  if (state.transactionFirstOffset >= 0 && !isTransactional(header.attributes)) {
    return { kind: 'transaction-open' };
  }
  return { kind: 'append' };
}

/** The state after a batch of records at `baseOffset`. */
export function stateAfterBatch(
  state: ProducerState | undefined,
  header: BatchHeader,
  baseOffset: number,
  nowMs: number,
): ProducerState {
  const lastOffset = baseOffset + header.lastOffsetDelta;
  const batch: ProducedBatch = {
    firstSequence: header.baseSequence,
    // What the broker itself writes in a transaction has no numbers.
    lastSequence:
      header.baseSequence < 0 ? NONE : sequenceAfter(header.baseSequence, header.lastOffsetDelta),
    baseOffset,
    lastOffset,
    timestampMs: header.maxTimestamp,
  };
  const isSameEpoch = state?.epoch === header.producerEpoch;
  const kept = isSameEpoch ? state.batches.slice(1 - BATCHES_KEPT) : [];
  const open = state?.transactionFirstOffset ?? NONE;
  return {
    producerId: header.producerId,
    epoch: header.producerEpoch,
    coordinatorEpoch: state?.coordinatorEpoch ?? NONE,
    lastSeenMs: nowMs,
    transactionFirstOffset: isTransactional(header.attributes) && open < 0 ? baseOffset : open,
    batches: [...kept, batch],
  };
}

/** The state after the end of a transaction. Whoever has an older epoch is fenced from here on. */
export function stateAfterMarker(
  state: ProducerState | undefined,
  header: BatchHeader,
  marker: ControlMarker,
  nowMs: number,
): ProducerState {
  return {
    producerId: header.producerId,
    epoch: header.producerEpoch,
    coordinatorEpoch: marker.coordinatorEpoch,
    lastSeenMs: nowMs,
    transactionFirstOffset: NONE,
    batches: state?.epoch === header.producerEpoch ? state.batches : [],
  };
}

export interface ProducerStatesOptions {
  /** INV-6: beyond it the producer seen longest ago is forgotten. */
  readonly producersMax: number;
}

/**
 * What is known of all producer ids of one partition: the last five batches of each, and open
 * transactions. It changes only by what is in the log; what is being written is checked against
 * `StagedProducerStates`, so that a failed write leaves no trace.
 */
export class ProducerStates {
  readonly #options: ProducerStatesOptions;
  /** In the order of last use. */
  readonly #states = new Map<number, ProducerState>();
  /** First offset → producer id of the open transactions. */
  readonly #open = new Map<number, number>();
  /** Ended, but their marker is not below the high watermark yet: still unstable for readers. */
  #ended: EndedTransaction[] = [];
  #version = 0;

  constructor(options: ProducerStatesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#states.size;
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  get(producerId: number): ProducerState | undefined {
    return this.#states.get(producerId);
  }

  /** Of everything known, in the order of last use. */
  values(): IterableIterator<ProducerState> {
    return this.#states.values();
  }

  set(state: ProducerState): void {
    this.#version += 1;
    const before = this.#states.get(state.producerId);
    if (before !== undefined) {
      this.#states.delete(state.producerId);
      if (before.transactionFirstOffset >= 0) this.#open.delete(before.transactionFirstOffset);
    }
    this.#states.set(state.producerId, state);
    if (state.transactionFirstOffset >= 0) {
      this.#open.set(state.transactionFirstOffset, state.producerId);
    }
    if (this.#states.size > this.#options.producersMax) this.#forgetOldest();
  }

  /** Takes a batch that is in the log as given: replay, and appends of a follower. */
  replay(
    header: BatchHeader,
    baseOffset: number,
    marker: ControlMarker | undefined,
    nowMs: number,
  ): EndedTransaction | undefined {
    if (header.producerId < 0) return undefined;
    const before = this.#states.get(header.producerId);
    if (!isControl(header.attributes)) {
      this.set(stateAfterBatch(before, header, baseOffset, nowMs));
      return undefined;
    }
    if (marker === undefined) return undefined;
    this.set(stateAfterMarker(before, header, marker, nowMs));
    if (before === undefined || before.transactionFirstOffset < 0) return undefined;
    const ended: EndedTransaction = {
      producerId: header.producerId,
      firstOffset: before.transactionFirstOffset,
      lastOffset: baseOffset + header.lastOffsetDelta,
      isAborted: marker.type === 'abort',
    };
    this.#ended.push(ended);
    return ended;
  }

  /** The first offset of a transaction whose end readers can't know yet; `Infinity` when there is none. */
  firstUnstableOffset(highWatermark: number): number {
    if (this.#open.size === 0 && this.#ended.length === 0) return Infinity;
    if (this.#ended.length > 0) {
      this.#ended = this.#ended.filter((ended) => ended.lastOffset >= highWatermark);
    }
    let first = this.firstOpenOffset();
    for (const ended of this.#ended) first = Math.min(first, ended.firstOffset);
    return first;
  }

  firstOpenOffset(): number {
    let first = Infinity;
    for (const offset of this.#open.keys()) first = Math.min(first, offset);
    return first;
  }

  /** Forgets producers that were idle since before `sinceMs` and have no transaction open. */
  expire(sinceMs: number): void {
    for (const state of this.#states.values()) {
      if (state.lastSeenMs >= sinceMs || state.transactionFirstOffset >= 0) continue;
      this.#version += 1;
      this.#states.delete(state.producerId);
    }
  }

  clear(): void {
    if (this.#states.size > 0) this.#version += 1;
    this.#states.clear();
    this.#open.clear();
    this.#ended = [];
  }

  #forgetOldest(): void {
    for (const state of this.#states.values()) {
      if (state.transactionFirstOffset >= 0) continue;
      this.#states.delete(state.producerId);
      return;
    }
  }
}

/** The states as one write in flight would leave them. Dropped when the write fails. */
export class StagedProducerStates {
  readonly #states: { get(producerId: number): ProducerState | undefined };
  readonly #changed = new Map<number, ProducerState>();

  constructor(states: { get(producerId: number): ProducerState | undefined }) {
    this.#states = states;
  }

  get(producerId: number): ProducerState | undefined {
    return this.#changed.get(producerId) ?? this.#states.get(producerId);
  }

  set(state: ProducerState): void {
    this.#changed.set(state.producerId, state);
  }

  copyTo(target: StagedProducerStates): void {
    for (const state of this.#changed.values()) target.set(state);
  }
}
