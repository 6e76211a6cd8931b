import { isAborted, type Clock, type Logger } from '@millrace/foundation';

export interface BackgroundPorts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Does the work again and again until the signal; a failure is told of and tried again. */
export async function repeat(
  intervalMs: number | (() => number),
  what: string,
  work: () => Promise<void>,
  { clock, log, signal }: BackgroundPorts,
): Promise<void> {
  while (!isAborted(signal)) {
    try {
      await clock.sleep(typeof intervalMs === 'number' ? intervalMs : intervalMs(), signal);
    } catch {
      return; // stopped
    }
    try {
      await work();
    } catch (error) {
      log.warn({ what, err: error }, 'background work on the log failed; it is tried again');
    }
  }
}

/** At most `atOnce` pieces of work at a time, in the order of the items. */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items].reverse();
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, async () => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item);
  });
  await Promise.all(workers);
}
