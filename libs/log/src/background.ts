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
