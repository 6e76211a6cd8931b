import { deferred, isAborted, MillraceError, must } from '@millrace/foundation';
import { ErrorCode } from '@millrace/kafka-protocol';
import type { BrokerLinks } from './broker-link.ts';
import type { Cluster } from './cluster.ts';
import type { GroupMetadata, OffsetToCommit } from './consumer-api.ts';
import { Coordinator } from './coordinator.ts';
import { asMillrace } from './errors.ts';
import {
  invalidTransactionState,
  producerFenced,
  transactionAborted,
  transactionFailed,
  transactionMustAbort,
  transactionPending,
} from './errors-transactions.ts';
import type { Identity, IdentityEvents } from './identity.ts';
import type { ProducerIdentity } from './producer-batch.ts';
import type { TopicPartition } from './records.ts';
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  LEGACY_PRODUCE_MAX,
  txnOffsetCommit,
} from './transaction-requests.ts';
import { judgeTransactionError } from './transaction-verdict.ts';

/** The end of the former transaction may still be on its way to the partitions, but not for long. */
const RETRY_BACKOFF_MS = 20;

export interface TransactionOptions {
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
  readonly maxBlockMs: number;
}

/** `failing`: can only be aborted. `failed`: the producer can't go on. */
type Phase =
  'uninitialised' | 'ready' | 'in a transaction' | 'committing' | 'aborting' | 'failing' | 'failed';

/**
 * The transactions of one producer: which step may follow which, what the coordinator is told, and
 * what an error does. Two flows. Before KIP-890 partitions and groups are added before they are
 * written to, and all transactions share an epoch, which is bumped after a batch of unknown fate. With
 * it they join by being written to, and each end of a transaction brings the epoch of the next.
 */
export class Transaction implements Identity {
  readonly isIdempotent = true;
  readonly afterGap = 'fail';
  readonly transactionalId: string;
  readonly #cluster: Cluster;
  readonly #options: TransactionOptions;
  readonly #events: IdentityEvents;
  readonly #links: BrokerLinks;
  readonly #coordinator: Coordinator;
  readonly #groupCoordinators = new Map<string, Coordinator>();
  readonly #stop = new AbortController();
  /** Of what is added to the open transaction; an abort ends the retries, not the request under way. */
  #adds = new AbortController();
  #phase: Phase = 'uninitialised';
  #failure: MillraceError | undefined;
  #identity: ProducerIdentity | undefined;
  #isBumping = false;
  /** The coordinator has, or may have, an open transaction of ours. */
  #isOpen = false;
  /** The broker's sequences and ours may differ. */
  #mustBump = false;
  readonly #added = new Set<string>();
  readonly #toAdd = new Map<string, TopicPartition>();
  #adding: Promise<void> | undefined;
  /** The coordinator has given our id away, after `transactional.id.expiration.ms`. */
  #isForgotten = false;
  /** What goes on with the coordinator; one thing at a time, finished even when nobody waits. */
  #initialising: Promise<void> | undefined;
  #ending: { readonly committed: boolean; readonly done: Promise<void> } | undefined;
  readonly #sendingOffsets = new Set<Promise<void>>();

  constructor(cluster: Cluster, options: TransactionOptions, events: IdentityEvents) {
    this.#cluster = cluster;
    this.#options = options;
    this.#events = events;
    this.transactionalId = options.transactionalId;
    this.#links = cluster.newLinks();
    this.#coordinator = new Coordinator(
      cluster,
      this.#links,
      options.transactionalId,
      'transaction',
    );
  }

  get produceVersionMax(): number | undefined {
    return this.#isBumping ? undefined : LEGACY_PRODUCE_MAX;
  }

  get failure(): MillraceError | undefined {
    return this.#failure;
  }

  /** Something is to be ended before the producer is closed. */
  get isUnfinished(): boolean {
    return this.#phase === 'in a transaction' || this.#phase === 'failing';
  }

  current(): ProducerIdentity | 'pending' {
    return this.#identity ?? 'pending';
  }

  renewed(): undefined {
    return undefined; // only by the end of the transaction
  }

  mayWrite(topic: string, partition: number): boolean {
    if (this.#isBumping) return true;
    const key = `${partition} ${topic}`;
    if (this.#added.has(key)) return true;
    if (!this.#toAdd.has(key)) {
      this.#toAdd.set(key, { topic, partition });
      this.#addSoon();
    }
    return false;
  }

  onWrite(): void {
    this.#isOpen = true;
  }

  onBatchFailed(error: MillraceError, wasSent: boolean): void {
    if (wasSent) this.#mustBump = true;
    if (this.#phase === 'failing' || this.#phase === 'failed' || this.#phase === 'aborting') return;
    this.#fail(error, 'leader');
  }

  get refusal(): MillraceError | undefined {
    if (this.#phase === 'in a transaction') return undefined;
    return this.#failure ?? invalidTransactionState('send', this.#phase);
  }

  async init(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#phase !== 'uninitialised') {
      throw this.#failure ?? invalidTransactionState('initialise transactions', this.#phase);
    }
    this.#initialising ??= this.#initialise(undefined).finally(() => {
      this.#initialising = undefined;
    });
    await this.#within(this.#initialising, 'initialise', signal);
    this.#phase = 'ready';
  }

  begin(): void {
    if (this.#phase !== 'ready') {
      throw this.#failure ?? invalidTransactionState('begin a transaction', this.#phase);
    }
    this.#ending = undefined;
    this.#adds = new AbortController();
    this.#phase = 'in a transaction';
  }

  async sendOffsets(offsets: readonly OffsetToCommit[], group: GroupMetadata): Promise<void> {
    if (this.#phase !== 'in a transaction') {
      throw this.#failure ?? invalidTransactionState('send offsets', this.#phase);
    }
    if (offsets.length === 0) return;
    const sending = this.#sendOffsets(offsets, group);
    this.#sendingOffsets.add(sending);
    try {
      await this.#within(sending, 'take offsets', undefined);
    } finally {
      void sending.catch(() => undefined).then(() => this.#sendingOffsets.delete(sending));
    }
  }

  /** From here on until `end` records are refused, but what is buffered is still sent. */
  startCommit(): void {
    if (this.#ending?.committed === true) return; // once more, after it was pending
    if (this.#phase !== 'in a transaction') {
      throw this.#failure ?? invalidTransactionState('commit', this.#phase);
    }
    this.#phase = 'committing';
  }

  /** What is buffered fails. */
  startAbort(): void {
    if (this.#phase === 'failed') throw must(this.#failure, 'a failed producer knows why');
    if (this.#ending?.committed === false) return; // once more, after it was pending
    if (this.#phase !== 'in a transaction' && this.#phase !== 'failing') {
      throw invalidTransactionState('abort', this.#phase);
    }
    this.#phase = 'aborting';
    this.#adds.abort(transactionAborted(this.transactionalId));
    this.#failure = transactionAborted(this.transactionalId);
    this.#toAdd.clear();
    this.#events.changed();
  }

  /** Once nothing is under way any more: tells the coordinator how it ends. */
  async end(committed: boolean): Promise<void> {
    this.#ending ??= { committed, done: this.#end(committed) };
    const ending = this.#ending;
    try {
      await this.#within(ending.done, committed ? 'commit' : 'abort', undefined);
    } catch (error) {
      if (error instanceof MillraceError && error.code === 'client.transaction_pending')
        throw error;
      this.#ending = undefined;
      throw error;
    }
    this.#ending = undefined;
  }

  /** Waiting ends; what the coordinator was told stays told. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#adds.abort();
    await this.#links.close();
  }

  async #initialise(former: ProducerIdentity | undefined): Promise<void> {
    try {
      const { identity, isBumping } = await this.#asking(async () => {
        const answer = await initProducerId(
          this.#coordinator,
          this.#options.transactionTimeoutMs,
          former,
        );
        this.#check(answer.errorCode, 'initialise the producer');
        return answer;
      });
      this.#identity = identity;
      this.#isBumping = isBumping;
    } catch (error) {
      throw this.#giveUp(error);
    }
  }

  /** All that was asked for in one turn of the loop goes into one request. */
  #addSoon(): void {
    this.#adding ??= Promise.resolve()
      .then(() => this.#add())
      .catch((error: unknown) => void this.#fail(asMillrace(error), 'coordinator'))
      .finally(() => {
        this.#adding = undefined;
        if (this.#toAdd.size > 0 && this.#failure === undefined) this.#addSoon();
        else this.#events.changed();
      });
  }

  async #add(): Promise<void> {
    await this.#asking(async () => {
      const wanted = [...this.#toAdd.values()];
      if (wanted.length === 0) return;
      this.#isOpen = true;
      const identity = must(this.#identity, 'an initialised producer');
      const results = await addPartitionsToTxn(this.#coordinator, identity, wanted);
      // One that is refused keeps the others from being tried, so its error is the one to tell.
      const refused = results.find(
        ({ errorCode }) => errorCode !== 0 && errorCode !== ErrorCode.OPERATION_NOT_ATTEMPTED,
      );
      if (refused !== undefined) {
        const { partition, topic } = refused.partition;
        this.#check(refused.errorCode, `add ${topic}-${partition} to the transaction`);
      }
      for (const { topic, partition } of wanted) {
        this.#added.add(`${partition} ${topic}`);
        this.#toAdd.delete(`${partition} ${topic}`);
      }
    }, this.#adds.signal);
  }

  async #sendOffsets(offsets: readonly OffsetToCommit[], group: GroupMetadata): Promise<void> {
    const identity = must(this.#identity, 'an initialised producer');
    this.#isOpen = true;
    try {
      if (!this.#isBumping) {
        await this.#asking(async () => {
          this.#check(
            await addOffsetsToTxn(this.#coordinator, identity, group.groupId),
            `add group "${group.groupId}" to the transaction`,
          );
        }, this.#adds.signal);
      }
      const coordinator = this.#groupCoordinator(group.groupId);
      await this.#asking(async () => {
        const code = await txnOffsetCommit(
          coordinator,
          this.transactionalId,
          identity,
          this.#isBumping,
          group,
          offsets,
        );
        if (code !== 0) throw coordinator.refuse(code, 'commit offsets of group');
      }, this.#adds.signal);
    } catch (error) {
      throw this.#fail(asMillrace(error), 'coordinator');
    }
  }

  #groupCoordinator(groupId: string): Coordinator {
    const known = this.#groupCoordinators.get(groupId);
    if (known !== undefined) return known;
    const coordinator = new Coordinator(this.#cluster, this.#links, groupId);
    this.#groupCoordinators.set(groupId, coordinator);
    return coordinator;
  }

  async #end(committed: boolean): Promise<void> {
    const identity = must(this.#identity, 'an initialised producer');
    // What would come after the end would begin another transaction.
    while (this.#adding !== undefined) await this.#adding;
    await Promise.allSettled([...this.#sendingOffsets]);
    if (committed && this.#failure !== undefined) throw this.#failure;
    try {
      let mustBump = this.#mustBump || this.#isForgotten;
      if (this.#isOpen && !this.#isForgotten) {
        const next = await this.#asking(async () => {
          const answer = await endTxn(this.#coordinator, identity, this.#isBumping, committed);
          this.#check(answer.errorCode, committed ? 'commit' : 'abort');
          return answer.next;
        });
        if (next !== undefined) {
          this.#identity = next;
          mustBump = false;
        }
      }
      this.#isOpen = false;
      this.#added.clear();
      this.#toAdd.clear();
      if (mustBump) await this.#initialise(identity);
      this.#mustBump = false;
      this.#isForgotten = false;
      this.#failure = undefined;
      this.#phase = 'ready';
    } catch (error) {
      // An abort that is refused leaves no way out.
      throw committed ? this.#fail(asMillrace(error), 'coordinator') : this.#giveUp(error);
    }
  }

  #check(errorCode: number, doing: string): void {
    if (errorCode !== 0) throw this.#coordinator.refuse(errorCode, `${doing}: transactional id`);
  }

  /** Retried for as long as it may help: the coordinator's answer decides, not our patience. */
  async #asking<T>(ask: () => Promise<T>, signal = this.#stop.signal): Promise<T> {
    return await this.#cluster.retrying(Infinity, signal, ask, {
      isRetriable: (error) => judgeTransactionError(asMillrace(error), 'coordinator') === 'retry',
      initialDelayMs: RETRY_BACKOFF_MS,
    });
  }

  /** Waits on what goes on by itself, but not for ever. */
  async #within<T>(
    work: Promise<T>,
    operation: string,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const { maxBlockMs } = this.#options;
    const aborted = deferred<never>();
    const onAbort = (): void => aborted.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#cluster.watch.guard(
        Promise.race([work, aborted.promise]),
        maxBlockMs,
        () => transactionPending(this.transactionalId, operation, maxBlockMs),
      );
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** What became of the transaction; returns what to tell. */
  #fail(error: MillraceError, asked: 'leader' | 'coordinator'): MillraceError {
    if (isAborted(this.#stop.signal) || this.#phase === 'failed') return this.#failure ?? error;
    if (error.code === 'kafka.invalid_producer_id_mapping') this.#isForgotten = true;
    const verdict = judgeTransactionError(error, asked);
    if (verdict === 'fenced' || verdict === 'fatal') return this.#giveUp(error);
    if (this.#phase === 'failing' || this.#phase === 'aborting') return this.#failure ?? error;
    this.#failure = transactionMustAbort(this.transactionalId, error);
    this.#phase = 'failing';
    this.#events.changed();
    return this.#failure;
  }

  #giveUp(thrown: unknown): MillraceError {
    const error = asMillrace(thrown);
    if (isAborted(this.#stop.signal)) return error;
    const isFenced = judgeTransactionError(error, 'coordinator') === 'fenced';
    this.#failure = isFenced
      ? producerFenced(this.transactionalId, error)
      : transactionFailed(this.transactionalId, error);
    this.#phase = 'failed';
    this.#events.changed();
    return this.#failure;
  }
}
