import type { Socket } from 'node:net';
import { isAborted, type Clock, type MillraceError } from '@millrace/foundation';
import { TargetError } from '../../errors.ts';

export interface GuardOptions {
  readonly socket: Socket;
  readonly clock: Clock;
  /** The server's own limit for a statement; 0 means none. */
  readonly statementTimeoutMs: number;
  readonly faultOf: (error: unknown, doing: string) => MillraceError;
  /** Whether a refusal leaves a connection that can be gone on with. */
  readonly isRefusal: (fault: MillraceError) => boolean;
}

/** How long after its own time-out a statement may stay unanswered before the connection is given up. */
const ANSWER_GRACE_MS = 15_000;

/** A connection's socket that is broken for ever once it is broken: by an abort, a missing answer, or the network. */
export class GuardedSocket {
  readonly #options: GuardOptions;
  readonly #answerWithinMs: number;
  #brokenBy: unknown = undefined;

  constructor(options: GuardOptions) {
    this.#options = options;
    const { statementTimeoutMs } = options;
    this.#answerWithinMs = statementTimeoutMs === 0 ? 0 : statementTimeoutMs + ANSWER_GRACE_MS;
  }

  get isUsable(): boolean {
    return this.#brokenBy === undefined;
  }

  /** What the driver heard of the end. */
  broken(reason: unknown): void {
    this.#brokenBy ??= reason;
  }

  destroy(reason: unknown): void {
    this.#brokenBy ??= reason;
    this.#options.socket.destroy();
  }

  /** @throws TargetError, or `signal.reason` */
  async run<T>(doing: string, signal: AbortSignal, operation: () => Promise<T>): Promise<T> {
    const { clock, faultOf, isRefusal } = this.#options;
    if (isAborted(signal)) throw signal.reason;
    if (!this.isUsable) throw faultOf(this.#brokenBy, doing);
    const onAbort = (): void => this.destroy(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const answered = new AbortController();
    if (this.#answerWithinMs > 0)
      void clock.sleep(this.#answerWithinMs, answered.signal).then(
        () => this.destroy(unanswered(doing, this.#answerWithinMs)),
        () => undefined, // answered in time
      );
    try {
      return await operation();
    } catch (error) {
      if (isAborted(signal)) throw signal.reason;
      if (this.#brokenBy instanceof TargetError) throw this.#brokenBy;
      const fault = faultOf(error, doing);
      if (!isRefusal(fault)) this.destroy(fault);
      throw fault;
    } finally {
      answered.abort();
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Says farewell, and waits a second at the most. */
  async close(farewell: () => Promise<unknown>): Promise<void> {
    if (this.isUsable) {
      this.#brokenBy = new Error('closed');
      const waiting = new AbortController();
      await Promise.race([
        farewell().catch(() => undefined), // it is closed either way
        this.#options.clock.sleep(1_000, waiting.signal).catch(() => undefined), // ends early when the farewell is answered
      ]);
      waiting.abort();
    }
    this.#options.socket.destroy();
  }
}

export function unanswered(doing: string, afterMs: number): TargetError {
  return new TargetError({
    code: 'jdbc.connection_lost',
    retry: 'retriable',
    scope: 'batch',
    message: `${doing}: no answer within ${afterMs} ms`,
    hint: 'the server hangs or the network swallows packets; statement.timeout.ms says how long to wait',
  });
}
