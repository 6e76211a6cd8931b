import { javaRegex } from '@millrace/config';
import type {
  RecordFailure,
  SinkConnector,
  SinkTask,
  TopicPartition,
  TopicPartitionOffset,
} from '@millrace/connector-api';
import { isAborted, isRetriable, MillraceError, must, retry } from '@millrace/foundation';
import type { ConsumedRecord, Consumer } from '@millrace/kafka-client';
import type { SinkRecord } from '@millrace/record';
import { consumerGroupOf, consumerOptions } from '../config/client-overrides.ts';
import { listOf } from '../config/prefixes.ts';
import { conflict, isCallTimeout, taskFailed } from '../errors.ts';
import { newErrorCounters } from '../errors/counters.ts';
import { TaskMeter, type StageLag } from '../metrics/task-meter.ts';
import { windowSettings } from '../config/worker-fields.ts';
import { contextsOf } from '../tracing/record-headers.ts';
import { openErrorHandling, type ErrorHandling } from './error-setup.ts';
import {
  buildPipeline,
  closePipeline,
  isList,
  listOfOutcome,
  type Outcome,
  type Pipeline,
} from './pipeline.ts';
import { letterOfConsumed, letterOfSink, SinkConversion } from './sink-conversion.ts';
import { SinkHold } from './sink-hold.ts';
import { SinkReports } from './sink-reports.ts';
import { SinkReplays, type ReplayedRecord } from './sink-replays.ts';
import { SinkPositions, type OwnedPartitions } from './sink-positions.ts';
import { listOrNone, metricsOf, named } from './plugin-answers.ts';
import { TaskLifetime } from './task-lifetime.ts';
import type { TaskEnvironment, TaskFigures, TaskRunner } from './task-runner.ts';

interface Opened {
  readonly pipeline: Pipeline;
  readonly conversion: SinkConversion;
  readonly handling: ErrorHandling;
  readonly consumer: Consumer;
}

const POLL_MS = 500;
/** When nothing waits to be committed. */
const IDLE_POLL_MS = 20_000;
const IDLE_COMMIT_MS = 500;
/** Of a batch, to know about how large its records are. */
const SIZED_RECORDS = 16;
/** When a task said that it is durable up to some offset only. */
const FLUSH_AGAIN_MS = 250;

/**
 * Poll, convert, transform, put; everything of a task happens in one loop, rebalance callbacks included, since they
 * run inside the consumer's `poll`. Only a batch that went through `put` moves the positions, and only positions
 * that were flushed are committed.
 */
export class SinkRunner implements TaskRunner {
  readonly #connector: SinkConnector;
  readonly #environment: TaskEnvironment;
  readonly #lifetime: TaskLifetime;
  readonly #positions = new SinkPositions();
  readonly #replays = new SinkReplays();
  readonly #hold: SinkHold;
  readonly #reports: SinkReports;
  readonly #counters = newErrorCounters();
  readonly #topics = new Set<string>();
  /** Asked for by the task; done between two batches. */
  #seeks: TopicPartitionOffset[] = [];
  #isCommitRequested = false;
  #committedMs: number;
  #task: SinkTask | undefined;
  #consumer: Consumer | undefined;
  #handling: ErrorHandling | undefined;
  /** False once the task failed: then nothing may be flushed or committed. */
  #isSound = true;
  readonly #isTraced: boolean;
  readonly #meter: TaskMeter;
  /** Records of the batch that is being converted. */
  #converting = 0;
  #active = 0;
  #putSinceMs = 0;
  /** Of the last record that was read. */
  #newestMs: number | undefined;
  /** Of key and value, on the average of some records of the last batch. */
  #recordBytes = 0;

  constructor(connector: SinkConnector, environment: TaskEnvironment) {
    const { worker, clock } = environment;
    this.#connector = connector;
    this.#environment = environment;
    this.#committedMs = clock.monotonicMs();
    const tracer = environment.tracer?.task({
      connector: environment.connector,
      task: environment.task,
      kind: 'sink',
    });
    this.#isTraced = tracer !== undefined;
    this.#meter = new TaskMeter(clock, 'sink', windowSettings(worker), tracer);
    this.#lifetime = new TaskLifetime({
      clock,
      callLimitMs: worker.fields['task.call.timeout.ms'],
      graceMs: worker.fields['task.shutdown.graceful.timeout.ms'],
    });
    this.#hold = new SinkHold(clock);
    this.#reports = new SinkReports(this.#lifetime);
  }

  setPaused(isPaused: boolean): void {
    this.#lifetime.setPaused(isPaused);
    this.#consumer?.wakeup();
  }

  requestStop(): void {
    this.#lifetime.requestStop();
    this.#consumer?.wakeup();
  }

  async run(): Promise<void> {
    let opened: Opened | undefined;
    try {
      if (this.#lifetime.isPaused) await this.#waitForResume();
      opened = await this.#open();
      await this.#start(opened);
      await this.#loop(opened);
    } catch (error) {
      this.#lifetime.fail(error); // Ignored when the end was asked for.
    }
    // Also when it failed beside the loop, and the loop only heard of it.
    if (this.#lifetime.failure !== undefined) this.#isSound = false;
    await this.#shutDown(opened);
    if (this.#lifetime.failure !== undefined) throw this.#lifetime.failure;
  }

  abandon(): void {
    this.#isSound = false;
  }

  owned(): readonly TopicPartition[] {
    return this.#positions.all();
  }

  owns(topic: string, partition: number): boolean {
    return this.#positions.has({ topic, partition });
  }

  async replay(
    records: readonly ConsumedRecord[],
    signal: AbortSignal,
  ): Promise<readonly ReplayedRecord[]> {
    if (isAborted(this.#lifetime.signal)) throw conflict('the task has ended');
    if (this.#lifetime.isPaused) throw conflict('the connector is paused');
    const done = this.#replays.submit(records, signal);
    this.#consumer?.wakeup();
    return done;
  }

  figures(): TaskFigures {
    return {
      errors: this.#counters,
      own: this.#lifetime.signal.aborted ? {} : metricsOf(this.#task),
      samples: [
        ...this.#meter.samples(this.#lags()),
        { name: 'kafka_connect_sink_task_partition_count', value: this.#positions.count },
      ],
      clients: [['consumer', { fetchManagerRecordsLag: this.#unread() }]],
    };
  }

  #lags(): readonly StageLag[] {
    const { clock } = this.#environment;
    const records = this.#unread();
    const newestMs = records === 0 ? undefined : this.#newestMs;
    const uncommitted = this.#positions.uncommittedCount;
    return [
      {
        stage: 'read',
        records,
        bytes: Math.round(records * this.#recordBytes),
        ms: newestMs === undefined ? 0 : Math.max(0, clock.nowMs() - newestMs),
      },
      { stage: 'transform', records: this.#converting },
      {
        stage: 'deliver',
        records: this.#active,
        bytes: Math.round(this.#active * this.#recordBytes),
        ms: this.#active === 0 ? 0 : clock.monotonicMs() - this.#putSinceMs,
      },
      {
        stage: 'commit',
        records: uncommitted,
        ms: uncommitted === 0 ? 0 : this.#meter.uncommitted().ms,
      },
    ];
  }

  /** What the log held for us when it answered last, and was not handed out yet. */
  #unread(): number {
    const consumer = this.#consumer;
    if (consumer === undefined) return 0;
    return consumer
      .assignment()
      .reduce((total, partition) => total + (consumer.lag(partition) ?? 0), 0);
  }

  #show(state: 'RUNNING' | 'PAUSED'): void {
    this.#meter.enter(state);
    this.#environment.onState(state);
  }

  async #waitForResume(): Promise<void> {
    this.#show('PAUSED');
    await this.#lifetime.resumed();
  }

  async #open(): Promise<Opened> {
    const { config, worker, registry, client, connector } = this.#environment;
    const pipeline = await this.#lifetime.call('making of converters and transforms', () =>
      buildPipeline(config, worker, registry),
    );
    const handling = await this.#lifetime.call('opening of the dead letter topic', () =>
      openErrorHandling(this.#environment, this.#counters),
    );
    this.#handling = handling;
    const pattern = config['topics.regex'];
    const consumer = client.consumer({
      ...consumerOptions(worker, config),
      groupId: consumerGroupOf(connector, config),
      ...(pattern === undefined || pattern.trim() === ''
        ? { topics: listOf(config['topics']) }
        : { topicsPattern: javaRegex(pattern) }),
      onAssigned: (partitions) => this.#onAssigned(partitions),
      onRevoked: (partitions) => this.#onRevoked(partitions),
      onLost: (partitions) => this.#onLost(partitions),
    });
    this.#consumer = consumer;
    this.#hold.use(consumer);
    return { pipeline, conversion: new SinkConversion(pipeline), handling, consumer };
  }

  async #start({ handling }: Opened): Promise<void> {
    const { connector, task, taskConfig, log, clock, random } = this.#environment;
    const created = named('creation of the task', () => this.#connector.createTask());
    this.#task = created;
    const context = {
      connector,
      task,
      config: taskConfig,
      log,
      clock,
      random,
      seek: (position: TopicPartitionOffset): void => {
        if (isAborted(this.#lifetime.signal)) return;
        this.#seeks.push(position);
        this.#consumer?.wakeup();
      },
      requestCommit: (): void => {
        this.#isCommitRequested = true;
        this.#consumer?.wakeup();
      },
      assignment: () => this.#positions.partitions(),
      pause: (partitions: readonly TopicPartition[]): void =>
        this.#hold.pause(partitions, this.#positions.partitions()),
      resume: (partitions: readonly TopicPartition[]): void =>
        this.#hold.resume(partitions, this.#positions.partitions()),
      report: (record: SinkRecord, error: MillraceError): Promise<void> =>
        this.#reports.report(record, error, handling.errors),
    };
    await this.#staged('start of the task', (signal) => created.start(context, signal));
    this.#show('RUNNING');
  }

  async #loop(opened: Opened): Promise<void> {
    const { signal } = this.#lifetime;
    const { consumer } = opened;
    let isPausedShown = false;
    while (!isAborted(signal)) {
      if (this.#lifetime.isPaused !== isPausedShown) {
        isPausedShown = this.#lifetime.isPaused;
        await this.#switchPause(isPausedShown, opened);
      }
      const records = await this.#consume(consumer);
      if (records.length > 0) await this.#deliver(records, opened);
      if (!this.#lifetime.isPaused) await this.#replayLetters(opened);
      this.#applySeeks(consumer);
      await this.#commitIfDue(records.length === 0, opened);
    }
  }

  /** Dead letters, between two batches of our own; they move no position. */
  async #replayLetters(opened: Opened): Promise<void> {
    const { conversion } = opened;
    await this.#replays.run({
      convert: async (record) => listOfOutcome(await conversion.convert(record)),
      failedAt: () => ({ stage: conversion.stage, className: conversion.className }),
      put: async (records) => (await this.#putUntilTaken(records, () => true, opened)).failures,
      flush: () => this.#flushWholly(opened),
      signal: this.#lifetime.signal,
    });
  }

  /** A task may say that it is durable up to some offsets only: then it is asked again. */
  async #flushWholly(opened: Opened): Promise<void> {
    const { clock, worker } = this.#environment;
    const untilMs = clock.monotonicMs() + worker.fields['task.call.timeout.ms'];
    for (;;) {
      const consumed = this.#positions.current();
      const flushed = await this.#flush(consumed, opened.consumer);
      const isWhole = consumed.every(({ topic, partition, offset }) =>
        flushed.some(
          (each) => each.topic === topic && each.partition === partition && each.offset >= offset,
        ),
      );
      if (isWhole) break;
      if (clock.monotonicMs() >= untilMs)
        throw conflict('the task does not say that what it was given is durable');
      await this.#hold.holdFor(FLUSH_AGAIN_MS, this.#lifetime.signal);
    }
    if (this.#hold.isHolding && !this.#lifetime.isPaused) this.#hold.release();
  }

  /** A paused task stays in its group, with its partitions paused, and has committed what it did. */
  async #switchPause(isPaused: boolean, opened: Opened): Promise<void> {
    if (isPaused) {
      this.#replays.refuse('the connector is paused');
      this.#hold.hold();
      await this.#commit(undefined, opened);
    } else this.#hold.release();
    this.#show(isPaused ? 'PAUSED' : 'RUNNING');
  }

  async #consume(consumer: Consumer): Promise<readonly ConsumedRecord[]> {
    const { clock, random, log } = this.#environment;
    const { signal } = this.#lifetime;
    const startedMs = clock.monotonicMs();
    // What asks for something in between wakes the consumer.
    const timeoutMs = this.#positions.uncommittedCount === 0 ? IDLE_POLL_MS : POLL_MS;
    const records = await retry(
      { initialDelayMs: 100, delayMaxMs: 5000, deadlineMs: Infinity },
      {
        clock,
        random,
        signal,
        onRetry: (error, attempt) => {
          if ((attempt & (attempt - 1)) === 0)
            log.warn({ err: error, attempt }, 'the log could not be read; polled again');
        },
      },
      () => consumer.poll({ timeoutMs, signal }),
    ).catch((error: unknown) => {
      throw isAborted(signal) ? error : taskFailed('KAFKA_CONSUME', error);
    });
    this.#measureRead(records, clock.monotonicMs() - startedMs);
    return records;
  }

  async #deliver(consumed: readonly ConsumedRecord[], opened: Opened): Promise<void> {
    this.#meet(consumed);
    opened.handling.errors.processed(consumed.length);
    const owned = this.#positions.snapshot();
    const batch = await this.#convert(consumed, opened);
    this.#setActive(batch.length);
    if (batch.length > 0) await this.#put(batch, owned, opened);
    this.#setActive(0);
    // Later records of a partition overwrite earlier ones; partitions lost meanwhile stay lost.
    for (const { topic, partition, offset } of consumed)
      if (this.#positions.isStillOwned(topic, partition, owned))
        this.#positions.advance(topic, partition, offset + 1);
  }

  #setActive(count: number): void {
    if (count === this.#active) return;
    this.#active = count;
    this.#putSinceMs = this.#environment.clock.monotonicMs();
    this.#meter.active(count);
  }

  #measureRead(records: readonly ConsumedRecord[], tookMs: number): void {
    const more = this.#isTraced ? { carried: contextsOf(records) } : undefined;
    this.#meter.spent('read', tookMs, records.length, more);
    const last = records[records.length - 1];
    if (last === undefined) return;
    this.#meter.took(records.length);
    this.#newestMs = last.timestampMs < 0 ? undefined : last.timestampMs;
    this.#recordBytes = averageBytes(records);
  }

  #meet(consumed: readonly ConsumedRecord[]): void {
    let lastTopic = '';
    let lastPartition = -1;
    for (const { topic, partition, offset } of consumed) {
      if (topic === lastTopic && partition === lastPartition) continue;
      lastTopic = topic;
      lastPartition = partition;
      this.#positions.begin(topic, partition, offset);
      if (this.#topics.has(topic)) continue;
      this.#topics.add(topic);
      this.#environment.onTopic(topic);
    }
  }

  async #convert(consumed: readonly ConsumedRecord[], opened: Opened): Promise<SinkRecord[]> {
    const { clock } = this.#environment;
    const startedMs = clock.monotonicMs();
    this.#converting = consumed.length;
    try {
      return await this.#convertAll(consumed, opened);
    } finally {
      this.#converting = 0;
      this.#meter.spent('transform', clock.monotonicMs() - startedMs);
    }
  }

  async #convertAll(consumed: readonly ConsumedRecord[], opened: Opened): Promise<SinkRecord[]> {
    const batch: SinkRecord[] = [];
    for (const raw of consumed) {
      let outcome: Outcome<SinkRecord>;
      try {
        const converted = opened.conversion.convert(raw);
        outcome = converted instanceof Promise ? await this.#waited(converted) : converted;
      } catch (error) {
        outcome = await this.#convertAgain(raw, error, opened);
      }
      if (outcome === null) continue;
      if (isList(outcome)) batch.push(...outcome);
      else batch.push(outcome);
    }
    return batch;
  }

  /** A converter that waits for a registry waits no longer than the task may, and not after its end. */
  #waited(
    converted: Outcome<SinkRecord> | Promise<Outcome<SinkRecord>>,
  ): Promise<Outcome<SinkRecord>> {
    return this.#lifetime.call('preparation of a converter', () => Promise.resolve(converted));
  }

  async #convertAgain(
    raw: ConsumedRecord,
    firstError: unknown,
    { conversion, handling }: Opened,
  ): Promise<Outcome<SinkRecord>> {
    const { signal } = this.#lifetime;
    try {
      return await handling.errors.retrying(
        firstError,
        () => this.#waited(conversion.convert(raw)),
        signal,
      );
    } catch (error) {
      signal.throwIfAborted();
      const { stage, className } = conversion;
      const letter = letterOfConsumed(raw);
      await handling.errors.handle({ stage, className, error, letter }, signal);
      return null;
    }
  }

  async #put(
    records: readonly SinkRecord[],
    owned: OwnedPartitions,
    opened: Opened,
  ): Promise<void> {
    const { signal } = this.#lifetime;
    // Partitions that went to another worker meanwhile are its business now.
    const isOurs = ({ originalTopic, originalPartition }: SinkRecord): boolean =>
      this.#positions.isStillOwned(originalTopic, originalPartition, owned);
    const { batch, failures } = await this.#putUntilTaken(records, isOurs, opened).catch(
      (error: unknown) => {
        throw isAborted(signal) || isCallTimeout(error) ? error : taskFailed('TASK_PUT', error);
      },
    );
    for (const { index, error } of failures) {
      const record = must(batch[index], 'a failure names a record of the batch');
      const letter = letterOfSink(record);
      const className = 'org.apache.kafka.connect.sink.SinkTask';
      await opened.handling.errors.handle({ stage: 'TASK_PUT', className, error, letter }, signal);
    }
  }

  /** While the batch is not taken, the consumer stays in its group with its partitions paused. */
  async #putUntilTaken(
    records: readonly SinkRecord[],
    isOurs: (record: SinkRecord) => boolean,
    opened: Opened,
  ): Promise<{
    readonly batch: readonly SinkRecord[];
    readonly failures: readonly RecordFailure[];
  }> {
    const { clock, random, log } = this.#environment;
    const { signal } = this.#lifetime;
    const task = must(this.#task, 'a task is given records after its start');
    let batch = records;
    const failures = await retry(
      { ...opened.handling.errors.retryPolicy, deadlineMs: Infinity },
      {
        clock: {
          nowMs: () => clock.nowMs(),
          monotonicMs: () => clock.monotonicMs(),
          sleep: (durationMs) => this.#hold.holdFor(durationMs, signal),
        },
        random,
        signal,
        isRetriable: (error) => isRetriable(error) && !isCallTimeout(error),
        onRetry: (error, attempt, delayMs) => {
          this.#counters.retries++;
          if ((attempt & (attempt - 1)) === 0)
            log.warn({ err: error, attempt, delayMs }, 'records were not taken; put again');
        },
      },
      async () => {
        batch = batch.filter(isOurs);
        if (batch.length === 0) return [];
        const startedMs = clock.monotonicMs();
        const outcome = listOrNone(
          'TASK_PUT',
          await this.#lifetime.call('TASK_PUT', (inner) => task.put(batch, inner)),
        );
        this.#measurePut(clock.monotonicMs() - startedMs, batch.length - outcome.length);
        return outcome;
      },
    ).finally(() => {
      if (this.#hold.isHolding && !this.#lifetime.isPaused && !isAborted(signal))
        this.#hold.release();
    });
    return { batch, failures };
  }

  #measurePut(tookMs: number, sentCount: number): void {
    this.#meter.called(tookMs);
    this.#meter.spent('deliver', tookMs);
    this.#meter.gave(sentCount);
  }

  #applySeeks(consumer: Consumer): void {
    for (const position of this.#seeks.splice(0)) {
      if (!this.#positions.has(position)) continue;
      consumer.seek(position, position.offset);
      this.#positions.advance(position.topic, position.partition, position.offset);
    }
  }

  async #commitIfDue(isIdle: boolean, opened: Opened): Promise<void> {
    const { clock, worker } = this.#environment;
    const elapsedMs = clock.monotonicMs() - this.#committedMs;
    const intervalMs = worker.fields['offset.flush.interval.ms'];
    const isDue = elapsedMs >= (isIdle ? Math.min(IDLE_COMMIT_MS, intervalMs) : intervalMs);
    if (!isDue && !this.#isCommitRequested) return;
    await this.#commit(undefined, opened);
  }

  /** Flushes the task, waits for the dead letters, and commits what is safe; of some partitions or of all. */
  async #commit(among: readonly TopicPartition[] | undefined, opened: Opened): Promise<void> {
    this.#isCommitRequested = false;
    this.#committedMs = this.#environment.clock.monotonicMs();
    const moved = this.#positions.moved(among);
    if (moved.length === 0 || !this.#isSound) {
      this.#meter.commitSkipped();
      return;
    }
    const startedMs = this.#committedMs;
    try {
      await this.#commitMoved(moved, opened.handling, opened.consumer);
    } catch (error) {
      // Not in the group any more, or it is being rebalanced: the next poll tells which partitions are still ours.
      if (!isRetriable(error) && codeOf(error) !== 'client.commit_rejected') throw error;
      this.#meter.commitFailed(this.#environment.clock.monotonicMs() - startedMs);
      this.#environment.log.debug({ err: error }, 'offsets were not committed; tried again later');
    }
  }

  async #commitMoved(
    moved: readonly TopicPartitionOffset[],
    { errors }: ErrorHandling,
    consumer: Consumer,
  ): Promise<void> {
    const { clock } = this.#environment;
    const startedMs = clock.monotonicMs();
    const flushed = await this.#flush(moved, consumer);
    await this.#reports.settled();
    // INV-2: the offset of a parked record is committed only after its letter is durable.
    await errors.written().catch((error: unknown) => {
      this.#isSound = false;
      this.#lifetime.fail(error);
      throw error;
    });
    const { failure } = this.#lifetime;
    if (failure !== undefined) {
      this.#isSound = false; // It failed beside the loop: by a late report, for one.
      throw failure;
    }
    const safe = this.#positions.safe(flushed);
    if (safe.length === 0) return;
    await consumer.commit(safe);
    this.#positions.markCommitted(safe);
    this.#meter.committed(clock.monotonicMs() - startedMs);
  }

  /** What the task says is durable; nothing after a failed flush, and then the partitions are rewound. */
  async #flush(
    moved: readonly TopicPartitionOffset[],
    consumer: Consumer,
  ): Promise<readonly TopicPartitionOffset[]> {
    const task = must(this.#task, 'a task is flushed after its start');
    const startedMs = this.#environment.clock.monotonicMs();
    if (task.flush === undefined) return moved;
    try {
      const call = async (
        signal: AbortSignal,
      ): Promise<readonly TopicPartitionOffset[] | undefined> => task.flush?.(moved, signal);
      const answer = await this.#callAnyTime('flush of the task', call);
      return answer ?? moved;
    } catch (error) {
      if (!isRetriable(error) || isCallTimeout(error) || isAborted(this.#lifetime.signal)) {
        this.#isSound = false;
        this.#lifetime.fail(error);
        throw error;
      }
      this.#meter.commitFailed(this.#environment.clock.monotonicMs() - startedMs);
      for (const position of this.#positions.rewind()) consumer.seek(position, position.offset);
      this.#environment.log.warn(
        { err: error },
        'the task could not flush; it goes on from the last committed offsets',
      );
      return [];
    }
  }

  async #onAssigned(partitions: readonly TopicPartition[]): Promise<void> {
    const consumer = must(this.#consumer, 'callbacks come from a consumer');
    this.#environment.onMember?.(consumer.groupMetadata());
    const committed = await consumer.committed(partitions);
    for (const each of partitions)
      this.#positions.assign(
        each,
        committed.find((entry) => entry.topic === each.topic && entry.partition === each.partition)
          ?.offset,
      );
    this.#hold.assigned(partitions);
    await this.#inRebalance('open of the task', async (signal) =>
      this.#task?.open?.(partitions, signal),
    );
    // Where a task that keeps offsets in its target wants to go on, before anything is read from elsewhere.
    this.#applySeeks(consumer);
  }

  async #onRevoked(partitions: readonly TopicPartition[]): Promise<void> {
    if (this.#isSound && this.#handling !== undefined && this.#consumer !== undefined) {
      try {
        const moved = this.#positions.moved(partitions);
        if (moved.length > 0) await this.#commitMoved(moved, this.#handling, this.#consumer);
      } catch (error) {
        // Uncommitted means that the next owner delivers again; the rebalance itself must go on.
        this.#environment.log.warn(
          { err: error },
          'offsets of revoked partitions were not committed',
        );
      }
    }
    await this.#letGo(partitions);
  }

  /** Ours no more: nothing is flushed for them, and nothing committed. */
  async #onLost(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#letGo(partitions);
  }

  async #letGo(partitions: readonly TopicPartition[]): Promise<void> {
    for (const each of partitions) this.#positions.release(each);
    this.#hold.revoked(partitions);
    await this.#inRebalance('close of the task', async (signal) =>
      this.#task?.close?.(partitions, signal),
    );
  }

  async #inRebalance(stage: string, call: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const isAtEnd = isAborted(this.#lifetime.signal);
    try {
      await this.#callAnyTime(stage, call);
    } catch (error) {
      this.#isSound = false;
      this.#lifetime.fail(error);
      // At the end nobody can use the error any more, and the group must be left all the same.
      if (!isAtEnd) throw error;
      this.#environment.log.warn({ err: error, stage }, 'the task failed while it ended');
    }
  }

  async #shutDown(opened: Opened | undefined): Promise<void> {
    const { log } = this.#environment;
    const lifetime = this.#lifetime;
    lifetime.requestStop();
    this.#replays.refuse('the task has ended');
    const giveUp = (what: string) => (error: unknown) => {
      log.warn(
        { err: error, what },
        'a step of stopping the task failed; the task ends all the same',
      );
    };
    if (opened !== undefined)
      // Revokes, and so flushes and commits, if the task is sound.
      await lifetime
        .callAtEnd('last commit of the task', () => opened.consumer.close())
        .catch(giveUp('commit'));
    this.#isSound = false;
    await lifetime
      .callAtEnd('stop of the task', async () => this.#task?.stop())
      .catch(giveUp('stop'));
    if (opened === undefined) return;
    await lifetime
      .callAtEnd('close of the producers', async () => opened.handling.deadLetters?.close())
      .catch(giveUp('close'));
    closePipeline(opened.pipeline);
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

  /** Rebalance callbacks also come while the task ends. */
  async #callAnyTime<T>(stage: string, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return isAborted(this.#lifetime.signal)
      ? this.#lifetime.callAtEnd(stage, call)
      : this.#staged(stage, call);
  }
}

/** Looks at a few only: it is told for each batch. */
function averageBytes(records: readonly ConsumedRecord[]): number {
  const step = Math.max(1, Math.floor(records.length / SIZED_RECORDS));
  let bytes = 0;
  let count = 0;
  for (let index = 0; index < records.length; index += step) {
    const record = records[index];
    bytes += (record?.key?.byteLength ?? 0) + (record?.value?.byteLength ?? 0);
    count++;
  }
  return bytes / Math.max(count, 1);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof MillraceError ? error.code : undefined;
}
