import { javaRegex } from '@millrace/config';
import type {
  SinkConnector,
  SinkTask,
  TopicPartition,
  TopicPartitionOffset,
} from '@millrace/connector-api';
import { isAborted, must, type MillraceError } from '@millrace/foundation';
import type { ConsumedRecord, Consumer } from '@millrace/kafka-client';
import type { SinkRecord } from '@millrace/record';
import { consumerGroupOf, consumerOptions } from '../config/client-overrides.ts';
import { listOf } from '../config/prefixes.ts';
import { conflict } from '../errors.ts';
import { newErrorCounters } from '../errors/counters.ts';
import { openErrorHandling, type ErrorHandling } from './error-setup.ts';
import { buildPipeline, closePipeline, listOfOutcome, type Pipeline } from './pipeline.ts';
import { metricsOf, named } from './plugin-answers.ts';
import { SinkCommits } from './sink-commits.ts';
import { SinkConversion } from './sink-conversion.ts';
import { SinkDelivery } from './sink-delivery.ts';
import { SinkFigures } from './sink-figures.ts';
import { SinkHold } from './sink-hold.ts';
import { SinkIntake } from './sink-intake.ts';
import { SinkPositions } from './sink-positions.ts';
import { SinkReplays, type ReplayedRecord } from './sink-replays.ts';
import { SinkReports } from './sink-reports.ts';
import { SinkRuns } from './sink-runs.ts';
import { TaskLifetime } from './task-lifetime.ts';
import type { TaskEnvironment, TaskFigures, TaskRunner } from './task-runner.ts';

interface Opened {
  readonly pipeline: Pipeline;
  readonly conversion: SinkConversion;
  readonly handling: ErrorHandling;
  readonly consumer: Consumer;
  readonly intake: SinkIntake;
  readonly runs: SinkRuns;
  readonly delivery: SinkDelivery;
  readonly commits: SinkCommits;
}

/** Kafka's own `max.poll.records`. */
const POLL_RECORDS_MAX = 500;

/**
 * Poll, convert, transform, put; every call into a task is made in one loop, rebalance callbacks included, since they
 * run inside the consumer's `poll`. The next batch is read and converted while one is put (`SinkIntake`). Only a batch
 * that went through `put` moves the positions, and only positions that were flushed are committed.
 */
export class SinkRunner implements TaskRunner {
  readonly #connector: SinkConnector;
  readonly #environment: TaskEnvironment;
  readonly #lifetime: TaskLifetime;
  readonly #positions = new SinkPositions();
  readonly #replays = new SinkReplays();
  readonly #hold: SinkHold;
  readonly #reports: SinkReports;
  readonly #figures: SinkFigures;
  readonly #counters = newErrorCounters();
  /** Asked for by the task; done between two batches. */
  #seeks: TopicPartitionOffset[] = [];
  #task: SinkTask | undefined;
  #opened: Opened | undefined;
  /** False once the task failed: then nothing may be flushed or committed. */
  #isSound = true;

  constructor(connector: SinkConnector, environment: TaskEnvironment) {
    const { worker, clock } = environment;
    this.#connector = connector;
    this.#environment = environment;
    this.#lifetime = new TaskLifetime({
      clock,
      callLimitMs: worker.fields['task.call.timeout.ms'],
      graceMs: worker.fields['task.shutdown.graceful.timeout.ms'],
    });
    this.#figures = new SinkFigures(environment, this.#positions);
    this.#hold = new SinkHold(clock);
    this.#reports = new SinkReports(this.#lifetime);
  }

  forgetTopics(): void {
    this.#opened?.delivery.forgetTopics();
  }

  setPaused(isPaused: boolean): void {
    this.#lifetime.setPaused(isPaused);
    this.#opened?.consumer.wakeup();
  }

  requestStop(): void {
    this.#lifetime.requestStop();
    this.#opened?.consumer.wakeup();
  }

  async run(): Promise<void> {
    try {
      if (this.#lifetime.isPaused) await this.#waitForResume();
      const opened = await this.#open();
      await this.#start(opened);
      await this.#loop(opened);
    } catch (error) {
      this.#lifetime.fail(error); // Ignored when the end was asked for.
    }
    // Also when it failed beside the loop, and the loop only heard of it.
    if (this.#lifetime.failure !== undefined) this.#isSound = false;
    await this.#shutDown(this.#opened);
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
    this.#opened?.consumer.wakeup();
    return done;
  }

  figures(): TaskFigures {
    return {
      errors: this.#counters,
      own: this.#lifetime.signal.aborted ? {} : metricsOf(this.#task),
      samples: this.#figures.samples(this.#opened?.intake.waitingCount ?? 0),
      clients: [['consumer', { fetchManagerRecordsLag: this.#figures.unread() }]],
    };
  }

  #show(state: 'RUNNING' | 'PAUSED'): void {
    this.#figures.meter.enter(state);
    this.#environment.onState(state);
  }

  async #waitForResume(): Promise<void> {
    this.#show('PAUSED');
    await this.#lifetime.resumed();
  }

  async #open(): Promise<Opened> {
    const { config, worker, registry } = this.#environment;
    const pipeline = await this.#lifetime.call('making of converters and transforms', () =>
      buildPipeline(config, worker, registry),
    );
    const handling = await this.#lifetime.call('opening of the dead letter topic', () =>
      openErrorHandling(this.#environment, this.#counters),
    );
    this.#opened = this.#assemble(pipeline, handling);
    return this.#opened;
  }

  #assemble(pipeline: Pipeline, handling: ErrorHandling): Opened {
    const { config, worker, client, connector, clock, random, log } = this.#environment;
    const pattern = config['topics.regex'];
    const options = consumerOptions(worker, config);
    const consumer = client.consumer({
      ...options,
      recyclesMemory: true,
      groupId: consumerGroupOf(connector, config),
      ...(pattern === undefined || pattern.trim() === ''
        ? { topics: listOf(config['topics']) }
        : { topicsPattern: javaRegex(pattern) }),
      onAssigned: (partitions) => this.#onAssigned(partitions),
      onRevoked: (partitions) => this.#onRevoked(partitions),
      onLost: (partitions) => this.#onLost(partitions),
    });
    this.#hold.use(consumer);
    this.#figures.use(consumer);
    const conversion = new SinkConversion(pipeline);
    const runs = new SinkRuns(pipeline, conversion);
    const intake = new SinkIntake({
      consumer,
      conversion,
      figures: this.#figures,
      runs,
      clock,
      random,
      log,
      signal: this.#lifetime.signal,
      recordsMax: options.maxPollRecords ?? POLL_RECORDS_MAX,
    });
    const parts = {
      environment: this.#environment,
      lifetime: this.#lifetime,
      positions: this.#positions,
      hold: this.#hold,
      figures: this.#figures,
      errors: handling.errors,
      intake,
      task: () => must(this.#task, 'a task is given work after its start'),
    };
    const delivery = new SinkDelivery({ ...parts, counters: this.#counters, conversion, runs });
    const commits = new SinkCommits({
      ...parts,
      reports: this.#reports,
      consumer,
      isSound: () => this.#isSound,
      distrust: () => {
        this.#isSound = false;
      },
    });
    return { pipeline, conversion, handling, consumer, intake, runs, delivery, commits };
  }

  async #start({ commits, consumer, handling, intake, runs }: Opened): Promise<void> {
    const { connector, task, taskConfig, log, clock, random } = this.#environment;
    const created = named('creation of the task', () => this.#connector.createTask());
    this.#task = created;
    runs.use(created);
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
        consumer.wakeup();
      },
      requestCommit: (): void => {
        commits.request();
        consumer.wakeup();
      },
      assignment: () => this.#positions.partitions(),
      pause: (partitions: readonly TopicPartition[]): void => {
        this.#hold.pause(partitions, this.#positions.partitions());
        intake.paused(partitions);
      },
      resume: (partitions: readonly TopicPartition[]): void =>
        this.#hold.resume(partitions, this.#positions.partitions()),
      report: (record: SinkRecord, error: MillraceError): Promise<void> =>
        this.#reports.report(record, error, handling.errors),
    };
    await this.#lifetime.staged('start of the task', (signal) => created.start(context, signal));
    this.#show('RUNNING');
  }

  async #loop(opened: Opened): Promise<void> {
    const { signal } = this.#lifetime;
    const { commits, delivery, intake } = opened;
    let isPausedShown = false;
    while (!isAborted(signal)) {
      if (this.#lifetime.isPaused !== isPausedShown) {
        isPausedShown = this.#lifetime.isPaused;
        await this.#switchPause(isPausedShown, opened);
      }
      const batch = await intake.next(this.#positions.uncommittedCount > 0);
      if (batch.consumed.length > 0) await delivery.deliver(batch);
      if (!this.#lifetime.isPaused) await this.#replayLetters(opened);
      this.#applySeeks(opened);
      await commits.commitIfDue(batch.consumed.length === 0);
    }
  }

  /** Dead letters, between two batches of our own; they move no position. */
  async #replayLetters({ commits, conversion, delivery }: Opened): Promise<void> {
    await this.#replays.run({
      convert: async (record) => listOfOutcome(await conversion.convert(record)),
      failedAt: () => ({ stage: conversion.stage, className: conversion.className }),
      put: async (records) => (await delivery.putUntilTaken(records, (all) => all)).failures,
      flush: () => commits.flushWholly(),
      signal: this.#lifetime.signal,
    });
  }

  /** A paused task stays in its group, with its partitions paused, and has committed what it did. */
  async #switchPause(isPaused: boolean, { commits, intake }: Opened): Promise<void> {
    if (isPaused) {
      this.#replays.refuse('the connector is paused');
      this.#hold.hold();
      intake.giveBackAll();
      await commits.commit();
    } else this.#hold.release();
    this.#show(isPaused ? 'PAUSED' : 'RUNNING');
  }

  #applySeeks({ intake }: Opened): void {
    for (const position of this.#seeks.splice(0)) {
      if (!this.#positions.has(position)) continue;
      intake.seek(position);
      this.#positions.advance(position.topic, position.partition, position.offset);
    }
  }

  async #onAssigned(partitions: readonly TopicPartition[]): Promise<void> {
    const opened = must(this.#opened, 'callbacks come from a consumer');
    const { consumer } = opened;
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
    this.#applySeeks(opened);
  }

  async #onRevoked(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#opened?.commits.commitRevoked(partitions);
    await this.#letGo(partitions);
  }

  /** Ours no more: nothing is flushed for them, and nothing committed. */
  async #onLost(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#letGo(partitions);
  }

  async #letGo(partitions: readonly TopicPartition[]): Promise<void> {
    this.#opened?.intake.forget(partitions);
    for (const each of partitions) this.#positions.release(each);
    this.#hold.revoked(partitions);
    await this.#inRebalance('close of the task', async (signal) =>
      this.#task?.close?.(partitions, signal),
    );
  }

  async #inRebalance(stage: string, call: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const isAtEnd = isAborted(this.#lifetime.signal);
    try {
      await this.#lifetime.stagedAnyTime(stage, call);
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
}
