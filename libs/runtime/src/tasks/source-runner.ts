import type { CommittedOffset, SourceConnector, SourceTask } from '@millrace/connector-api';
import { isAborted, isRetriable, must, retry } from '@millrace/foundation';
import type { ProducerRecord } from '@millrace/kafka-client';
import type { RecordRun, SourceRecord } from '@millrace/record';
import { isCallTimeout, taskFailed } from '../errors.ts';
import { newErrorCounters } from '../errors/counters.ts';
import { TaskMeter, type StageLag } from '../metrics/task-meter.ts';
import { windowSettings } from '../config/worker-fields.ts';
import { withContext } from '../tracing/record-headers.ts';
import type { TaskTracer } from '../tracing/tracer.ts';
import { openErrorHandling, type ErrorHandling } from './error-setup.ts';
import { BatchDraft } from './batch-draft.ts';
import { openDelivery } from './open-delivery.ts';
import { OwnTopics } from './own-topics.ts';
import { buildPipeline, closePipeline, isList, type Outcome, type Pipeline } from './pipeline.ts';
import { countRecords, isRun } from './runs.ts';
import { SourceConversion } from './source-conversion.ts';
import type { ConvertedBatch, SourceDelivery } from './source-delivery.ts';
import { nextTurn } from './next-turn.ts';
import { TaskLifetime } from './task-lifetime.ts';
import type { TaskEnvironment, TaskFigures, TaskRunner } from './task-runner.ts';
import { listOrNone, metricsOf, named } from './plugin-answers.ts';
import { TopicCreation } from './topic-creation.ts';
import type { RequestedBoundaries } from './transaction-boundary.ts';

/** What is open while a task runs. */
interface Opened {
  readonly pipeline: Pipeline;
  readonly conversion: SourceConversion;
  readonly delivery: SourceDelivery;
  /** What the task asks of its transactions, if it draws their boundaries. */
  readonly requested: RequestedBoundaries | undefined;
  readonly handling: ErrorHandling;
  readonly topicCreation: TopicCreation | undefined;
}

/** A task whose `poll` returns nothing at once must not keep the processor busy. */
const EMPTY_POLL_PAUSE_MS = 10;

/**
 * Poll, transform, convert, deliver. How records reach the log, and when the source may forget them, is the delivery's:
 * at least once, or exactly once.
 */
export class SourceRunner implements TaskRunner {
  readonly #connector: SourceConnector;
  readonly #environment: TaskEnvironment;
  readonly #lifetime: TaskLifetime;
  readonly #counters = newErrorCounters();
  readonly #topics = new Set<string>();
  #task: SourceTask | undefined;
  #delivery: SourceDelivery | undefined;
  #isFenced = false;
  readonly #tracer: TaskTracer | undefined;
  readonly #meter: TaskMeter;
  /** Records of the batch that is being converted. */
  #converting = 0;
  /** How old the last record was when it came. */
  #sourceLagMs: number | undefined;

  constructor(connector: SourceConnector, environment: TaskEnvironment) {
    const { worker, clock } = environment;
    this.#connector = connector;
    this.#environment = environment;
    this.#tracer = environment.tracer?.task({
      connector: environment.connector,
      task: environment.task,
      kind: 'source',
    });
    this.#meter = new TaskMeter(clock, 'source', windowSettings(worker), this.#tracer);
    this.#lifetime = new TaskLifetime({
      clock,
      callLimitMs: worker.fields['task.call.timeout.ms'],
      graceMs: worker.fields['task.shutdown.graceful.timeout.ms'],
    });
  }

  forgetTopics(): void {
    this.#topics.clear();
  }

  setPaused(isPaused: boolean): void {
    this.#lifetime.setPaused(isPaused);
  }

  requestStop(): void {
    this.#lifetime.requestStop();
  }

  async run(): Promise<void> {
    let opened: Opened | undefined;
    try {
      await this.#waitWhilePaused();
      opened = await this.#open();
      const { delivery } = opened;
      // INV-9: whoever owned this task before is shut out, and may have stored more since this worker started.
      await this.#lifetime.call('start of the delivery', (signal) => delivery.open(signal));
      await this.#start(opened);
      void delivery.run();
      await this.#pollLoop(opened);
    } catch (error) {
      this.#lifetime.fail(error); // Ignored when the end was asked for.
    }
    await this.#shutDown(opened);
    if (this.#lifetime.failure !== undefined) throw this.#lifetime.failure;
  }

  abandon(): void {
    this.#isFenced = true;
    this.#delivery?.fence();
  }

  figures(): TaskFigures {
    return {
      errors: this.#counters,
      own: this.#lifetime.signal.aborted ? {} : metricsOf(this.#task),
      samples: this.#meter.samples(this.#lags()),
      clients: this.#delivery === undefined ? [] : [['producer', this.#delivery.producerMetrics()]],
    };
  }

  #lags(): readonly StageLag[] {
    const { records = 0, bytes = 0, ms = 0 } = this.#delivery?.waiting ?? {};
    return [
      { stage: 'source', ...(this.#sourceLagMs === undefined ? {} : { ms: this.#sourceLagMs }) },
      { stage: 'transform', records: this.#converting },
      { stage: 'deliver', records, bytes, ms },
      { stage: 'commit', ...this.#meter.uncommitted() },
    ];
  }

  async #open(): Promise<Opened> {
    const { config, worker, registry, client, log } = this.#environment;
    const pipeline = await this.#lifetime.call('making of converters and transforms', () =>
      buildPipeline(config, worker, registry),
    );
    const handling = await this.#lifetime.call('opening of the dead letter topic', () =>
      openErrorHandling(this.#environment, this.#counters),
    );
    const { delivery, requested } = openDelivery({
      environment: this.#environment,
      lifetime: this.#lifetime,
      errors: handling.errors,
      meter: this.#meter,
      notify: (committed) => this.#notify(committed),
    });
    this.#delivery = delivery;
    if (this.#isFenced) delivery.fence();
    return {
      pipeline,
      conversion: new SourceConversion(pipeline),
      delivery,
      requested,
      handling,
      topicCreation: worker.fields['topic.creation.enable']
        ? TopicCreation.from(config, client, log)
        : undefined,
    };
  }

  async #start({ requested, conversion, handling }: Opened): Promise<void> {
    const { connector, task, taskConfig, offsets, worker, workersClient } = this.#environment;
    const { log, clock, random } = this.#environment;
    const scratchDir = worker.fields['task.scratch.dir'];
    await this.#lifetime.call('reading of the stored offsets', (signal) => offsets.refresh(signal));
    const context = {
      connector,
      task,
      config: taskConfig,
      offsets: offsets.reader(connector),
      ...(requested === undefined ? {} : { transaction: requested }),
      topics: new OwnTopics({ client: workersClient, clock, random, log }),
      ...(scratchDir === null ? {} : { scratchDir }),
      // A record that may have to go to the dead letters is kept by itself.
      takesRuns: conversion.takesRuns && !handling.errors.keepsRecords,
      log,
      clock,
      random,
    };
    const created = named('creation of the task', () => this.#connector.createTask());
    this.#task = created;
    await this.#lifetime.staged('start of the task', (signal) => created.start(context, signal));
    this.#show('RUNNING');
  }

  async #pollLoop(opened: Opened): Promise<void> {
    const { signal } = this.#lifetime;
    const { delivery } = opened;
    // Left by a throw: everything that waits here ends with the signal.
    for (;;) {
      signal.throwIfAborted();
      if (this.#lifetime.isPaused) {
        // What was polled is delivered and committed before the task counts as paused.
        await delivery.settle(signal);
        await this.#waitWhilePaused();
        this.#show('RUNNING');
      }
      await delivery.waitForRoom(signal);
      const records = await this.#poll();
      if (records.length === 0) {
        await delivery.idle();
        continue;
      }
      const converted = await this.#convert(records, opened);
      await this.#deliver(converted, delivery);
      // A source with records at hand resolves at once: without a turn for them, neither the disk's nor the log's
      // answers would be heard before the budget is used up.
      await nextTurn();
    }
  }

  async #deliver(batch: ConvertedBatch, delivery: SourceDelivery): Promise<void> {
    const { clock } = this.#environment;
    const startedMs = clock.monotonicMs();
    let isDone = false;
    try {
      await delivery.deliver(this.#traced(batch));
      isDone = true;
    } finally {
      const { signal, failure } = this.#lifetime;
      const isFailed = !isDone && (failure !== undefined || !isAborted(signal));
      const tookMs = clock.monotonicMs() - startedMs;
      this.#meter.spent('deliver', tookMs, undefined, isFailed ? { isFailed } : undefined);
    }
  }

  #traced(batch: ConvertedBatch): ConvertedBatch {
    if (this.#tracer === undefined || batch.produced.length === 0) return batch;
    const context = this.#tracer.sending?.();
    if (context === undefined) return batch;
    return { ...batch, produced: withContext(batch.produced, context) };
  }

  #show(state: 'RUNNING' | 'PAUSED'): void {
    this.#meter.enter(state);
    this.#environment.onState(state);
  }

  async #waitWhilePaused(): Promise<void> {
    if (!this.#lifetime.isPaused) return;
    this.#show('PAUSED');
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
      async () =>
        listOrNone(
          'TASK_POLL',
          await this.#lifetime.call('TASK_POLL', (inner) => task.poll(inner)),
        ),
    ).catch((error: unknown) => {
      throw isAborted(signal) || isCallTimeout(error) ? error : taskFailed('TASK_POLL', error);
    });
    const tookMs = clock.monotonicMs() - startedMs;
    this.#measurePoll(records, tookMs);
    if (records.length === 0 && tookMs < EMPTY_POLL_PAUSE_MS)
      await clock.sleep(EMPTY_POLL_PAUSE_MS, signal);
    return records;
  }

  #measurePoll(records: readonly SourceRecord[], tookMs: number): void {
    const count = countRecords(records);
    this.#meter.spent('source', tookMs, count);
    const last = records[records.length - 1];
    if (last === undefined) {
      this.#sourceLagMs = undefined;
      return;
    }
    this.#meter.called(tookMs);
    this.#meter.took(count);
    const { timestampMs } = last;
    this.#sourceLagMs =
      timestampMs === null ? undefined : Math.max(0, this.#environment.clock.nowMs() - timestampMs);
  }

  async #convert(records: readonly SourceRecord[], opened: Opened): Promise<ConvertedBatch> {
    const { clock } = this.#environment;
    const startedMs = clock.monotonicMs();
    this.#converting = countRecords(records);
    try {
      return await this.#convertAll(records, opened);
    } finally {
      this.#converting = 0;
      this.#meter.spent('transform', clock.monotonicMs() - startedMs);
    }
  }

  async #convertAll(records: readonly SourceRecord[], opened: Opened): Promise<ConvertedBatch> {
    const draft = new BatchDraft(records);
    opened.handling.errors.processed(draft.polledCount);
    try {
      await this.#convertInto(draft, opened);
    } catch (error) {
      await this.#deliverBefore(draft, opened);
      throw error;
    }
    return draft;
  }

  /** The records before the one that fails the task: a source that stands still at it has delivered them. */
  async #deliverBefore(draft: BatchDraft, { delivery }: Opened): Promise<void> {
    if (!delivery.takesPartOfPoll || isAborted(this.#lifetime.signal)) return;
    const before = draft.before();
    if (before === undefined) return;
    await this.#deliver(before, delivery).catch((error: unknown) => {
      const { log } = this.#environment;
      log.warn({ err: error }, 'what came before the record that failed could not be delivered');
    });
  }

  async #convertInto(draft: BatchDraft, opened: Opened): Promise<void> {
    for (const source of draft.polled) {
      draft.begunCount++;
      if (source.run !== undefined) {
        await this.#convertRun(source, source.run, draft, opened);
        continue;
      }
      // Nothing is waited for where nothing has to be: a turn of the microtasks a record is dear.
      let outcome: Outcome<ProducerRecord>;
      try {
        const converted = opened.conversion.convert(source);
        outcome = converted instanceof Promise ? await this.#waited(converted) : converted;
      } catch (error) {
        outcome = await this.#convertAgain(source, error, opened);
      }
      if (outcome === null) continue;
      for (const record of isList(outcome) ? outcome : [outcome]) {
        if (!this.#topics.has(record.topic)) await this.#meetTopic(record.topic, opened);
        draft.addRecord(source, record);
      }
    }
  }

  /** Many at a time; a record that can't be rendered so goes the long way by itself, in its place. */
  async #convertRun(
    source: SourceRecord,
    run: RecordRun,
    draft: BatchDraft,
    opened: Opened,
  ): Promise<void> {
    const { inPlace } = run;
    if (inPlace !== undefined) {
      if (!this.#topics.has(source.topic)) await this.#meetTopic(source.topic, opened);
      draft.addUnwritten(source, {
        ...opened.conversion.unwritten(source, run, inPlace),
        bytes: inPlace.bytes,
        single: (index) => this.#convertSingle(run, index, opened),
      });
      return;
    }
    for (let from = 0; from < run.count;) {
      const produced = opened.conversion.convertRun(source, run, from);
      if (produced === null) {
        for (const record of await this.#convertSingle(run, from, opened))
          draft.addRecord(source, record);
        from++;
        continue;
      }
      if (!this.#topics.has(produced.topic)) await this.#meetTopic(produced.topic, opened);
      draft.addRun(source, produced);
      from += produced.count;
    }
  }

  async #convertSingle(
    run: RecordRun,
    index: number,
    opened: Opened,
  ): Promise<readonly ProducerRecord[]> {
    const single = new BatchDraft([run.record(index)]);
    await this.#convertInto(single, opened);
    return single.produced.filter((record): record is ProducerRecord => !isRun(record));
  }

  /** A converter that waits for a registry waits no longer than the task may, and not after its end. */
  #waited(
    converted: Outcome<ProducerRecord> | Promise<Outcome<ProducerRecord>>,
  ): Promise<Outcome<ProducerRecord>> {
    return this.#lifetime.call('preparation of a converter', () => Promise.resolve(converted));
  }

  /** Retries by the strategy; null when the record is skipped or parked, which counts as delivered. */
  async #convertAgain(
    source: SourceRecord,
    firstError: unknown,
    { conversion, handling }: Opened,
  ): Promise<Outcome<ProducerRecord>> {
    const { signal } = this.#lifetime;
    try {
      return await handling.errors.retrying(
        firstError,
        () => this.#waited(conversion.convert(source)),
        signal,
      );
    } catch (error) {
      signal.throwIfAborted();
      const { stage, className } = conversion;
      const letter = conversion.letterOf(source);
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

  async #notify(committed: readonly CommittedOffset[]): Promise<void> {
    const task = this.#task;
    if (task?.commit === undefined) return;
    await this.#lifetime.stagedAnyTime('commit of the task', async (signal) =>
      task.commit?.(committed, signal),
    );
  }

  async #shutDown(opened: Opened | undefined): Promise<void> {
    const { log } = this.#environment;
    const giveUp = (what: string) => (error: unknown) => {
      log.warn(
        { err: error, what },
        'a step of stopping the task failed; the task ends all the same',
      );
    };
    const lifetime = this.#lifetime;
    lifetime.requestStop(); // For a failed task too: everything that waits is woken.
    await opened?.delivery.finish(lifetime.failure !== undefined);
    opened?.delivery.fence();
    await lifetime
      .callAtEnd('stop of the task', async () => this.#task?.stop())
      .catch(giveUp('stop'));
    if (opened === undefined) return;
    await lifetime
      .callAtEnd('close of the producers', async () => {
        await Promise.all([opened.delivery.close(), opened.handling.deadLetters?.close()]);
      })
      .catch(giveUp('close'));
    closePipeline(opened.pipeline);
  }
}
