import * as fs from 'node:fs';
import type { Clock } from '@millrace/foundation';

/** Of this thread: time on a processor, time in wait for one (ns), and how often. Linux only. */
const SCHEDULER_FIGURES = '/proc/thread-self/schedstat';
const LINE_BYTES_MAX = 96;
const NS_PER_MS = 1e6;

export interface ThreadWaitsOptions {
  readonly clock: Clock;
  /** How long this thread has run or was about to, undefined where the kernel does not tell. */
  readonly runnableMs: () => number | undefined;
  /** Calls back when a new turn of the loop begins. */
  readonly onNextTurn: (callback: () => void) => void;
}

/**
 * Tells a call that has waited for the disk from one that was slow because the processor was another's, which on a
 * busy machine is so many times a second. The loop itself waits between its turns only; so what a turn took and was
 * neither run nor about to run is what its calls have waited.
 */
export class ThreadWaits {
  readonly #options: ThreadWaitsOptions;
  #turn: { readonly startMs: number; readonly runnableMs: number | undefined } | undefined;

  constructor(options: ThreadWaitsOptions) {
    this.#options = options;
  }

  /** Before a call; costs something for the first one of a turn. */
  watch(): void {
    if (this.#turn !== undefined) return;
    const { clock, runnableMs, onNextTurn } = this.#options;
    this.#turn = { startMs: clock.monotonicMs(), runnableMs: runnableMs() };
    onNextTurn(() => {
      this.#turn = undefined;
    });
  }

  /** What this turn has waited since it was watched; all of it where the kernel does not tell. */
  waitedMs(): number {
    const { clock, runnableMs } = this.#options;
    const { startMs, runnableMs: before } = this.#turn ?? { startMs: 0, runnableMs: undefined };
    const now = runnableMs();
    const ran = now === undefined || before === undefined ? 0 : now - before;
    return clock.monotonicMs() - startMs - ran;
  }
}

let opened: (() => number | undefined) | undefined;

/** The kernel's figures for the thread that calls this, and for no other one. One open file a thread. */
export function runnableTime(): () => number | undefined {
  return (opened ??= openRunnableTime());
}

function openRunnableTime(): () => number | undefined {
  let fd: number;
  try {
    fd = fs.openSync(SCHEDULER_FIGURES, 'r');
  } catch {
    return () => undefined; // another system, or a kernel without these figures
  }
  const line = Buffer.allocUnsafeSlow(LINE_BYTES_MAX);
  return () => {
    const end = fs.readSync(fd, line, 0, LINE_BYTES_MAX, 0);
    const [ran, awaited] = line.toString('latin1', 0, end).split(' ');
    const ns = Number(ran) + Number(awaited);
    return ns > 0 ? ns / NS_PER_MS : undefined;
  };
}
