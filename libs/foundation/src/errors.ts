import { acrossCopies } from './across-copies.ts';

/** Whether trying the same thing again, unchanged, may succeed. */
export type Retry = 'retriable' | 'fatal';

export interface MillraceErrorOptions {
  /** `area.what_happened`; never reused or renamed. */
  readonly code: string;
  readonly retry: Retry;
  /** Lower case, no full stop, the value in quotes, what was expected; no secrets. */
  readonly message: string;
  /** What the reader can do about it: a setting, an SQL statement, a command. */
  readonly hint?: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The world said no: a server, a file, a peer or a configuration. Everything that is not our bug. */
export class MillraceError extends Error {
  override readonly name: string = 'MillraceError';
  readonly code: string;
  readonly retry: Retry;
  readonly hint: string | undefined;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(options: MillraceErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.retry = options.retry;
    this.hint = options.hint;
    this.context = options.context ?? {};
  }
}

acrossCopies(MillraceError, 'foundation/MillraceError');

/** Our code is wrong. Nobody catches this to go on. */
export class InvariantError extends Error {
  override readonly name: string = 'InvariantError';
}

export function assert(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new InvariantError(`broken: ${promise}`);
}

/** The value, which our own code guarantees to be there. */
export function must<T>(value: T | null | undefined, promise: string): T {
  if (value === null || value === undefined) throw new InvariantError(`broken: ${promise}`);
  return value;
}

export function unreachable(value: never): never {
  throw new InvariantError(`unreachable case: ${String(value)}`);
}

export function isRetriable(error: unknown): boolean {
  return error instanceof MillraceError && error.retry === 'retriable';
}

/** The message of anything thrown, with those of its causes, for a status or a log line. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  for (
    let current: unknown = error;
    current !== undefined && current !== null && parts.length < 8;
  ) {
    parts.push(current instanceof Error ? current.message : JSON.stringify(current));
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join(': caused by: ');
}
