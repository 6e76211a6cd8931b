import { Worker, type MessagePort } from 'node:worker_threads';
import type { TopicPartition } from '@millrace/connector-api';
import { deferred, errorFromData, isAborted } from '@millrace/foundation';
import type { ConsumedRecord } from '@millrace/kafka-client';
import { taskBlocked, taskOutOfMemory, taskThreadDied } from '../errors.ts';
import { noFigures } from '../tasks/runner-of.ts';
import type {
  GroupMembership,
  TaskEnvironment,
  TaskFigures,
  TaskRunner,
} from '../tasks/task-runner.ts';
import type { ReplayedRecord } from '../tasks/sink-replays.ts';
import type { Isolation } from '../config/isolation-fields.ts';
import {
  HEARTBEAT_MS,
  type FromThread,
  type ThreadTask,
  type ToThread,
} from './thread-messages.ts';
import { ReplayCalls } from './thread-replays.ts';

/** A thread reads the code of all connectors before it can say a word. */
const LOAD_LIMIT_MS = 60_000;
/** Of taking it out of its group. */
const LEAVE_LIMIT_MS = 5_000;

/** How threads for tasks are started; given by whoever composes the process. */
export interface TaskThreads {
  /** A module that calls `serveTask`. */
  readonly entry: URL;
  /** What it is given as `workerData`, anew for each thread. */
  open(): { readonly data: unknown; readonly transfer: readonly MessagePort[] };
}

export interface ThreadRunnerOptions {
  readonly threads: TaskThreads;
  readonly isolation: Isolation;
  readonly environment: TaskEnvironment;
  /** The connector's configuration before its placeholders were replaced. */
  readonly template: TaskEnvironment['config'];
}

/**
 * A task in a thread of its own, with the same code as without. The thread has its own client of the log; what it does
 * to states, statuses and figures of the worker comes over messages. Whatever happens to the thread, the task alone has
 * failed of it.
 */
export class ThreadRunner implements TaskRunner {
  readonly #options: ThreadRunnerOptions;
  readonly #ended = deferred();
  readonly #watching = new AbortController();
  #thread: Worker | undefined;
  #isPaused = false;
  #isLoaded = false;
  #heardMs: number;
  #figures: TaskFigures = noFigures();
  #owned: readonly TopicPartition[] = [];
  /** What the thread has not left by itself. */
  #membership: GroupMembership | undefined;
  readonly #replays = new ReplayCalls((order) => this.#tell(order));

  constructor(options: ThreadRunnerOptions) {
    this.#options = options;
    this.#heardMs = options.environment.clock.monotonicMs();
  }

  forgetTopics(): void {
    this.#tell({ kind: 'forget-topics' });
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#tell({ kind: 'pause', isPaused });
  }

  requestStop(): void {
    if (this.#thread === undefined) this.#ended.resolve();
    this.#tell({ kind: 'stop' });
  }

  /** INV-9: a thread that is gone delivers nothing more; what is on its way is as after a crash. */
  abandon(): void {
    this.#ended.reject(new Error('the task did not stop in time'));
  }

  figures(): TaskFigures {
    return this.#figures;
  }

  owned(): readonly TopicPartition[] {
    return this.#owned;
  }

  owns(topic: string, partition: number): boolean {
    return this.#owned.some((each) => each.topic === topic && each.partition === partition);
  }

  replay(
    records: readonly ConsumedRecord[],
    signal: AbortSignal,
  ): Promise<readonly ReplayedRecord[]> {
    return this.#replays.replay(records, signal);
  }

  async run(): Promise<void> {
    const { threads, isolation } = this.#options;
    const { data, transfer } = threads.open();
    const thread = new Worker(threads.entry, {
      workerData: data,
      transferList: [...transfer],
      resourceLimits: { maxOldGenerationSizeMb: isolation.memoryMaxMb },
    });
    this.#thread = thread;
    this.#heardMs = this.#options.environment.clock.monotonicMs();
    thread.on('message', (message: FromThread) => this.#take(message));
    thread.on('error', (error) => this.#ended.reject(this.#deathOf(error)));
    thread.on('exit', (code) =>
      this.#ended.reject(taskThreadDied(`process.exit(${code}) was called in it`, undefined)),
    );
    this.#tell({ kind: 'run', task: this.#task() });
    const watching = this.#watch();
    try {
      await this.#ended.promise;
    } finally {
      this.#replays.end();
      this.#watching.abort();
      await watching;
      this.#thread = undefined;
      await thread.terminate();
      await this.#leaveGroup();
    }
  }

  #task(): ThreadTask {
    const { environment, template } = this.#options;
    const { connector, task, config, taskConfig, worker } = environment;
    return {
      connector,
      task,
      config,
      template,
      taskConfig,
      workerConfig: worker.raw,
      isLogEmbedded: worker.isLogEmbedded,
      isPaused: this.#isPaused,
    };
  }

  #tell(message: ToThread): void {
    this.#thread?.postMessage(message);
  }

  #take(message: FromThread): void {
    const { environment } = this.#options;
    this.#heardMs = environment.clock.monotonicMs();
    this.#isLoaded = true;
    switch (message.kind) {
      case 'state':
        environment.onState(message.state);
        break;
      case 'topic':
        environment.onTopic(message.topic);
        break;
      case 'error':
        environment.onError({
          ...message.sighting,
          error: errorFromData(message.sighting.error),
        });
        break;
      case 'log': {
        const errors = Object.entries(message.errors).map(([key, error]): [string, Error] => [
          key,
          errorFromData(error),
        ]);
        environment.log[message.level](
          { ...message.fields, ...Object.fromEntries(errors) },
          message.message,
        );
        break;
      }
      case 'member':
        this.#membership = message.member;
        break;
      case 'figures':
        this.#figures = message.figures;
        this.#owned = message.owned ?? [];
        break;
      case 'replayed':
      case 'not-replayed':
        this.#replays.take(message);
        break;
      case 'ended':
        this.#membership = undefined; // It closed its consumer.
        if (message.failure === undefined) this.#ended.resolve();
        else this.#ended.reject(errorFromData(message.failure));
        break;
    }
  }

  /** A thread that is not heard of does not come round to its messages: something in it does not return. */
  async #watch(): Promise<void> {
    const { clock } = this.#options.environment;
    const { blockedLimitMs } = this.#options.isolation;
    const { signal } = this.#watching;
    while (!isAborted(signal)) {
      await clock.sleep(HEARTBEAT_MS, signal).catch(() => undefined);
      const silentMs = clock.monotonicMs() - this.#heardMs;
      const limitMs = this.#isLoaded ? blockedLimitMs : Math.max(blockedLimitMs, LOAD_LIMIT_MS);
      if (silentMs > limitMs) this.#ended.reject(taskBlocked(silentMs, limitMs));
    }
  }

  /** A thread that was ended from outside is a member still: its partitions would wait for the session's end. */
  async #leaveGroup(): Promise<void> {
    const { client, clock, log } = this.#options.environment;
    if (this.#membership === undefined) return;
    const { groupId, memberId } = this.#membership;
    const timer = new AbortController();
    const late = clock.sleep(LEAVE_LIMIT_MS, timer.signal).catch(() => undefined);
    const leaving = client.operations
      .removeGroupMembers(groupId, [{ memberId }])
      .catch((error: unknown) =>
        log.warn(
          { err: error, group: groupId },
          'the member of a thread that was ended stays in its group until its session times out',
        ),
      );
    await Promise.race([leaving, late]);
    timer.abort();
  }

  #deathOf(error: unknown): Error {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
    if (code === 'ERR_WORKER_OUT_OF_MEMORY')
      return taskOutOfMemory(this.#options.isolation.memoryMaxMb);
    return taskThreadDied(error instanceof Error ? error.message : String(error), error);
  }
}
