import type { Clock } from '@millrace/foundation';
import { deferred } from '@millrace/foundation';
import { callAbandoned, callTimedOut } from '../errors.ts';

/** Without a reason of our own each abort would make an exception with its stack. */
const SETTLED = new Error('the call has settled');

export interface CallLimits {
  readonly clock: Clock;
  /** What a trace calls this call: `TASK_PUT`, `start of the task`. */
  readonly stage: string;
  readonly limitMs: number;
  /** How long the call may go on after an abort; asked at the abort. */
  readonly graceMs: () => number;
  readonly signal: AbortSignal;
}

/**
 * Calls a connector's method, which may do anything. Its signal is aborted when the limit is reached or when the
 * caller's signal is; a call that still doesn't settle is left behind, and its outcome is not used.
 * @throws MillraceError `runtime.call_timed_out` or `runtime.call_abandoned`; or what the call throws
 */
export async function callWithLimit<T>(
  limits: CallLimits,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock, signal, stage, limitMs } = limits;
  signal.throwIfAborted();
  const inner = new AbortController();
  const timers = new AbortController();
  const givenUp = deferred<never>();
  const giveUpAfter = (durationMs: number, error: () => Error): void => {
    clock.sleep(durationMs, timers.signal).then(
      () => {
        const reason = error();
        inner.abort(reason);
        givenUp.reject(reason);
      },
      () => undefined, // The call settled first.
    );
  };
  const onAbort = (): void => {
    inner.abort(signal.reason);
    const graceMs = limits.graceMs();
    giveUpAfter(graceMs, () => callAbandoned(stage, graceMs));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const sinceMs = clock.nowMs();
  giveUpAfter(limitMs, () => callTimedOut(stage, sinceMs, limitMs));
  try {
    return await Promise.race([invoke(call, inner.signal), givenUp.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    timers.abort(SETTLED);
    givenUp.promise.catch(() => undefined); // It may have lost the race.
  }
}

/** A throw before the first await is a rejection like any other. */
async function invoke<T>(
  call: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  return call(signal);
}
