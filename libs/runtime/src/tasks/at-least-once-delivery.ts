import { deferred, isAborted, type Deferred } from '@millrace/foundation';
import type { Producer, ProducerMetrics } from '@millrace/kafka-client';
import type { SourceRecord } from '@millrace/record';
import { AckTracker, type TrackedBatch } from './ack-tracker.ts';
import { InflightBudget } from './inflight-budget.ts';
import { OffsetCommitter } from './offset-committer.ts';
import { sendAll, withoutRun, type DeliveryFailure, type Produced } from './runs.ts';
import {
  handleSendFailure,
  withOwnBytes,
  type ConvertedBatch,
  type DeliveryPorts,
  type SourceDelivery,
} from './source-delivery.ts';

/**
 * What is kept of a batch until the log has answered, which may be long: converted records only where they may have to
 * go to the dead letters.
 */
interface SentBatch {
  readonly produced: readonly Produced[] | undefined;
  readonly sources: readonly SourceRecord[];
  readonly sentCount: number;
  readonly bytes: number;
  readonly sentMs: number;
}

/** How long a quiet source waits until its last position is stored. */
const IDLE_COMMIT_MS = 500;
/**
 * How long the first position waits, twice as long after each look in vain. A task that is killed before one is stored
 * begins anew: a snapshot at another moment would not tell what was deleted in between (INV-1).
 */
const FIRST_COMMIT_MS = 10;

/**
 * Several batches are on their way at a time, bounded by the budget. A batch is settled when the log has acknowledged
 * all of it (or its strategy took care of the rest); settled positions are stored and told to the source by the committer.
 */
export class AtLeastOnceDelivery implements SourceDelivery {
  readonly takesPartOfPoll = true;
  readonly #ports: DeliveryPorts;
  readonly #producer: Producer;
  readonly #tracker = new AckTracker();
  readonly #budget: InflightBudget;
  readonly #committer: OffsetCommitter;
  #running: Promise<void> | undefined;
  #arrivedAfterMs = 0;
  /** Settled when there may be something to commit. */
  #delivered: Deferred = deferred();

  constructor(ports: DeliveryPorts, producer: Producer) {
    const { worker, connector, offsets, log } = ports.environment;
    this.#ports = ports;
    this.#producer = producer;
    this.#budget = new InflightBudget(
      worker.fields['source.inflight.bytes.max'],
      worker.fields['source.inflight.batches.max'],
    );
    this.#committer = new OffsetCommitter({
      tracker: this.#tracker,
      offsets,
      connector,
      log,
      notify: ports.notify,
      meter: ports.meter,
      clock: ports.environment.clock,
    });
  }

  get waiting(): SourceDelivery['waiting'] {
    const { recordCount: records, byteCount: bytes } = this.#budget;
    return { records, bytes, ms: this.#arrivedAfterMs };
  }

  producerMetrics(): ProducerMetrics {
    return this.#producer.metrics();
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  run(): Promise<void> {
    this.#running ??= this.#commitLoop();
    return this.#running;
  }

  waitForRoom(signal: AbortSignal): Promise<void> {
    return this.#budget.waitForRoom(signal);
  }

  async deliver(batch: ConvertedBatch): Promise<void> {
    const { polled, produced, sources, bytes, polledCount, producedCount } = batch;
    const { lifetime, errors } = this.#ports;
    const tracked = this.#tracker.track(polled, polledCount);
    this.#delivered.resolve();
    this.#budget.take(bytes, polledCount);
    this.#ports.meter.active(this.#budget.recordCount);
    let delivered: Promise<readonly DeliveryFailure[]> = Promise.resolve([]);
    let skipped = 0;
    try {
      if (produced.length > 0)
        ({ delivered, skipped } = await sendAll(this.#producer, produced, lifetime.signal));
    } catch (error) {
      this.#budget.release(bytes, polledCount);
      throw error;
    }
    const sent: SentBatch = {
      produced: errors.keepsRecords ? produced.map(withOwnBytes) : undefined,
      sources: sources.map(withoutRun),
      sentCount: producedCount - skipped,
      bytes,
      sentMs: this.#ports.environment.clock.monotonicMs(),
    };
    void this.#settleBatch(tracked, sent, delivered);
  }

  idle(): Promise<void> {
    return Promise.resolve();
  }

  async settle(signal: AbortSignal): Promise<void> {
    await this.#budget.waitUntilEmpty(signal);
    await this.#committer.commit();
  }

  async finish(): Promise<void> {
    const { lifetime, environment } = this.#ports;
    const giveUp = (what: string) => (error: unknown) => {
      environment.log.warn(
        { err: error, what },
        'a step of stopping the task failed; the task ends all the same',
      );
    };
    await lifetime
      .callAtEnd('acknowledgement of the last records', (signal) => this.#drain(signal))
      .catch(giveUp('drain'));
    // What is acknowledged may be stored after a failure too: it is only a prefix.
    await lifetime
      .callAtEnd('last commit of the task', async () => {
        await this.#running;
        await this.#committer.commit();
      })
      .catch(giveUp('commit'));
  }

  fence(): void {
    this.#committer.fence();
  }

  async close(): Promise<void> {
    await this.#producer.close();
  }

  async #settleBatch(
    tracked: TrackedBatch,
    sent: SentBatch,
    delivered: Promise<readonly DeliveryFailure[]>,
  ): Promise<void> {
    const { errors, lifetime } = this.#ports;
    try {
      const failures = await delivered;
      for (const failure of failures)
        await handleSendFailure(failure, sent.sources, sent.produced, this.#ports);
      // INV-2: a parked record counts as delivered only once its letter is durable.
      await errors.written();
      this.#ports.meter.gave(sent.sentCount - failures.length);
      this.#tracker.settle(tracked);
    } catch (error) {
      lifetime.fail(error);
    } finally {
      this.#budget.release(sent.bytes, tracked.recordCount);
      this.#ports.meter.active(this.#budget.recordCount);
      this.#arrivedAfterMs = this.#ports.environment.clock.monotonicMs() - sent.sentMs;
    }
  }

  async #commitLoop(): Promise<void> {
    const { lifetime, environment } = this.#ports;
    const { clock, worker } = environment;
    const intervalMs = worker.fields['offset.flush.interval.ms'];
    const { signal } = lifetime;
    let committedMs = clock.monotonicMs();
    let pauseMs = FIRST_COMMIT_MS;
    try {
      while (!isAborted(signal)) {
        await this.#somethingToCommit(signal);
        const { hasStored } = this.#committer;
        pauseMs = Math.min(hasStored ? IDLE_COMMIT_MS : pauseMs, IDLE_COMMIT_MS, intervalMs);
        await clock.sleep(pauseMs, signal);
        pauseMs *= 2;
        const isDue = !hasStored || clock.monotonicMs() - committedMs >= intervalMs;
        if (!isDue && this.#tracker.hasOutstanding) continue;
        committedMs = clock.monotonicMs();
        if (!this.#tracker.hasOutstanding) this.#delivered = deferred();
        await this.#committer.commit();
        if (this.#committer.isBehind) this.#delivered.resolve();
      }
    } catch (error) {
      lifetime.fail(error); // Ignored when the task is at its end.
    }
  }

  /** A thousand idle tasks must not wake up twice a second each. */
  async #somethingToCommit(signal: AbortSignal): Promise<void> {
    const delivered = this.#delivered;
    const onAbort = (): void => delivered.resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    await delivered.promise;
    signal.removeEventListener('abort', onAbort);
  }

  /** Up to half of the grace period, so that the rest has some left. */
  async #drain(signal: AbortSignal): Promise<void> {
    const { lifetime, environment } = this.#ports;
    const timer = new AbortController();
    const waiting = new AbortController();
    const onAbort = (): void => waiting.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const limit = environment.clock.sleep(lifetime.graceLeftMs() / 2, timer.signal).then(
      () => waiting.abort(),
      () => undefined, // Drained in time.
    );
    await this.#budget.waitUntilEmpty(waiting.signal).catch(() => undefined); // The rest is read again next time.
    timer.abort();
    await limit;
    signal.removeEventListener('abort', onAbort);
  }
}
