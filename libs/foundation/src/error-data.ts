import { MillraceError } from './errors.ts';

/** An error as plain data, to cross into another thread and be thrown there. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** Ours only. */
  readonly code?: string;
  readonly retry?: 'retriable' | 'fatal';
  readonly hint?: string;
  /** What of the context can cross. */
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: ErrorData;
}

const CAUSES_MAX = 8;

export function errorToData(error: unknown, causes = CAUSES_MAX): ErrorData {
  if (!(error instanceof Error)) return { name: 'thrown', message: String(error), stack: '' };
  const cause =
    error.cause === undefined || causes === 0
      ? {}
      : { cause: errorToData(error.cause, causes - 1) };
  const plain = { name: error.name, message: error.message, stack: error.stack ?? '', ...cause };
  if (!(error instanceof MillraceError)) return plain;
  const { code, retry, hint, context } = error;
  return {
    ...plain,
    code,
    retry,
    ...(hint === undefined ? {} : { hint }),
    context: Object.fromEntries(Object.entries(context).filter(([, value]) => isPlain(value))),
  };
}

/** An error like the one that the data was made of: ours is a `MillraceError` again, of whatever class it was. */
export function errorFromData(data: ErrorData): Error {
  const { name, message, stack, code, retry, hint, context } = data;
  const cause = data.cause === undefined ? {} : { cause: errorFromData(data.cause) };
  if (code === undefined || retry === undefined)
    return Object.assign(new Error(message, cause), { name, stack });
  const ours = new MillraceError({
    code,
    retry,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(context === undefined ? {} : { context }),
    ...cause,
  });
  ours.stack = stack;
  return ours;
}

/** Of the kinds that survive a structured clone unchanged. */
function isPlain(value: unknown): boolean {
  return value === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
}
