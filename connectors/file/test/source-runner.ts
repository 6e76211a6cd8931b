import type { SourceTask } from '@millrace/connector-api';
import { silentLogger, systemRandom, type Clock } from '@millrace/foundation';
import type { SourceOffset, SourceRecord } from '@millrace/record';
import { fileSource } from '../src/index.ts';

/** Time that passes only by sleeping, so that no test waits. */
export function steppingClock(): Clock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: (durationMs, signal) => {
      signal?.throwIfAborted();
      nowMs += durationMs;
      return new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** A task of the file source with what it needs around it. */
export class SourceRunner implements AsyncDisposable {
  readonly #task: SourceTask;

  private constructor(task: SourceTask) {
    this.#task = task;
  }

  static async start(config: Record<string, string>, offset?: SourceOffset): Promise<SourceRunner> {
    const task = fileSource.createTask();
    await task.start(
      {
        connector: 'file-test',
        task: 0,
        config: { topic: 'lines', ...config },
        offsets: { find: () => offset },
        log: silentLogger,
        clock: steppingClock(),
        random: systemRandom,
      },
      new AbortController().signal,
    );
    return new SourceRunner(task);
  }

  /** Polls until a poll brings nothing. */
  async drain(): Promise<SourceRecord[]> {
    const all: SourceRecord[] = [];
    for (;;) {
      const batch = await this.#task.poll(new AbortController().signal);
      if (batch.length === 0) return all;
      all.push(...batch);
    }
  }

  get metrics(): Readonly<Record<string, number>> {
    return this.#task.metrics?.() ?? {};
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#task.stop();
  }
}

export const values = (records: readonly SourceRecord[]): unknown[] =>
  records.map((record) => record.value);
