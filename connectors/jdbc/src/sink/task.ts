import type {
  ComponentConfig,
  RecordFailure,
  SinkRun,
  SinkTask,
  SinkTaskContext,
  TopicPartition,
} from '@millrace/connector-api';
import { describeError, MillraceError, must, retry } from '@millrace/foundation';
import { ConfigError } from '@millrace/config';
import type { SinkRecord } from '@millrace/record';
import { changeOf } from './change.ts';
import type { Dialect, DialectWriter, ExactlyOnceBatch, IndexedChange } from './dialect/dialect.ts';
import { TargetError } from '../errors.ts';
import { settingProblems, type Settings } from './settings.ts';

/** The first wait is short, as a lost deadlock or a restarted server is often over at once. */
const FIRST_RETRY_DELAY_MS = 20;

interface Running {
  readonly context: SinkTaskContext;
  readonly settings: Settings;
  readonly writer: DialectWriter;
}

export interface JdbcSinkTaskOptions {
  readonly settingsFrom: (config: ComponentConfig) => Settings;
  readonly dialectOf: (settings: Settings) => Dialect;
}

/**
 * One connection, one transaction for each `put`. A put that failed with a retriable error may have been committed
 * (the answer to COMMIT was lost): writing it again changes nothing in upsert and update mode, nor with Kafka's
 * coordinates as the key; plain inserts are at-least-once, unless offsets are stored in the target.
 */
export class JdbcSinkTask implements SinkTask {
  readonly #options: JdbcSinkTaskOptions;
  #running: Running | undefined;
  readonly #metrics = {
    rows_written: 0,
    /** Of these, the ones that no object was made for. */
    rows_written_in_runs: 0,
    rows_deleted: 0,
    rows_unmatched: 0,
    records_skipped: 0,
    records_failed: 0,
    batches_split: 0,
    batches_retried: 0,
  };

  constructor(options: JdbcSinkTaskOptions) {
    this.#options = options;
  }

  async start(context: SinkTaskContext, signal: AbortSignal): Promise<void> {
    const settings = this.#options.settingsFrom(context.config);
    const problems = settingProblems(settings);
    if (problems.length > 0) throw new ConfigError('the JDBC sink', problems);
    const writer = this.#options.dialectOf(settings).open({
      settings,
      clock: context.clock,
      log: context.log,
      applicationName: `millrace ${context.connector} ${context.task}`,
      connector: context.connector,
    });
    this.#running = { context, settings, writer };
    await writer.connect(signal);
  }

  /** With exactly-once delivery the target knows where to go on, whatever the group has committed. */
  async open(partitions: readonly TopicPartition[], signal: AbortSignal): Promise<void> {
    const { context, settings, writer } = this.#mustRun();
    if (!settings.isExactlyOnce || partitions.length === 0) return;
    const claimed = await this.#retried(settings, context, signal, partitions.length, () =>
      writer.claim(partitions, signal),
    );
    for (const position of claimed) context.seek(position);
  }

  close(partitions: readonly TopicPartition[]): Promise<void> {
    this.#running?.writer.release(partitions);
    return Promise.resolve();
  }

  async put(
    records: readonly SinkRecord[],
    signal: AbortSignal,
  ): Promise<readonly RecordFailure[]> {
    const { context, settings, writer } = this.#mustRun();
    const failures: RecordFailure[] = [];
    const changes = this.#changesOf(records, settings, failures);
    const once = settings.isExactlyOnce ? onceOf(records, failures, context) : undefined;
    if (changes.length > 0 || once !== undefined) {
      const result = await this.#retried(settings, context, signal, changes.length, () =>
        writer.write(changes, signal, once),
      );
      failures.push(...result.failures);
      this.#metrics.rows_written += result.rows;
      this.#metrics.rows_deleted += result.deletes;
      this.#metrics.rows_unmatched += result.unmatched;
      if (result.isSplit) this.#metrics.batches_split++;
    }
    this.#metrics.records_failed += failures.length;
    if (once !== undefined) return []; // They were reported before the commit that steps over them.
    return failures.sort((left, right) => left.index - right.index);
  }

  /** Whatever goes wrong is met again, and told, when the records are put. */
  async putRun(run: SinkRun, signal: AbortSignal): Promise<boolean> {
    const { settings, writer } = this.#mustRun();
    try {
      const result = await writer.writeRun(run, settings.isExactlyOnce, signal);
      if (result === undefined) return false;
      this.#metrics.rows_written += result.rows;
      this.#metrics.rows_written_in_runs += result.rows;
      this.#metrics.rows_deleted += result.deletes;
      this.#metrics.records_skipped += result.skipped;
      return true;
    } catch (error) {
      if (error instanceof MillraceError) return false;
      throw error;
    }
  }

  #mustRun(): Running {
    return must(this.#running, 'the task is started before it is used');
  }

  metrics(): Readonly<Record<string, number>> {
    return this.#metrics;
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.writer.close();
  }

  #changesOf(
    records: readonly SinkRecord[],
    settings: Settings,
    failures: RecordFailure[],
  ): IndexedChange[] {
    const changes: IndexedChange[] = [];
    records.forEach((record, index) => {
      try {
        const change = changeOf(record, settings);
        if (change.kind === 'skip') this.#metrics.records_skipped++;
        else changes.push({ index, topic: record.topic, change });
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        failures.push({ index, error });
      }
    });
    return changes;
  }

  /** The retries that the connector's keys promise; after them the runtime decides. */
  #retried<T>(
    settings: Settings,
    context: SinkTaskContext,
    signal: AbortSignal,
    count: number,
    operation: () => Promise<T>,
  ): Promise<T> {
    return retry(
      {
        initialDelayMs: Math.min(FIRST_RETRY_DELAY_MS, settings.retryDelayMaxMs),
        delayMaxMs: settings.retryDelayMaxMs,
        deadlineMs: Number.POSITIVE_INFINITY,
        attemptsMax: settings.retriesMax + 1,
      },
      {
        clock: context.clock,
        random: context.random,
        signal,
        onRetry: (error, attempt) => {
          this.#metrics.batches_retried++;
          if (attempt === 3)
            context.log.warn(
              { cause: describeError(error), records: count },
              'the target does not take a batch; trying on',
            );
        },
      },
      operation,
    );
  }
}

/** INV-2: a record that is stepped over is in other hands before its offset is committed. */
function onceOf(
  records: readonly SinkRecord[],
  failures: readonly RecordFailure[],
  context: SinkTaskContext,
): ExactlyOnceBatch {
  return {
    offsets: records.map(({ originalTopic, originalPartition, originalOffset }) => ({
      topic: originalTopic,
      partition: originalPartition,
      offset: originalOffset,
    })),
    failures,
    report: async (reported) => {
      for (const { index, error } of reported)
        await context.report(must(records[index], 'a failure names a record'), error);
    },
  };
}
