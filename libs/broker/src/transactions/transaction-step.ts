import { must, unreachable } from '@millrace/foundation';
import { ErrorCode } from '@millrace/kafka-protocol';
import {
  EPOCH_BUMP_VERSION,
  includesAll,
  isEnding,
  isEpochExhausted,
  isSettled,
  NO_EPOCH,
  NO_PARTITIONS,
  NO_PRODUCER_ID,
  union,
  type PartitionsByTopic,
  type Pending,
  type Token,
  type Transaction,
  type TransactionState,
} from './transaction-state.ts';

/*
 * A transactional id as a step function: an event comes in, the state changes, effects go out. No
 * clock, no chance, no I/O. The rules are Kafka's: KIP-98, KIP-360 (a producer that goes on after an
 * error), KIP-890 (a new epoch with each end of a transaction, for clients that know it).
 *
 *   Empty -> Ongoing -> PrepareCommit -> CompleteCommit -> Ongoing ...
 *                    -> PrepareAbort  -> CompleteAbort  -> Ongoing ...
 *
 * A change counts once the coordinator has stored it and says so with 'stored' (INV-7). From Prepare
 * on the outcome stands: markers go to all partitions, then 'markers-written' completes it. While
 * something is on its way, everybody else is told to come again.
 */
export interface InitEvent {
  readonly kind: 'init';
  readonly token: Token;
  readonly timeoutMs: number;
  /** What a producer that goes on after an error had until now (KIP-360). */
  readonly expected: { readonly producerId: number; readonly epoch: number } | undefined;
  /** Given when `needsProducerId` asks for it. */
  readonly freshProducerId: number | undefined;
}

export interface AddEvent {
  readonly kind: 'add';
  readonly token: Token;
  readonly producerId: number;
  readonly epoch: number;
  readonly partitions: PartitionsByTopic;
  readonly clientVersion: number;
}

export interface EndEvent {
  readonly kind: 'end';
  readonly token: Token;
  readonly producerId: number;
  readonly epoch: number;
  readonly isCommit: boolean;
  readonly clientVersion: number;
  readonly freshProducerId: number | undefined;
}

export type TransactionEvent =
  | InitEvent
  | AddEvent
  | EndEvent
  | { readonly kind: 'stored'; readonly errorCode: number }
  | { readonly kind: 'markers-written' }
  /** A look at the clock: a transaction that takes too long is aborted. */
  | { readonly kind: 'time-passed' }
  /** Nobody has used the id for long. */
  | { readonly kind: 'expire' };

export interface ProducerAnswer {
  readonly errorCode: number;
  readonly producerId: number;
  readonly epoch: number;
}

export type TransactionEffect =
  | { readonly kind: 'answer'; readonly token: Token; readonly answer: ProducerAnswer }
  /** To be written durably; then a 'stored' event is due. */
  | { readonly kind: 'store'; readonly next: TransactionState }
  | { readonly kind: 'store-tombstone' }
  /** To all partitions of the state; then a 'markers-written' event is due. */
  | { readonly kind: 'write-markers'; readonly state: TransactionState }
  /** The completion could not be stored; 'markers-written' is due again, later. */
  | { readonly kind: 'retry-completion' }
  | { readonly kind: 'forget' };

/** Whether the event may need a producer id that is new: the driver gets one before the step. */
export function needsProducerId({ state }: Transaction, event: InitEvent | EndEvent): boolean {
  if (!isEpochExhausted(state.epoch)) return false;
  return event.kind === 'init' || event.clientVersion >= EPOCH_BUMP_VERSION;
}

/** Changes `transaction` in place and returns what the world must now be told. */
export function stepTransaction(
  transaction: Transaction,
  event: TransactionEvent,
  nowMs: number,
): readonly TransactionEffect[] {
  const step = new Step(transaction, nowMs);
  switch (event.kind) {
    case 'init':
      step.init(event);
      break;
    case 'add':
      step.add(event);
      break;
    case 'end':
      step.end(event);
      break;
    case 'stored':
      step.stored(event.errorCode);
      break;
    case 'markers-written':
      step.complete();
      break;
    case 'time-passed':
      step.abortIfOverdue();
      break;
    case 'expire':
      step.expire();
      break;
    default:
      return unreachable(event);
  }
  return step.effects;
}

/**
 * What forbids a producer to write to a transaction, before it is known which partitions: 0 if nothing
 * does. While markers are written, a client of KIP-890 has its next id and epoch already.
 */
export function checkProducer({ state }: Transaction, producerId: number, epoch: number): number {
  const isRotating = state.nextProducerId !== NO_PRODUCER_ID;
  const current = isRotating ? state.nextProducerId : state.producerId;
  if (current !== producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING;
  return epoch === (isRotating ? 0 : state.epoch) ? ErrorCode.NONE : ErrorCode.PRODUCER_FENCED;
}

class Step {
  readonly effects: TransactionEffect[] = [];
  readonly #transaction: Transaction;
  readonly #state: TransactionState;
  readonly #nowMs: number;

  constructor(transaction: Transaction, nowMs: number) {
    this.#transaction = transaction;
    this.#state = transaction.state;
    this.#nowMs = nowMs;
  }

  init(event: InitEvent): void {
    const { token, expected } = event;
    const state = this.#state;
    if (!isSettled(this.#transaction)) {
      this.#refuse(token, ErrorCode.CONCURRENT_TRANSACTIONS);
    } else if (expected !== undefined && !this.#knowsProducer(expected)) {
      this.#refuse(token, ErrorCode.PRODUCER_FENCED);
    } else if (state.phase === 'Ongoing') {
      // The client comes again and gets an epoch above the one that this abort uses.
      this.#fence(token);
    } else if (
      isEpochExhausted(state.epoch) &&
      (expected === undefined || expected.epoch === state.epoch)
    ) {
      this.#rotateProducerId(event);
    } else {
      this.#bumpEpoch(event);
    }
  }

  #knowsProducer({ producerId, epoch }: { producerId: number; epoch: number }): boolean {
    const state = this.#state;
    return (
      state.epoch === NO_EPOCH ||
      producerId === state.producerId ||
      (producerId === state.previousProducerId && isEpochExhausted(epoch))
    );
  }

  #rotateProducerId({ token, timeoutMs, expected, freshProducerId }: InitEvent): void {
    if (freshProducerId === undefined) {
      this.#refuse(token, ErrorCode.CONCURRENT_TRANSACTIONS);
      return;
    }
    this.#store('init', token, {
      ...this.#initialised(timeoutMs),
      producerId: freshProducerId,
      epoch: 0,
      lastEpoch: expected === undefined ? NO_EPOCH : this.#state.epoch,
    });
  }

  #bumpEpoch({ token, timeoutMs, expected }: InitEvent): void {
    const state = this.#state;
    const isKnown =
      expected === undefined || state.epoch === NO_EPOCH || expected.epoch === state.epoch;
    if (isKnown) {
      this.#store('init', token, {
        ...this.#initialised(timeoutMs),
        epoch: state.epoch + 1,
        lastEpoch: expected === undefined ? NO_EPOCH : state.epoch,
      });
    } else if (expected.epoch === state.lastEpoch) {
      // A retry of a bump whose answer was lost: nobody came between, since a new producer clears lastEpoch.
      this.#store('init', token, this.#initialised(timeoutMs));
    } else {
      this.#refuse(token, ErrorCode.PRODUCER_FENCED);
    }
  }

  #initialised(timeoutMs: number): TransactionState {
    return {
      ...this.#state,
      previousProducerId: this.#state.producerId,
      nextProducerId: NO_PRODUCER_ID,
      timeoutMs,
      phase: 'Empty',
      partitions: NO_PARTITIONS,
      startMs: -1,
      updateMs: this.#nowMs,
      clientVersion: 0,
    };
  }

  add(event: AddEvent): void {
    const state = this.#state;
    const refusal = checkProducer(this.#transaction, event.producerId, event.epoch);
    if (refusal !== ErrorCode.NONE) {
      this.#refuse(event.token, refusal);
    } else if (!isSettled(this.#transaction)) {
      this.#refuse(event.token, ErrorCode.CONCURRENT_TRANSACTIONS);
    } else if (state.phase === 'Ongoing' && includesAll(state.partitions, event.partitions)) {
      this.#answer(event.token, state);
    } else {
      this.#store('add', event.token, {
        ...state,
        previousProducerId: state.producerId,
        phase: 'Ongoing',
        partitions: union(state.partitions, event.partitions),
        startMs: state.phase === 'Ongoing' ? state.startMs : this.#nowMs,
        updateMs: this.#nowMs,
        clientVersion: event.clientVersion,
      });
    }
  }

  end(event: EndEvent): void {
    const state = this.#state;
    const hasBumped = state.clientVersion >= EPOCH_BUMP_VERSION;
    const isRetryOfRotation =
      hasBumped &&
      state.epoch === 0 &&
      state.previousProducerId === event.producerId &&
      state.producerId !== event.producerId &&
      isEpochExhausted(event.epoch);
    const isRetry = isRetryOfRotation || (hasBumped && state.epoch === event.epoch + 1);
    const isNext =
      isEnding(this.#transaction) &&
      checkProducer(this.#transaction, event.producerId, event.epoch) === ErrorCode.NONE;
    if (isNext) {
      // The end of the next transaction, into which nothing was written, overtakes the markers of this.
      this.#refuse(event.token, ErrorCode.CONCURRENT_TRANSACTIONS);
    } else if (state.producerId !== event.producerId && !isRetryOfRotation) {
      this.#refuse(event.token, ErrorCode.INVALID_PRODUCER_ID_MAPPING);
    } else if (!this.#isEpochOf(event, isRetry)) {
      this.#refuse(event.token, ErrorCode.PRODUCER_FENCED);
    } else if (!isSettled(this.#transaction)) {
      this.#refuse(event.token, ErrorCode.CONCURRENT_TRANSACTIONS);
    } else if (state.phase === 'Ongoing') {
      this.#prepare(event);
    } else {
      this.#endAgain(event, isRetry);
    }
  }

  #isEpochOf(event: EndEvent, isRetry: boolean): boolean {
    const state = this.#state;
    if (event.clientVersion < EPOCH_BUMP_VERSION) return event.epoch === state.epoch;
    switch (state.phase) {
      case 'PrepareCommit':
      case 'PrepareAbort':
        return isRetry;
      case 'Ongoing':
        return event.epoch === state.epoch;
      default:
        return isRetry || event.epoch === state.epoch;
    }
  }

  /** No transaction is open: the answer to a retry, or the abort of nothing, which still bumps the epoch. */
  #endAgain(event: EndEvent, isRetry: boolean): void {
    const state = this.#state;
    const isBumping = event.clientVersion >= EPOCH_BUMP_VERSION;
    const wasSame =
      state.phase === (event.isCommit ? 'CompleteCommit' : 'CompleteAbort') &&
      (isRetry || !isBumping);
    if (wasSame) this.#answer(event.token, state);
    else if (isBumping && !isRetry && !event.isCommit) this.#prepare(event);
    else this.#refuse(event.token, ErrorCode.INVALID_TXN_STATE);
  }

  #prepare(event: EndEvent): void {
    const state = this.#state;
    const isBumping = event.clientVersion >= EPOCH_BUMP_VERSION;
    let nextProducerId = NO_PRODUCER_ID;
    if (isBumping && isEpochExhausted(state.epoch)) {
      if (event.freshProducerId === undefined) {
        this.#refuse(event.token, ErrorCode.CONCURRENT_TRANSACTIONS);
        return;
      }
      nextProducerId = event.freshProducerId;
    }
    this.#store('end', event.token, {
      ...state,
      previousProducerId: state.producerId,
      nextProducerId,
      phase: event.isCommit ? 'PrepareCommit' : 'PrepareAbort',
      ...(isBumping ? { epoch: state.epoch + 1, lastEpoch: state.epoch } : {}),
      startMs: state.phase === 'Ongoing' ? state.startMs : this.#nowMs,
      updateMs: this.#nowMs,
      clientVersion: event.clientVersion,
    });
  }

  /**
   * Aborts under the next epoch, so that whoever writes now is refused. A client of KIP-890 whose
   * transaction took too long gets that epoch when it aborts too, as in Kafka, and goes on.
   */
  #fence(token: Token | undefined): void {
    const state = this.#state;
    this.#store('fence', token, {
      ...state,
      previousProducerId: state.producerId,
      phase: 'PrepareAbort',
      epoch: state.epoch + 1,
      lastEpoch: state.epoch,
      updateMs: this.#nowMs,
      clientVersion: EPOCH_BUMP_VERSION,
    });
  }

  abortIfOverdue(): void {
    const { phase, startMs, timeoutMs } = this.#state;
    if (phase !== 'Ongoing' || this.#transaction.pending !== undefined) return;
    if (startMs + timeoutMs < this.#nowMs) this.#fence(undefined);
  }

  expire(): void {
    const { phase } = this.#state;
    const isIdle = phase === 'Empty' || phase === 'CompleteCommit' || phase === 'CompleteAbort';
    if (!isIdle || this.#transaction.pending !== undefined) return;
    const next: TransactionState = { ...this.#state, phase: 'Dead' };
    this.#transaction.pending = { kind: 'expire', next, token: undefined };
    this.effects.push({ kind: 'store-tombstone' });
  }

  complete(): void {
    if (!isEnding(this.#transaction) || this.#transaction.pending !== undefined) return;
    this.#store('complete', undefined, completed(this.#state, this.#nowMs));
  }

  stored(errorCode: number): void {
    const pending = must(this.#transaction.pending, 'what was stored was pending');
    this.#transaction.pending = undefined;
    if (errorCode !== ErrorCode.NONE) {
      this.#storeFailed(pending, errorCode);
      return;
    }
    this.#transaction.state = pending.next;
    const { kind, token, next } = pending;
    if (kind === 'expire') {
      this.effects.push({ kind: 'forget' });
    } else if (kind === 'fence' && token !== undefined) {
      this.#refuse(token, ErrorCode.CONCURRENT_TRANSACTIONS);
    } else if (token !== undefined) {
      this.#answer(token, kind === 'end' ? completed(next, this.#nowMs) : next);
    }
    // INV-7: the outcome is durable, so the partitions may be told.
    if (isEnding(this.#transaction)) this.effects.push({ kind: 'write-markers', state: next });
  }

  #storeFailed({ kind, token }: Pending, errorCode: number): void {
    if (token !== undefined) this.#refuse(token, errorCode);
    if (kind === 'complete') this.effects.push({ kind: 'retry-completion' });
    if (this.#state.epoch === NO_EPOCH) this.effects.push({ kind: 'forget' });
  }

  #store(kind: Pending['kind'], token: Token | undefined, next: TransactionState): void {
    this.#transaction.pending = { kind, next, token };
    this.effects.push({ kind: 'store', next });
  }

  #answer(token: Token, { producerId, epoch }: TransactionState): void {
    this.effects.push({
      kind: 'answer',
      token,
      answer: { errorCode: ErrorCode.NONE, producerId, epoch },
    });
  }

  #refuse(token: Token, errorCode: number): void {
    this.effects.push({ kind: 'answer', token, answer: refusedProducer(errorCode) });
  }
}

export function refusedProducer(errorCode: number): ProducerAnswer {
  return { errorCode, producerId: NO_PRODUCER_ID, epoch: NO_EPOCH };
}

/** The state once all markers of a prepared transaction are written. */
function completed(state: TransactionState, nowMs: number): TransactionState {
  const isRotated = state.nextProducerId !== NO_PRODUCER_ID;
  return {
    ...state,
    producerId: isRotated ? state.nextProducerId : state.producerId,
    previousProducerId: state.producerId,
    nextProducerId: NO_PRODUCER_ID,
    epoch: isRotated ? 0 : state.epoch,
    phase: state.phase === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort',
    partitions: NO_PARTITIONS,
    updateMs: nowMs,
  };
}
