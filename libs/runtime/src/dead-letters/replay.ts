import { isAborted, isRetriable, MillraceError, retry } from '@millrace/foundation';
import type { Clock, Logger, Random } from '@millrace/foundation';
import type { ProducerRecord, TransactionalProducer } from '@millrace/kafka-client';
import { deliveryFailed, replayStopped } from '../errors.ts';
import type { FailedOperation } from '../errors/failed-operation.ts';
import { letterRecordOf, type LetterOrigin } from '../errors/letter-record.ts';
import type { LogClient } from '../clients/log-client.ts';
import type { OffsetRanges } from './offset-ranges.ts';
import type { ReplayLedger } from './replay-ledger.ts';
import type { ReplayProblem, ReplayRequest, ReplayStatus } from './replay-status.ts';
import {
  againFailed,
  type LetterOutcome,
  type Preview,
  type ReplayTarget,
} from './replay-target.ts';
import { scanSpan, spansOf, type PartitionSpan } from './scan.ts';
import { isOf, isSelected } from './selection.ts';
import { readLetter, type StoredLetter } from './stored-letter.ts';

export interface ReplayOptions {
  readonly id: string;
  readonly connector: string;
  readonly request: ReplayRequest;
  readonly origin: LetterOrigin;
  readonly client: LogClient;
  readonly ledger: ReplayLedger;
  readonly target: ReplayTarget;
  /** Why a letter can't be replayed; undefined when it can. */
  readonly obstacleOf: (letter: StoredLetter) => string | undefined;
  /** Undefined for a dry run, which writes nothing. */
  readonly producer: TransactionalProducer | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Letters of one transaction: what a kill may make a sink see twice. */
const BATCH_LETTERS_MAX = 100;
const BATCH_BYTES_MAX = 1_048_576;
/** INV-6. */
const PROBLEMS_MAX = 20;
const PREVIEWS_MAX = 10;
const RUNS_MAX = 1000;
/** So many failures without a success between them: the cause is not mended, and the rest would only be worn out. */
const FAILURES_IN_A_ROW_MAX = 100;
const COMMIT_RETRY = { initialDelayMs: 100, delayMaxMs: 5000, deadlineMs: Infinity } as const;

/**
 * Gives dead letters to their connector once more, in their order, batch by batch. With each batch one transaction
 * commits which letters are done, what went to the log, and those that failed again as new letters behind the end at
 * which this replay began. The transactional id is the connector's, so that a replay that was left behind can't write.
 */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #stop = new AbortController();
  readonly #startedAt: string;
  readonly #problems: ReplayProblem[] = [];
  readonly #previews: ReplayStatus['previews'][number][] = [];
  readonly #progress = new Map<number, { offset: number; readonly end: number }>();
  #state: ReplayStatus['state'] = 'running';
  #endedAt: string | null = null;
  #error: unknown;
  #finished: Promise<void> | undefined;
  #scanned = 0;
  #selected = 0;
  #delivered = 0;
  #dropped = 0;
  #failed = 0;
  #failuresInARow = 0;
  #replayed = 0;
  #notReplayable = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#startedAt = new Date(options.clock.nowMs()).toISOString();
  }

  get id(): string {
    return this.#options.id;
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  get isDry(): boolean {
    return this.#options.producer === undefined;
  }

  status(): ReplayStatus {
    const { id, connector, origin, request } = this.#options;
    const { dry_run: isDry = false, ...selection } = request;
    const error = this.#error;
    return {
      id,
      connector,
      topic: origin.topic,
      state: this.#state,
      dry_run: isDry,
      selection,
      started_at: this.#startedAt,
      ended_at: this.#endedAt,
      scanned: this.#scanned,
      delivered: this.#delivered,
      dropped: this.#dropped,
      failed: this.#failed,
      skipped: { replayed: this.#replayed, not_replayable: this.#notReplayable },
      progress: [...this.#progress].map(([partition, { offset, end }]) => ({
        partition,
        offset,
        end,
      })),
      problems: [...this.#problems],
      previews: [...this.#previews],
      error: error === undefined ? null : this.#text(error),
      remedy: error instanceof MillraceError ? (error.hint ?? null) : null,
    };
  }

  start(): Promise<void> {
    this.#finished ??= this.#run();
    return this.#finished;
  }

  /** What is delivered counts; resolves when nothing goes on. */
  async cancel(why: string): Promise<void> {
    this.abort(why);
    await this.#finished;
  }

  abort(why: string): void {
    this.#stop.abort(replayStopped(why));
  }

  async #run(): Promise<void> {
    const { log, target, producer, clock } = this.#options;
    try {
      await this.#replayAll();
      this.#state = 'completed';
    } catch (error) {
      this.#state = isAborted(this.#stop.signal) ? 'cancelled' : 'failed';
      this.#error = isAborted(this.#stop.signal) ? this.#stop.signal.reason : error;
      log.warn({ err: error, replay: this.id }, 'a replay of dead letters did not come to its end');
    }
    this.#endedAt = new Date(clock.nowMs()).toISOString();
    target.close();
    await producer?.close({ timeoutMs: 0 }).catch((error: unknown) => {
      log.debug({ err: error }, 'the producer of a replay was not closed in order');
    });
  }

  async #replayAll(): Promise<void> {
    const { client, origin, request, producer, ledger } = this.#options;
    const { signal } = this.#stop;
    // Whoever replayed before is shut out, and what it committed is visible from here on (INV-9).
    await producer?.initTransactions(signal);
    await ledger.refresh(signal);
    // Letters that this replay writes lie behind these ends: nothing is tried twice in one run.
    const spans = await spansOf(client, origin.topic);
    const chosen = spans.flatMap((span) => narrowed(span, request));
    for (const { partition, from, end } of chosen)
      this.#progress.set(partition, { offset: from, end });
    for (const span of chosen) {
      const earliest = spans.find(({ partition }) => partition === span.partition)?.from ?? 0;
      await this.#replaySpan(span, earliest);
    }
  }

  async #replaySpan(span: PartitionSpan, earliest: number): Promise<void> {
    const { client, origin, connector, request, ledger } = this.#options;
    const { signal } = this.#stop;
    const { limit = Infinity } = request;
    let done = ledger.of(span.partition);
    let batch: StoredLetter[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      if (batch.length > 0) done = await this.#replayBatch(span.partition, batch, done, earliest);
      batch = [];
      bytes = 0;
    };
    await scanSpan(client, origin.topic, span, signal, async (records) => {
      for (const record of records) {
        if (this.#selected >= limit) break;
        this.#scanned++;
        const letter = readLetter(record);
        if (this.#isWanted(letter, connector, done)) {
          this.#selected++;
          batch.push(letter);
          bytes += (record.key?.byteLength ?? 0) + (record.value?.byteLength ?? 0);
          if (batch.length >= BATCH_LETTERS_MAX || bytes >= BATCH_BYTES_MAX) await flush();
        }
        if (batch.length === 0) this.#advance(span.partition, record.offset + 1);
      }
      // What was fetched is lent until the next fetch.
      await flush();
      const last = records.at(-1);
      if (last !== undefined) this.#advance(span.partition, last.offset + 1);
      return this.#selected < limit ? undefined : last?.offset;
    });
  }

  #advance(partition: number, offset: number): void {
    const progress = this.#progress.get(partition);
    if (progress !== undefined) progress.offset = Math.min(offset, progress.end);
  }

  #isWanted(letter: StoredLetter, connector: string, done: OffsetRanges): boolean {
    const { request, obstacleOf } = this.#options;
    if (!isOf(connector, letter) || !isSelected(request, letter)) return false;
    if (done.has(letter.record.offset)) {
      this.#replayed++;
      return false;
    }
    const obstacle = obstacleOf(letter);
    if (obstacle === undefined) return true;
    this.#notReplayable++;
    this.#problem(letter, null, obstacle);
    return false;
  }

  async #replayBatch(
    partition: number,
    letters: readonly StoredLetter[],
    done: OffsetRanges,
    earliest: number,
  ): Promise<OffsetRanges> {
    const { target, producer } = this.#options;
    const { signal } = this.#stop;
    signal.throwIfAborted();
    let outcomes = await target.deliver(letters, signal);
    const offsets = letters.map(({ record }) => record.offset);
    const after = done.with(offsets, earliest);
    if (producer !== undefined) {
      if (after.runCount > RUNS_MAX)
        throw replayStopped(
          `more than ${RUNS_MAX} gaps would be between the letters that were replayed; replay those before them first`,
        );
      outcomes = await this.#commit(producer, partition, letters, outcomes, after);
      this.#options.ledger.noteWritten(partition, after);
    }
    for (const [index, outcome] of outcomes.entries()) this.#count(outcome, letters[index]);
    if (this.#failuresInARow >= FAILURES_IN_A_ROW_MAX && producer !== undefined)
      throw replayStopped(
        `${this.#failuresInARow} letters in a row failed again; the rest was left alone`,
      );
    return after;
  }

  #count(outcome: LetterOutcome, letter: StoredLetter | undefined): void {
    if (outcome.kind === 'failed') {
      this.#failed++;
      this.#failuresInARow++;
      const { stage, error } = outcome.failed;
      if (letter !== undefined) this.#problem(letter, stage, this.#text(error));
      return;
    }
    this.#failuresInARow = 0;
    if (outcome.kind === 'dropped') this.#dropped++;
    else this.#delivered++;
    if (!this.isDry || outcome.kind === 'dropped' || letter === undefined) return;
    const { partition, offset } = letter.record;
    const room = PREVIEWS_MAX - this.#previews.length;
    for (const preview of previewsOf(outcome).slice(0, room))
      this.#previews.push({ letter: { partition, offset }, ...preview });
  }

  #problem({ record }: StoredLetter, stage: string | null, message: string): void {
    if (this.#problems.length >= PROBLEMS_MAX) return;
    const { partition, offset } = record;
    this.#problems.push({ partition, offset, stage, message });
  }

  /** Resolves with what became of the letters in the end: the log may refuse a record for itself. */
  async #commit(
    producer: TransactionalProducer,
    partition: number,
    letters: readonly StoredLetter[],
    given: readonly LetterOutcome[],
    after: OffsetRanges,
  ): Promise<readonly LetterOutcome[]> {
    const outcomes = [...given];
    for (;;) {
      const produced = outcomes.flatMap((outcome, index) =>
        outcome.kind === 'delivered'
          ? (outcome.produced ?? []).map((record) => ({ index, record }))
          : [],
      );
      producer.beginTransaction();
      const sent = await producer.send(produced.map(({ record }) => record));
      const rest = await producer.send([
        ...outcomes.flatMap((outcome) =>
          outcome.kind === 'failed' ? [letterRecordOf(this.#options.origin, outcome.failed)] : [],
        ),
        ...this.#options.ledger.recordsOf(partition, after),
      ]);
      await producer.flush();
      const refused = (await sent.delivered).failures.filter(({ error }) => !isRetriable(error));
      const [culprit] = refused.filter(({ error }) => error.code === 'client.record_too_large');
      if (culprit === undefined) {
        const [failure] = [...(await sent.delivered).failures, ...(await rest.delivered).failures];
        if (failure !== undefined) {
          await producer.abortTransaction();
          throw failure.error;
        }
        await this.#commitTransaction(producer);
        return outcomes;
      }
      await producer.abortTransaction();
      const { index, record } = produced[culprit.index] ?? {};
      const letter = index === undefined ? undefined : letters[index];
      if (index === undefined || letter === undefined || record === undefined) throw culprit.error;
      outcomes[index] = { kind: 'failed', failed: refusedBy(record, culprit.error, letter) };
    }
  }

  /** While the outcome is open it is asked for again: the coordinator answers the same. */
  async #commitTransaction(producer: TransactionalProducer): Promise<void> {
    const { clock, random } = this.#options;
    // Not the signal of the replay: what was delivered must not be in doubt.
    const { signal } = new AbortController();
    await retry(COMMIT_RETRY, { clock, random, signal }, () => producer.commitTransaction());
  }

  #text(error: unknown): string {
    return this.#options.origin.redact(error instanceof Error ? error.message : String(error));
  }
}

function narrowed(span: PartitionSpan, request: ReplayRequest): readonly PartitionSpan[] {
  const { partition, from = 0, to = Infinity } = request;
  if (partition !== undefined && span.partition !== partition) return [];
  const first = Math.max(span.from, from);
  const end = Math.min(span.end, to + 1);
  return first < end ? [{ partition: span.partition, from: first, end }] : [];
}

function refusedBy(record: ProducerRecord, error: unknown, letter: StoredLetter): FailedOperation {
  return {
    stage: 'KAFKA_PRODUCE',
    className: 'org.apache.kafka.connect.runtime.WorkerSourceTask',
    error: deliveryFailed(record.topic, error),
    letter: againFailed(letter),
  };
}

function previewsOf(outcome: LetterOutcome): readonly Preview[] {
  if (outcome.kind !== 'delivered') return [];
  const text = (bytes: Uint8Array | null): string | null =>
    bytes === null ? null : Buffer.from(bytes).toString();
  const produced = (outcome.produced ?? []).map(({ topic, key, value }) => ({
    topic,
    key: text(key),
    value: text(value),
  }));
  return [...(outcome.previews ?? []), ...produced];
}
