import { isAborted, type Clock, type Logger } from '@millrace/foundation';
import {
  InlineCompaction,
  type CompactionOutcome,
  type CompactionRunner,
} from './compaction-job.ts';
import { CompactionThreads } from './compaction-threads.ts';
import type { Disk } from './disk.ts';
import { errnoOf } from './errno.ts';
import { isCompacted } from './log-config.ts';
import type { CleanerSettings } from './manager-options.ts';
import type { PartitionLog } from './partition-log.ts';

/** Bytes that a key takes in the map of a compaction. */
const KEY_BYTES = 24;
const BUFFER_BYTES_MIN = 16 * 1024;

export interface LogCleanerOptions {
  /** As they are now; a round that runs keeps those that it began with. */
  readonly settings: () => CleanerSettings;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly logs: () => Iterable<PartitionLog>;
  /** Saves how far logs are clean. */
  readonly checkpoint: () => Promise<void>;
}

/** What Kafka shows of its cleaner. */
export interface CleanerFigures {
  /** `max-clean-time-secs` of the last round, here in ms. */
  readonly lastRunMaxMs: number;
  /** `cleaner-recopy-percent`: written of what was read, in the last round. */
  readonly recopyPercent: number;
  /** `max-buffer-utilization-percent` */
  readonly bufferFillPercent: number;
  /** `uncleanable-partitions-count`: logs whose compaction failed and was not done since. */
  readonly uncleanableCount: number;
  readonly uncleanableBytes: number;
  readonly deadThreadCount: number;
  /** Since the start. */
  readonly runCount: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** Compacts logs, the dirtiest first, on other threads; knows how far each is clean. */
export class LogCleaner {
  readonly #options: LogCleanerOptions;
  readonly #threads = new CompactionThreads();
  readonly #inline: InlineCompaction;
  readonly #cleanedUpTo = new Map<string, number>();
  readonly #running = new Set<PartitionLog>();
  readonly #failed = new Set<PartitionLog>();
  #round = { maxMs: 0, read: 0, written: 0, fill: 0 };
  #totals = { runs: 0, read: 0, written: 0 };

  constructor(options: LogCleanerOptions) {
    this.#options = options;
    this.#inline = new InlineCompaction(options.disk, options.clock);
  }

  cleanedUpTo(name: string): number {
    return this.#cleanedUpTo.get(name) ?? 0;
  }

  setCleanedUpTo(name: string, offset: number): void {
    this.#cleanedUpTo.set(name, offset);
  }

  forget(log: PartitionLog): void {
    this.#cleanedUpTo.delete(log.name);
    this.#failed.delete(log);
  }

  get figures(): CleanerFigures {
    const { maxMs, read, written, fill } = this.#round;
    let uncleanableBytes = 0;
    for (const log of this.#failed) uncleanableBytes += log.bytes;
    return {
      lastRunMaxMs: maxMs,
      recopyPercent: read === 0 ? 0 : (100 * written) / read,
      bufferFillPercent: 100 * fill,
      uncleanableCount: this.#failed.size,
      uncleanableBytes,
      deadThreadCount: this.#threads.deadCount,
      runCount: this.#totals.runs,
      bytesRead: this.#totals.read,
      bytesWritten: this.#totals.written,
    };
  }

  /** Compacts until no log is dirty enough. */
  async compact(): Promise<void> {
    const tried = new Set<PartitionLog>();
    this.#round = { maxMs: 0, read: 0, written: 0, fill: 0 };
    const settings = this.#options.settings();
    const runner = settings.threads > 0 ? this.#threads : this.#inline;
    const workers = Array.from({ length: Math.max(1, settings.threads) }, async () => {
      while (!isAborted(this.#options.signal)) {
        const log = await this.#findDirtiest(tried);
        if (log === undefined) return;
        // Another worker may have taken it while this one was still looking: two must never write one file.
        if (this.#running.has(log)) continue;
        await this.#compactOne(log, tried, settings, runner);
      }
    });
    await Promise.all(workers);
    await runner.rest();
  }

  async #compactOne(
    log: PartitionLog,
    tried: Set<PartitionLog>,
    settings: CleanerSettings,
    runner: CompactionRunner,
  ): Promise<void> {
    const { clock } = this.#options;
    const threads = Math.max(1, settings.threads);
    const before = this.cleanedUpTo(log.name);
    const startMs = clock.monotonicMs();
    this.#running.add(log);
    try {
      const cleanedUpTo = await log.compact(before, {
        runner: {
          run: async (job, takeGroup) => {
            const outcome = await runner.run(job, takeGroup);
            this.#note(outcome, clock.monotonicMs() - startMs);
            return outcome;
          },
          rest: () => runner.rest(),
        },
        keysMax: Math.floor((settings.dedupeBytesMax / threads / KEY_BYTES) * settings.loadFactor),
        bytesPerSecondMax: settings.bytesPerSecondMax / threads,
        bufferBytes: Math.max(BUFFER_BYTES_MIN, Math.floor(settings.ioBufferBytes / threads)),
      });
      if (cleanedUpTo <= before) tried.add(log);
      else this.#failed.delete(log);
      this.#cleanedUpTo.set(log.name, cleanedUpTo);
      await this.#options.checkpoint();
    } catch (error) {
      tried.add(log);
      this.#noteFailure(log, error);
    } finally {
      this.#running.delete(log);
    }
  }

  #note({ bytesRead, bytesWritten, mapFill }: CompactionOutcome, durationMs: number): void {
    const round = this.#round;
    round.maxMs = Math.max(round.maxMs, durationMs);
    round.read += bytesRead;
    round.written += bytesWritten;
    round.fill = Math.max(round.fill, mapFill);
    this.#totals.runs += 1;
    this.#totals.read += bytesRead;
    this.#totals.written += bytesWritten;
  }

  #noteFailure(log: PartitionLog, error: unknown): void {
    if (isAborted(this.#options.signal)) return;
    // Retention removed a segment beside it: nothing is wrong, and the next round finds what is left.
    if (errnoOf(error) === 'ENOENT') return;
    const isNew = !this.#failed.has(log);
    this.#failed.add(log);
    if (!isNew) return;
    this.#options.log.warn(
      { topic: log.topic, partition: log.partition, err: error },
      'compaction failed, the log stays as large as it is; it is tried again',
    );
  }

  async #findDirtiest(except: ReadonlySet<PartitionLog>): Promise<PartitionLog | undefined> {
    let best: PartitionLog | undefined;
    let bestRatio = -1;
    for (const log of this.#options.logs()) {
      if (!isCompacted(log.config) || log.isOffline || except.has(log)) continue;
      if (this.#running.has(log)) continue;
      // A truncation may have gone below what was clean.
      const cleanedUpTo = Math.min(this.cleanedUpTo(log.name), log.logEndOffset);
      this.#cleanedUpTo.set(log.name, cleanedUpTo);
      const { dirtyRatio, dirtyBytes, isOverdue } = await log.compactionState(cleanedUpTo);
      if (this.#running.has(log)) continue;
      const isDirty = dirtyBytes > 0 && dirtyRatio >= log.config['min.cleanable.dirty.ratio'];
      if ((isDirty || isOverdue) && dirtyRatio > bestRatio) [best, bestRatio] = [log, dirtyRatio];
    }
    return best;
  }

  /** Gives up what runs: its files are left for the next start. */
  async end(): Promise<void> {
    await this.#threads.end();
  }
}
