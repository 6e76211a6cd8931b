import type { CommittedOffset } from '@millrace/connector-api';
import { isAborted, isRetriable, retry } from '@millrace/foundation';
import type { ProducerMetrics, TransactionalProducer } from '@millrace/kafka-client';
import { ownOffsetsTopic } from '../errors.ts';
import { partitionKey } from '../stores/offset-store.ts';
import type { TransactionSpan } from '../tracing/tracer.ts';
import { lastPositions } from './ack-tracker.ts';
import {
  countProduced,
  countRecords,
  sendAll,
  withoutRun,
  type DeliveryFailure,
  type Produced,
} from './runs.ts';
import {
  handleSendFailure,
  withOwnBytes,
  type ConvertedBatch,
  type DeliveryPorts,
  type SourceDelivery,
} from './source-delivery.ts';
import {
  BoundaryInterval,
  type RequestedBoundaries,
  type TransactionBoundary,
  type TransactionEnd,
} from './transaction-boundary.ts';

export interface ExactlyOnceOptions {
  readonly boundary: TransactionBoundary;
  readonly intervalMs: number;
  /** What the connector asked for; undefined unless it draws the boundaries. */
  readonly requested: RequestedBoundaries | undefined;
}

const COMMIT_RETRY = { initialDelayMs: 100, delayMaxMs: 10_000, deadlineMs: Infinity } as const;

/**
 * Records and the offsets behind them in one transaction (KIP-618): who reads `read_committed` sees each once, and a
 * task that starts again goes on behind exactly what they see. The transactional id is the task's, so that whoever
 * starts it anew fences the one before (INV-9).
 */
export class ExactlyOnceDelivery implements SourceDelivery {
  readonly takesPartOfPoll = false;
  readonly #ports: DeliveryPorts;
  readonly #producer: TransactionalProducer;
  readonly #options: ExactlyOnceOptions;
  readonly #interval: BoundaryInterval;
  #isOpen = false;
  /** A batch is partly in the transaction: the end of the task came while it waited for room. */
  #isTorn = false;
  #isFenced = false;
  /** What is not acknowledged yet; bounded by the producer's buffer, since `send` waits for room (INV-6). */
  readonly #outstanding = new Set<Promise<void>>();
  /** What the open transaction failed of. */
  #failure: { readonly error: unknown } | undefined;
  /** Behind what is in the open transaction, by source partition. */
  readonly #positions = new Map<string, CommittedOffset>();
  #active = 0;
  #activeBytes = 0;
  #arrivedAfterMs = 0;
  /** In the open transaction. */
  #recordCount = 0;

  constructor(ports: DeliveryPorts, producer: TransactionalProducer, options: ExactlyOnceOptions) {
    this.#ports = ports;
    this.#producer = producer;
    this.#options = options;
    this.#interval = new BoundaryInterval(ports.environment.clock, options.intervalMs);
  }

  get waiting(): SourceDelivery['waiting'] {
    return { records: this.#active, bytes: this.#activeBytes, ms: this.#arrivedAfterMs };
  }

  producerMetrics(): ProducerMetrics {
    return this.#producer.metrics();
  }

  async open(signal: AbortSignal): Promise<void> {
    await this.#producer.initTransactions(signal);
  }

  run(): Promise<void> {
    return Promise.resolve();
  }

  waitForRoom(): Promise<void> {
    return Promise.resolve(); // `send` waits for room in the producer's buffer
  }

  async deliver(batch: ConvertedBatch): Promise<void> {
    const { requested } = this.#options;
    for (const [part, end] of partsOf(batch, requested)) {
      await this.#send(part);
      await this.#end(end);
    }
    await this.#end(requested?.takeAfterBatch());
    await this.#endAtBoundary();
  }

  /** A quiet source's last records must not wait in an open transaction. */
  async idle(): Promise<void> {
    const { requested } = this.#options;
    await this.#end(requested?.takeAfterBatch());
    await this.#endAtBoundary();
  }

  async settle(): Promise<void> {
    // Boundaries that the connector draws are its own: what it has not ended is not delivered.
    if (this.#options.boundary !== 'connector') await this.#commit();
  }

  async finish(isFailed: boolean): Promise<void> {
    if (this.#isFenced) return;
    const { lifetime, environment } = this.#ports;
    // INV-1: a part of a batch must not be committed, neither with the offset behind it nor without.
    const isKept = !isFailed && !this.#isTorn && this.#options.boundary !== 'connector';
    await lifetime
      .callAtEnd(isKept ? 'last commit of the task' : 'abort of the open transaction', () =>
        isKept ? this.#commit() : this.#abort(),
      )
      .catch((error: unknown) => {
        // What is left open is aborted by the coordinator, or by the task's next start.
        environment.log.warn(
          { err: error },
          'the last transaction of the task was not ended; its records are read again next time',
        );
      });
  }

  fence(): void {
    this.#isFenced = true;
  }

  async close(): Promise<void> {
    await this.#producer.close({ timeoutMs: 0 });
  }

  async #send(batch: ConvertedBatch): Promise<void> {
    const { lifetime, errors } = this.#ports;
    if (batch.produced.length === 0) {
      this.#notePositions(batch);
      return;
    }
    const { topic } = this.#ports.environment.offsets;
    if (batch.produced.some((record) => record.topic === topic)) throw ownOffsetsTopic(topic);
    this.#begin();
    this.#ports.meter.joinTransaction();
    this.#isTorn = true;
    const { delivered, skipped } = await sendAll(this.#producer, batch.produced, lifetime.signal);
    const producedCount = batch.producedCount - skipped;
    this.#isTorn = false;
    this.#notePositions(batch);
    const produced = errors.keepsRecords ? batch.produced.map(withOwnBytes) : undefined;
    this.#active += producedCount;
    this.#activeBytes += batch.bytes;
    this.#recordCount += producedCount;
    this.#ports.meter.active(this.#active);
    const settled: Promise<void> = this.#settleBatch(
      { sources: batch.sources.map(withoutRun), bytes: batch.bytes, producedCount },
      produced,
      delivered,
    ).finally(() => {
      this.#outstanding.delete(settled);
    });
    this.#outstanding.add(settled);
  }

  #notePositions({ polled }: ConvertedBatch): void {
    for (const position of lastPositions(polled))
      this.#positions.set(partitionKey(position.partition), position);
  }

  async #settleBatch(
    batch: Pick<ConvertedBatch, 'sources' | 'bytes' | 'producedCount'>,
    kept: readonly Produced[] | undefined,
    delivered: Promise<readonly DeliveryFailure[]>,
  ): Promise<void> {
    const { environment, meter } = this.#ports;
    const { producedCount, bytes } = batch;
    const sentMs = environment.clock.monotonicMs();
    try {
      const failures = await delivered;
      for (const failure of failures)
        await handleSendFailure(failure, batch.sources, kept, this.#ports);
      meter.gave(producedCount - failures.length);
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#active -= producedCount;
      this.#activeBytes -= bytes;
      meter.active(this.#active);
      this.#arrivedAfterMs = environment.clock.monotonicMs() - sentMs;
    }
  }

  #begin(): void {
    if (this.#isOpen) return;
    this.#producer.beginTransaction();
    this.#isOpen = true;
    this.#interval.begin();
  }

  async #endAtBoundary(): Promise<void> {
    const { boundary } = this.#options;
    if (boundary === 'poll' || (boundary === 'interval' && this.#interval.isOver))
      await this.#commit();
  }

  async #end(end: TransactionEnd): Promise<void> {
    if (end === 'commit') await this.#commit();
    if (end !== 'abort') return;
    await this.#abort();
    // As Connect: what the connector threw away is not to be read again.
    await this.#commit();
  }

  async #commit(): Promise<void> {
    if (this.#positions.size === 0 && !this.#isOpen) return;
    const { environment, meter, notify } = this.#ports;
    const { clock, offsets, connector } = environment;
    const startedMs = clock.monotonicMs();
    const positions = [...this.#positions.values()];
    this.#begin();
    try {
      const stored = await this.#producer.send(offsets.recordsOf(connector, positions));
      await this.#settleOutstanding();
      const { failures } = await stored.delivered;
      if (failures[0] !== undefined) throw failures[0].error;
      await this.#commitTransaction();
    } catch (error) {
      meter.commitFailed(clock.monotonicMs() - startedMs);
      throw error;
    }
    this.#isOpen = false;
    this.#positions.clear();
    meter.committed(clock.monotonicMs() - startedMs);
    this.#tellEnd('committed');
    offsets.noteWritten(connector, positions);
    await notify(positions);
  }

  async #settleOutstanding(): Promise<void> {
    await Promise.all(this.#outstanding);
    if (this.#failure !== undefined) throw this.#failure.error;
    // INV-2: a parked record counts as delivered only once its letter is durable.
    await this.#ports.errors.written();
  }

  /** While the outcome is open it is asked for again: the coordinator answers the same. */
  async #commitTransaction(): Promise<void> {
    const { clock, random, log } = this.#ports.environment;
    const { signal } = this.#ports.lifetime;
    const ports = {
      clock,
      random,
      // At the end of the task the limit of that step holds.
      signal: isAborted(signal) ? new AbortController().signal : signal,
      isRetriable,
      onRetry: (error: unknown, attempt: number) =>
        log.warn({ err: error, attempt }, 'the transaction is not committed yet; asked again'),
    };
    await retry(COMMIT_RETRY, ports, () => this.#producer.commitTransaction());
  }

  async #abort(): Promise<void> {
    if (!this.#isOpen) return;
    try {
      await this.#producer.abortTransaction();
    } catch (error) {
      this.#tellEnd('unknown');
      throw error;
    }
    await Promise.all(this.#outstanding); // its records failed with it
    this.#failure = undefined;
    this.#isOpen = false;
    this.#tellEnd('aborted');
  }

  #tellEnd(outcome: TransactionSpan['outcome']): void {
    this.#ports.meter.transaction({
      tookMs: this.#interval.elapsedMs,
      recordCount: this.#recordCount,
      outcome,
    });
    this.#recordCount = 0;
  }
}

/** The batch, cut behind each record after which the connector wants the transaction to end. */
function* partsOf(
  batch: ConvertedBatch,
  requested: RequestedBoundaries | undefined,
): Iterable<readonly [ConvertedBatch, TransactionEnd]> {
  if (requested?.hasRecords !== true) {
    yield [batch, undefined];
    return;
  }
  let polledFrom = 0;
  let sentFrom = 0;
  let sentTo = 0;
  for (const [index, record] of batch.polled.entries()) {
    while (sentTo < batch.sources.length && batch.sources[sentTo] === record) sentTo++;
    const end = requested.takeAfter(record);
    const isLast = index === batch.polled.length - 1;
    if (end === undefined && !isLast) continue;
    const polled = batch.polled.slice(polledFrom, index + 1);
    const produced = batch.produced.slice(sentFrom, sentTo);
    yield [
      {
        polled,
        produced,
        sources: batch.sources.slice(sentFrom, sentTo),
        bytes: 0,
        polledCount: countRecords(polled),
        producedCount: countProduced(produced),
      },
      end,
    ];
    polledFrom = index + 1;
    sentFrom = sentTo;
  }
}
