import { isAborted, type Clock, type Logger, type Random } from '@millrace/foundation';
import { ErrorCode } from '@millrace/kafka-protocol';
import type { MarkerWriter } from './marker-writer.ts';
import { transactionRecord } from './transaction-records.ts';
import {
  includesAll,
  isEnding,
  isSettled,
  newTransaction,
  type PartitionsByTopic,
  type Token,
  type Transaction,
  type TransactionState,
} from './transaction-state.ts';
import {
  checkProducer,
  needsProducerId,
  refusedProducer,
  stepTransaction,
  type AddEvent,
  type EndEvent,
  type InitEvent,
  type ProducerAnswer,
  type TransactionEffect,
  type TransactionEvent,
} from './transaction-step.ts';
import type { TransactionStore } from './transaction-store.ts';

export interface TransactionCoordinatorOptions {
  readonly store: TransactionStore;
  readonly markers: MarkerWriter;
  readonly newProducerId: () => Promise<number>;
  /** Stamped into markers: the leader epoch of `__transaction_state`. */
  readonly coordinatorEpoch: () => number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly limits: {
    readonly transactionalIdsMax: number;
    readonly timeoutMsMax: number;
    readonly idExpirationMs: number;
    readonly abortIntervalMs: number;
    readonly expirationIntervalMs: number;
    /** How long a request waits for the end of the transaction before it, rather than come again. */
    readonly settleMsMax: number;
  };
}

export type InitRequest = Omit<InitEvent, 'kind' | 'token' | 'freshProducerId'> & {
  readonly transactionalId: string;
};
export type AddRequest = Omit<AddEvent, 'kind' | 'token'> & { readonly transactionalId: string };
export type EndRequest = Omit<EndEvent, 'kind' | 'token' | 'freshProducerId'> & {
  readonly transactionalId: string;
};

interface Entry {
  readonly transaction: Transaction;
  /** Called when nothing is on its way any more. */
  readonly settled: Set<() => void>;
  /** The tail of the additions that wait for one another, so that the writes behind them keep their order. */
  adding: Promise<number> | undefined;
}

const COMPLETION_RETRY_MS = 100;

/**
 * Drives the transactions: hands events to the step function, answers who waits, stores what must be
 * durable, has markers written, looks at the clock. One loop owns all transactions; nothing is locked.
 */
export class TransactionCoordinator {
  readonly #options: TransactionCoordinatorOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #waiting = new Map<Token, (answer: ProducerAnswer) => void>();
  readonly #closing = new AbortController();
  readonly #work = new Set<Promise<void>>();
  readonly #startedMs: number;
  readonly #startedMonotonicMs: number;
  #nextToken = 1;

  private constructor(options: TransactionCoordinatorOptions) {
    this.#options = options;
    this.#startedMs = options.clock.nowMs();
    this.#startedMonotonicMs = options.clock.monotonicMs();
  }

  /** Reads all transactions back. What was prepared is completed in the background. */
  static async open(options: TransactionCoordinatorOptions): Promise<TransactionCoordinator> {
    const coordinator = new TransactionCoordinator(options);
    await options.store.replay(({ transactionalId, state }) => {
      if (state === null) coordinator.#entries.delete(transactionalId);
      else coordinator.#entries.set(transactionalId, entryOf(transactionalId, state));
    });
    const { abortIntervalMs, expirationIntervalMs } = options.limits;
    for (const entry of coordinator.#entries.values()) {
      if (isEnding(entry.transaction)) coordinator.#writeMarkers(entry, entry.transaction.state);
    }
    coordinator.#every(abortIntervalMs, () => coordinator.abortOverdue());
    coordinator.#every(expirationIntervalMs, () => coordinator.expireIds());
    return coordinator;
  }

  get transactionCount(): number {
    return this.#entries.size;
  }

  /** Of every transactional id what is durable. */
  *transactions(): Iterable<{
    readonly transactionalId: string;
    readonly state: TransactionState;
  }> {
    for (const { transaction } of this.#entries.values()) yield transaction;
  }

  find(transactionalId: string): TransactionState | undefined {
    return this.#entries.get(transactionalId)?.transaction.state;
  }

  /** Epoch milliseconds that follow the steady clock, so that a jump of the wall clock aborts nothing. */
  nowMs(): number {
    const { clock } = this.#options;
    return this.#startedMs + Math.floor(clock.monotonicMs() - this.#startedMonotonicMs);
  }

  async init(request: InitRequest): Promise<ProducerAnswer> {
    const { transactionalId, timeoutMs } = request;
    const { timeoutMsMax } = this.#options.limits;
    if (timeoutMs <= 0 || timeoutMs > timeoutMsMax)
      return refusedProducer(ErrorCode.INVALID_TRANSACTION_TIMEOUT);
    const entry = await this.#ensure(transactionalId, timeoutMs);
    if (typeof entry === 'number') return refusedProducer(entry);
    const ask = (): Promise<ProducerAnswer> =>
      this.#ask(entry, (token, freshProducerId) => ({
        ...request,
        kind: 'init',
        token,
        freshProducerId,
      }));
    await this.#settle(entry);
    const answer = await ask();
    if (answer.errorCode !== ErrorCode.CONCURRENT_TRANSACTIONS) return answer;
    // What was open is being aborted now.
    await this.#settle(entry);
    return ask();
  }

  /** Adds partitions to the transaction, which begins with the first of them. Answers an error code. */
  async add(request: AddRequest): Promise<number> {
    const entry = this.#entries.get(request.transactionalId);
    if (entry === undefined) return this.#refusalWithoutEntry();
    await this.#settle(entry);
    const { errorCode } = await this.#step(entry, (token) => ({ ...request, kind: 'add', token }));
    return errorCode;
  }

  /**
   * As `add`, for partitions that come with a write (KIP-890). At once when there is nothing to do; else
   * one after the other, and a transaction that is just ending is waited for, as it takes milliseconds.
   */
  addWithWrite(request: AddRequest): number | Promise<number> {
    const entry = this.#entries.get(request.transactionalId);
    if (entry === undefined) return this.#refusalWithoutEntry();
    if (entry.adding === undefined) {
      const known = findKnownAnswer(entry.transaction, request);
      if (known !== undefined) return known;
    }
    const adding = (entry.adding ?? Promise.resolve(0)).then(() =>
      this.#addSettled(entry, request),
    );
    entry.adding = adding;
    void adding.then(() => {
      if (entry.adding === adding) entry.adding = undefined;
    });
    return adding;
  }

  #addSettled(entry: Entry, request: AddRequest): number | Promise<number> {
    const known = findKnownAnswer(entry.transaction, request);
    if (known !== undefined) return known;
    return this.#settle(entry).then(() =>
      isSettled(entry.transaction) ? this.add(request) : ErrorCode.CONCURRENT_TRANSACTIONS,
    );
  }

  /** Whether the producer may write to the partition: it was added before, and the transaction is open. */
  verify(
    request: Pick<AddRequest, 'transactionalId' | 'producerId' | 'epoch'>,
    topic: string,
    partition: number,
  ): number {
    const transaction = this.#entries.get(request.transactionalId)?.transaction;
    if (transaction === undefined) return this.#refusalWithoutEntry();
    const refusal = checkProducer(transaction, request.producerId, request.epoch);
    if (refusal !== ErrorCode.NONE) return refusal;
    if (isEnding(transaction)) return ErrorCode.CONCURRENT_TRANSACTIONS;
    const isIn = transaction.state.partitions.get(topic)?.has(partition) === true;
    return isIn ? ErrorCode.NONE : ErrorCode.TRANSACTION_ABORTABLE;
  }

  async end(request: EndRequest): Promise<ProducerAnswer> {
    const entry = this.#entries.get(request.transactionalId);
    if (entry === undefined) return refusedProducer(this.#refusalWithoutEntry());
    await this.#settle(entry);
    return this.#ask(entry, (token, freshProducerId) => ({
      ...request,
      kind: 'end',
      token,
      freshProducerId,
    }));
  }

  /** Aborts what has been open for longer than its time-out. */
  abortOverdue(): void {
    for (const entry of [...this.#entries.values()]) this.#run(entry, { kind: 'time-passed' });
  }

  /** Forgets ids that were idle for `transactional.id.expiration.ms`. */
  expireIds(): void {
    const sinceMs = this.nowMs() - this.#options.limits.idExpirationMs;
    for (const entry of [...this.#entries.values()]) {
      if (entry.transaction.state.updateMs <= sinceMs) this.#run(entry, { kind: 'expire' });
    }
  }

  /** Resolves once no marker and no state is on its way. For tests and a clean stop. */
  async idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  /** Answers who waits. What is prepared is completed after the next start. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const resolve of this.#waiting.values())
      resolve(refusedProducer(ErrorCode.COORDINATOR_NOT_AVAILABLE));
    this.#waiting.clear();
    await this.idle();
  }

  async #ensure(transactionalId: string, timeoutMs: number): Promise<Entry | number> {
    const known = this.#entries.get(transactionalId);
    if (known !== undefined) return known;
    // INV-6: bounded by transactional.ids.max.
    if (this.#entries.size >= this.#options.limits.transactionalIdsMax)
      return ErrorCode.POLICY_VIOLATION;
    const producerId = await this.#freshProducerId();
    if (producerId === undefined) return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    const made = this.#entries.get(transactionalId);
    if (made !== undefined) return made;
    const transaction = newTransaction(transactionalId, producerId, timeoutMs, this.nowMs());
    const entry: Entry = { transaction, settled: new Set(), adding: undefined };
    this.#entries.set(transactionalId, entry);
    return entry;
  }

  async #freshProducerId(): Promise<number | undefined> {
    try {
      return await this.#options.newProducerId();
    } catch (error) {
      this.#options.log.warn(
        { err: error },
        'producer ids could not be reserved; clients try again',
      );
      return undefined;
    }
  }

  /** A step for which a new producer id may be needed. */
  async #ask(
    entry: Entry,
    eventFor: (token: Token, freshProducerId: number | undefined) => InitEvent | EndEvent,
  ): Promise<ProducerAnswer> {
    const isNeeded = needsProducerId(entry.transaction, eventFor(0, undefined));
    const fresh = isNeeded ? await this.#freshProducerId() : undefined;
    return this.#step(entry, (token) => eventFor(token, fresh));
  }

  #step(entry: Entry, eventFor: (token: Token) => TransactionEvent): Promise<ProducerAnswer> {
    if (isAborted(this.#closing.signal))
      return Promise.resolve(refusedProducer(ErrorCode.COORDINATOR_NOT_AVAILABLE));
    return new Promise((resolve) => {
      const token = this.#nextToken;
      this.#nextToken += 1;
      this.#waiting.set(token, resolve);
      this.#run(entry, eventFor(token));
    });
  }

  #run(entry: Entry, event: TransactionEvent): void {
    const effects = stepTransaction(entry.transaction, event, this.nowMs());
    for (const effect of effects) this.#perform(entry, effect);
    if (isSettled(entry.transaction)) {
      for (const wake of [...entry.settled]) wake();
    }
  }

  #perform(entry: Entry, effect: TransactionEffect): void {
    switch (effect.kind) {
      case 'answer':
        this.#waiting.get(effect.token)?.(effect.answer);
        this.#waiting.delete(effect.token);
        break;
      case 'store':
        this.#track(this.#store(entry, effect.next));
        break;
      case 'store-tombstone':
        this.#track(this.#store(entry, null));
        break;
      case 'write-markers':
        this.#writeMarkers(entry, effect.state);
        break;
      case 'retry-completion':
        this.#track(this.#completeLater(entry));
        break;
      case 'forget':
        this.#entries.delete(entry.transaction.transactionalId);
        break;
    }
  }

  async #store(entry: Entry, state: TransactionState | null): Promise<void> {
    const { transactionalId } = entry.transaction;
    const record = transactionRecord(transactionalId, state);
    // A completion that is lost is repeated after the restart: the markers are written again, over nothing.
    const isDurable = state?.phase !== 'CompleteCommit' && state?.phase !== 'CompleteAbort';
    const errorCode = await this.#options.store.append(transactionalId, record, { isDurable });
    this.#run(entry, { kind: 'stored', errorCode });
  }

  #writeMarkers(entry: Entry, state: TransactionState): void {
    this.#track(this.#writeAllMarkers(entry, state));
  }

  async #writeAllMarkers(entry: Entry, state: TransactionState): Promise<void> {
    const { markers, coordinatorEpoch, log } = this.#options;
    const end = {
      producerId: state.producerId,
      epoch: state.epoch,
      coordinatorEpoch: coordinatorEpoch(),
      isCommit: state.phase === 'PrepareCommit',
    };
    try {
      await markers.writeAll(end, state.partitions, this.#closing.signal);
    } catch (error) {
      if (isAborted(this.#closing.signal)) return;
      const { transactionalId } = entry.transaction;
      log.error({ transactionalId, err: error }, 'a transaction is stuck until the next start');
      return;
    }
    this.#run(entry, { kind: 'markers-written' });
  }

  async #completeLater(entry: Entry): Promise<void> {
    await this.#sleep(COMPLETION_RETRY_MS);
    if (!isAborted(this.#closing.signal)) this.#run(entry, { kind: 'markers-written' });
  }

  /**
   * Until nothing is on its way, or the time for that is over: clients that are told to come again
   * do so much later than the few milliseconds that this mostly takes.
   */
  async #settle(entry: Entry): Promise<void> {
    if (isSettled(entry.transaction)) return;
    const ended = new AbortController();
    const { clock, limits } = this.#options;
    let wake: (() => void) | undefined;
    const isSettledNow = new Promise<void>((resolve) => {
      wake = resolve;
      entry.settled.add(resolve);
    });
    const timeIsOver = clock
      .sleep(limits.settleMsMax, AbortSignal.any([ended.signal, this.#closing.signal]))
      .catch(() => undefined); // settled before, or closing
    await Promise.race([isSettledNow, timeIsOver]);
    if (wake !== undefined) entry.settled.delete(wake);
    ended.abort();
  }

  #every(intervalMs: number, work: () => void): void {
    const loop = async (): Promise<void> => {
      for (;;) {
        await this.#sleep(intervalMs);
        if (isAborted(this.#closing.signal)) return;
        work();
      }
    };
    // Ends with the coordinator; nothing in it throws.
    void loop();
  }

  async #sleep(ms: number): Promise<void> {
    await this.#options.clock.sleep(ms, this.#closing.signal).catch(() => undefined); // closing
  }

  #track(work: Promise<void>): void {
    this.#work.add(work);
    void work.finally(() => this.#work.delete(work));
  }

  #refusalWithoutEntry(): number {
    return isAborted(this.#closing.signal)
      ? ErrorCode.COORDINATOR_NOT_AVAILABLE
      : ErrorCode.INVALID_PRODUCER_ID_MAPPING;
  }
}

/** What can be said without storing anything; undefined when the partitions must be added. */
function findKnownAnswer(transaction: Transaction, request: AddRequest): number | undefined {
  const refusal = checkProducer(transaction, request.producerId, request.epoch);
  if (refusal !== ErrorCode.NONE) return isSettled(transaction) ? refusal : undefined;
  const isIn =
    isSettled(transaction) &&
    transaction.state.phase === 'Ongoing' &&
    includesAll(transaction.state.partitions, request.partitions);
  return isIn ? ErrorCode.NONE : undefined;
}

function entryOf(transactionalId: string, state: TransactionState): Entry {
  return {
    transaction: { transactionalId, state, pending: undefined },
    settled: new Set(),
    adding: undefined,
  };
}

export function partitionsOf(
  topics: readonly { readonly name: string; readonly partitions: readonly number[] }[],
): PartitionsByTopic {
  return new Map(topics.map(({ name, partitions }) => [name, new Set(partitions)]));
}
