import { isAborted, type Clock } from '@millrace/foundation';
import { sourceRetriable } from './errors.ts';

export interface GuardOptions {
  readonly clock: Clock;
  /** 0: no limit. */
  readonly timeoutMs: number;
  readonly doing: string;
  readonly signal: AbortSignal;
  /** Ends the connection, so that the operation rejects. */
  readonly destroy: (reason: unknown) => void;
}

/** An operation that ends: by its answer, by its time-out or by the abort, whatever the server does. */
export async function guarded<T>(options: GuardOptions, operation: () => Promise<T>): Promise<T> {
  const { clock, timeoutMs, doing, signal, destroy } = options;
  if (isAborted(signal)) throw signal.reason;
  const done = new AbortController();
  const ended = new Promise<never>((_resolve, reject) => {
    const end = (reason: unknown): void => {
      destroy(reason);
      reject(reason instanceof Error ? reason : new Error(String(reason)));
    };
    signal.addEventListener('abort', () => end(signal.reason), {
      once: true,
      signal: done.signal,
    });
    if (timeoutMs > 0)
      clock.sleep(timeoutMs, done.signal).then(
        () =>
          end(
            sourceRetriable(
              'jdbc.connection_lost',
              `${doing}: no answer within ${timeoutMs} ms`,
              'the server hangs or the network swallows packets; statement.timeout.ms says how long to wait',
            ),
          ),
        () => undefined, // answered in time
      );
  });
  ended.catch(() => undefined); // the race below has it, if it is still running
  try {
    return await Promise.race([operation(), ended]);
  } finally {
    done.abort();
  }
}
