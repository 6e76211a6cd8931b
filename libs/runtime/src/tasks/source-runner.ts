import type { SourceConnector, SourceTask } from '@millrace/connector-api';
import { isAborted, isRetriable, must, retry } from '@millrace/foundation';
import type { Producer, ProducerRecord, SendResult } from '@millrace/kafka-client';
import type { SourceRecord } from '@millrace/record';
import { producerOptions } from '../config/client-overrides.ts';
import { deliveryFailed, isCallTimeout, taskFailed } from '../errors.ts';
import { newErrorCounters } from '../errors/counters.ts';
import { AckTracker, type TrackedBatch } from './ack-tracker.ts';
import { openErrorHandling, type ErrorHandling } from './error-setup.ts';
import { InflightBudget } from './inflight-budget.ts';
import { OffsetCommitter } from './offset-committer.ts';
import { buildPipeline, closePipeline, type Pipeline } from './pipeline.ts';
import { letterOfProduced, letterOfSource, SourceConversion } from './source-conversion.ts';
import { TaskLifetime } from './task-lifetime.ts';
import type { TaskEnvironment, TaskFigures, TaskRunner } from './task-runner.ts';
import { TopicCreation } from './topic-creation.ts';

/** What is open while a task runs. */
interface Opened {
  readonly pipeline: Pipeline;
  readonly conversion: SourceConversion;
  readonly producer: Producer;
  readonly handling: ErrorHandling;
  readonly topicCreation: TopicCreation | undefined;
}

/** A batch ready for the log: `sources[i]` became `produced[i]`. */
interface ConvertedBatch {
  readonly produced: readonly ProducerRecord[];
  readonly sources: readonly SourceRecord[];
  readonly bytes: number;
}

/**
 * What is kept of a batch until the log has answered, which may be long: converted records only where they may have to
 * go to the dead letters.
 */
interface SentBatch {
  readonly produced: readonly ProducerRecord[] | undefined;
  readonly sources: readonly SourceRecord[];
  readonly sentCount: number;
  readonly bytes: number;
}

/** How long a quiet source waits until its last position is stored. */
const IDLE_COMMIT_MS = 500;
/** A task whose `poll` returns nothing at once must not keep the processor busy. */
const EMPTY_POLL_PAUSE_MS = 10;
/** What a record costs in a batch beside its key and value. */
const RECORD_OVERHEAD_BYTES = 64;

/**
 * Poll, transform, convert, send; several batches are on their way at a time, bounded by the budget. A batch is
 * settled when the log has acknowledged all of it (or its strategy took care of the rest); settled positions are
 * stored and told to the source by the committer.
 */
export class SourceRunner implements TaskRunner {
  readonly #connector: SourceConnector;
  readonly #environment: TaskEnvironment;
  readonly #lifetime: TaskLifetime;
  readonly #tracker = new AckTracker();
  readonly #budget: InflightBudget;
  readonly #committer: OffsetCommitter;
  readonly #counters = newErrorCounters();
  readonly #topics = new Set<string>();
  #task: SourceTask | undefined;
  #polled = 0;
  #written = 0;
  #pollMsMax = 0;
  #pollMsTotal = 0;
  #polls = 0;

  constructor(connector: SourceConnector, environment: TaskEnvironment) {
    const { worker, clock, connector: name, offsets, log } = environment;
    this.#connector = connector;
    this.#environment = environment;
    this.#lifetime = new TaskLifetime({
      clock,
      callLimitMs: worker.fields['task.call.timeout.ms'],
      graceMs: worker.fields['task.shutdown.graceful.timeout.ms'],
    });
    this.#budget = new InflightBudget(
      worker.fields['source.inflight.bytes.max'],
      worker.fields['source.inflight.batches.max'],
    );
    this.#committer = new OffsetCommitter({
      tracker: this.#tracker,
      offsets,
      connector: name,
      log,
      notify: async (committed) => {
        const task = this.#task;
        if (task?.commit === undefined) return;
        await this.#callAnyTime('commit of the task', async (signal) =>
          task.commit?.(committed, signal),
        );
      },
    });
  }

  setPaused(isPaused: boolean): void {
    this.#lifetime.setPaused(isPaused);
  }

  requestStop(): void {
    this.#lifetime.requestStop();
  }

  async run(): Promise<void> {
    let opened: Opened | undefined;
    let committing: Promise<void> | undefined;
    try {
      await this.#waitWhilePaused();
      opened = await this.#open();
      await this.#start();
      committing = this.#commitLoop();
      await this.#pollLoop(opened);
    } catch (error) {
      this.#lifetime.fail(error); // Ignored when the end was asked for.
    }
    await this.#shutDown(opened, committing);
    if (this.#lifetime.failure !== undefined) throw this.#lifetime.failure;
  }

  abandon(): void {
    this.#committer.fence();
  }

  figures(): TaskFigures {
    const prefix = 'kafka_connect_source_task_';
    return {
      errors: this.#counters,
      own: this.#lifetime.signal.aborted ? {} : (this.#task?.metrics?.() ?? {}),
      samples: {
        [`${prefix}source_record_poll_total`]: this.#polled,
        [`${prefix}source_record_write_total`]: this.#written,
        [`${prefix}source_record_active_count`]: this.#budget.recordCount,
        [`${prefix}poll_batch_max_time_ms`]: this.#pollMsMax,
        [`${prefix}poll_batch_avg_time_ms`]:
          this.#polls === 0 ? 0 : this.#pollMsTotal / this.#polls,
        kafka_connect_connector_task_offset_commit_total: this.#committer.commits,
        kafka_connect_connector_task_offset_commit_failure_total: this.#committer.failures,
      },
    };
  }

  async #open(): Promise<Opened> {
    const { config, worker, registry, client, log } = this.#environment;
    const pipeline = buildPipeline(config, worker, registry);
    const handling = await this.#lifetime.call('opening of the dead letter topic', () =>
      openErrorHandling(this.#environment, this.#counters),
    );
    return {
      pipeline,
      conversion: new SourceConversion(pipeline),
      producer: client.producer(producerOptions(worker, config)),
      handling,
      topicCreation: worker.fields['topic.creation.enable']
        ? TopicCreation.from(config, client, log)
        : undefined,
    };
  }

  async #start(): Promise<void> {
    const { connector, task, taskConfig, offsets, log, clock, random } = this.#environment;
    // INV-9: whoever owned this task before may have stored more since this worker started.
    await this.#lifetime.call('reading of the stored offsets', (signal) => offsets.refresh(signal));
    const context = {
      connector,
      task,
      config: taskConfig,
      offsets: offsets.reader(connector),
      log,
      clock,
      random,
    };
    const created = this.#connector.createTask();
    this.#task = created;
    await this.#staged('start of the task', (signal) => created.start(context, signal));
    this.#environment.onState('RUNNING');
  }

  async #pollLoop(opened: Opened): Promise<void> {
    const { signal } = this.#lifetime;
    // Left by a throw: everything that waits here ends with the signal.
    for (;;) {
      signal.throwIfAborted();
      if (this.#lifetime.isPaused) {
        // What was polled is delivered and committed before the task counts as paused.
        await this.#budget.waitUntilEmpty(signal);
        await this.#committer.commit();
        await this.#waitWhilePaused();
        this.#environment.onState('RUNNING');
      }
      await this.#budget.waitForRoom(signal);
      const records = await this.#poll();
      if (records.length === 0) continue;
      await this.#deliver(records, opened);
      // A source with records at hand resolves at once: without a turn for them, neither the disk's nor the log's
      // answers would be heard before the budget is used up.
      await nextTurn();
    }
  }

  async #waitWhilePaused(): Promise<void> {
    if (!this.#lifetime.isPaused) return;
    this.#environment.onState('PAUSED');
    await this.#lifetime.resumed();
  }

  async #poll(): Promise<readonly SourceRecord[]> {
    const { clock, random, log } = this.#environment;
    const { signal } = this.#lifetime;
    const task = must(this.#task, 'a task is polled after its start');
    const startedMs = clock.monotonicMs();
    const records = await retry(
      { initialDelayMs: 300, delayMaxMs: 60_000, deadlineMs: Infinity },
      {
        clock,
        random,
        signal,
        // A call that hangs is not called again while it still hangs.
        isRetriable: (error) => isRetriable(error) && !isCallTimeout(error),
        onRetry: (error, attempt, delayMs) => {
          this.#counters.retries++;
          if ((attempt & (attempt - 1)) === 0)
            log.warn(
              { err: error, attempt, delayMs },
              'the source could not be read; polled again',
            );
        },
      },
      () => this.#lifetime.call('TASK_POLL', (inner) => task.poll(inner)),
    ).catch((error: unknown) => {
      throw isAborted(signal) || isCallTimeout(error) ? error : taskFailed('TASK_POLL', error);
    });
    const tookMs = clock.monotonicMs() - startedMs;
    this.#polls++;
    this.#pollMsTotal += tookMs;
    this.#pollMsMax = Math.max(this.#pollMsMax, tookMs);
    this.#polled += records.length;
    if (records.length === 0 && tookMs < EMPTY_POLL_PAUSE_MS)
      await clock.sleep(EMPTY_POLL_PAUSE_MS, signal);
    return records;
  }

  async #deliver(records: readonly SourceRecord[], opened: Opened): Promise<void> {
    const tracked = this.#tracker.track(records);
    const converted = await this.#convert(records, opened);
    this.#budget.take(converted.bytes, records.length);
    let delivered: Promise<SendResult> = Promise.resolve({ failures: [] });
    try {
      if (converted.produced.length > 0)
        ({ delivered } = await opened.producer.send(converted.produced, this.#lifetime.signal));
    } catch (error) {
      this.#budget.release(converted.bytes, records.length);
      throw error;
    }
    const { bytes, produced, sources } = converted;
    const isKept = opened.handling.errors.keepsRecords;
    const sent: SentBatch = {
      produced: isKept ? produced.map(withOwnBytes) : undefined,
      sources,
      sentCount: produced.length,
      bytes,
    };
    void this.#settle(tracked, sent, delivered, opened);
  }

  async #convert(records: readonly SourceRecord[], opened: Opened): Promise<ConvertedBatch> {
    const { conversion } = opened;
    const produced: ProducerRecord[] = [];
    const sources: SourceRecord[] = [];
    let bytes = 0;
    let lastTopic = '';
    for (const source of records) {
      let record: ProducerRecord | null;
      try {
        record = conversion.convert(source);
      } catch (error) {
        record = await this.#convertAgain(source, error, opened);
      }
      if (record === null) continue;
      if (record.topic !== lastTopic) {
        lastTopic = record.topic;
        await this.#meetTopic(record.topic, opened);
      }
      produced.push(record);
      sources.push(source);
      bytes +=
        RECORD_OVERHEAD_BYTES + (record.key?.byteLength ?? 0) + (record.value?.byteLength ?? 0);
    }
    return { produced, sources, bytes };
  }

  /** Retries by the strategy; null when the record is skipped or parked, which counts as delivered. */
  async #convertAgain(
    source: SourceRecord,
    firstError: unknown,
    { conversion, handling }: Opened,
  ): Promise<ProducerRecord | null> {
    const { signal } = this.#lifetime;
    try {
      return await handling.errors.retrying(firstError, () => conversion.convert(source), signal);
    } catch (error) {
      signal.throwIfAborted();
      const { stage, className, topic } = conversion;
      const letter = letterOfSource(source, topic);
      await handling.errors.handle({ stage, className, error, letter }, signal);
      return null;
    }
  }

  async #meetTopic(topic: string, { topicCreation }: Opened): Promise<void> {
    if (this.#topics.has(topic)) return;
    await topicCreation?.ensure(topic);
    this.#topics.add(topic);
    this.#environment.onTopic(topic);
  }

  async #settle(
    tracked: TrackedBatch,
    sent: SentBatch,
    delivered: Promise<SendResult>,
    { handling }: Opened,
  ): Promise<void> {
    try {
      const { failures } = await delivered;
      for (const { index, error } of failures)
        await this.#handleSendFailure(index, error, sent, handling);
      // INV-2: a parked record counts as delivered only once its letter is durable.
      await handling.errors.written();
      this.#written += sent.sentCount - failures.length;
      this.#tracker.settle(tracked);
    } catch (error) {
      this.#lifetime.fail(error);
    } finally {
      this.#budget.release(sent.bytes, tracked.recordCount);
    }
  }

  /** A log that is down is no fault of the record: only what the log refuses for ever goes by the strategy. */
  async #handleSendFailure(
    index: number,
    error: unknown,
    { produced, sources }: SentBatch,
    { errors }: ErrorHandling,
  ): Promise<void> {
    const source = must(sources[index], 'a failure names a record that was sent');
    const record = produced?.[index];
    const topic = record?.topic ?? source.topic;
    const failure = deliveryFailed(topic, error);
    if (isRetriable(error)) throw failure;
    await errors.handle(
      {
        stage: 'KAFKA_PRODUCE',
        className: 'org.apache.kafka.connect.runtime.WorkerSourceTask',
        error: failure,
        letter:
          record === undefined ? letterOfSource(source, topic) : letterOfProduced(source, record),
      },
      this.#lifetime.signal,
    );
  }

  async #commitLoop(): Promise<void> {
    const { clock, worker } = this.#environment;
    const intervalMs = worker.fields['offset.flush.interval.ms'];
    const { signal } = this.#lifetime;
    let committedMs = clock.monotonicMs();
    try {
      while (!isAborted(signal)) {
        await clock.sleep(Math.min(IDLE_COMMIT_MS, intervalMs), signal);
        const isDue = clock.monotonicMs() - committedMs >= intervalMs;
        if (!isDue && this.#tracker.hasOutstanding) continue;
        committedMs = clock.monotonicMs();
        await this.#committer.commit();
      }
    } catch (error) {
      this.#lifetime.fail(error); // Ignored when the task is at its end.
    }
  }

  async #shutDown(
    opened: Opened | undefined,
    committing: Promise<void> | undefined,
  ): Promise<void> {
    const { log } = this.#environment;
    const giveUp = (what: string) => (error: unknown) => {
      log.warn(
        { err: error, what },
        'a step of stopping the task failed; the task ends all the same',
      );
    };
    const lifetime = this.#lifetime;
    lifetime.requestStop(); // For a failed task too: everything that waits is woken.
    await lifetime
      .callAtEnd('acknowledgement of the last records', (signal) => this.#drain(signal))
      .catch(giveUp('drain'));
    // What is acknowledged may be stored after a failure too: it is only a prefix.
    await lifetime
      .callAtEnd('last commit of the task', async () => {
        await committing;
        await this.#committer.commit();
      })
      .catch(giveUp('commit'));
    this.#committer.fence();
    await lifetime
      .callAtEnd('stop of the task', async () => this.#task?.stop())
      .catch(giveUp('stop'));
    if (opened === undefined) return;
    await lifetime
      .callAtEnd('close of the producers', async () => {
        await Promise.all([opened.producer.close(), opened.handling.deadLetters?.close()]);
      })
      .catch(giveUp('close'));
    closePipeline(opened.pipeline);
  }

  /** Up to half of the grace period, so that the rest has some left. */
  async #drain(signal: AbortSignal): Promise<void> {
    const { clock } = this.#environment;
    const timer = new AbortController();
    const waiting = new AbortController();
    const onAbort = (): void => waiting.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const limit = clock.sleep(this.#lifetime.graceLeftMs() / 2, timer.signal).then(
      () => waiting.abort(),
      () => undefined, // Drained in time.
    );
    await this.#budget.waitUntilEmpty(waiting.signal).catch(() => undefined); // The rest is read again next time.
    timer.abort();
    await limit;
    signal.removeEventListener('abort', onAbort);
  }

  async #staged<T>(stage: string, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await this.#lifetime.call(stage, call);
    } catch (error) {
      throw isAborted(this.#lifetime.signal) || isCallTimeout(error)
        ? error
        : taskFailed(stage, error);
    }
  }

  /** Commits also happen while the task ends. */
  async #callAnyTime<T>(stage: string, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return isAborted(this.#lifetime.signal)
      ? this.#lifetime.callAtEnd(stage, call)
      : this.#staged(stage, call);
  }
}

/** Resolves once the event loop has looked at sockets and finished file operations. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What a source lends until its next poll is copied for who keeps it longer. */
function withOwnBytes(record: ProducerRecord): ProducerRecord {
  const { key, value } = record;
  return {
    ...record,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
  };
}
