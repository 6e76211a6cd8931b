import { MillraceError } from '@millrace/foundation';

/** What may pass by itself, such as a server that does not answer: the same call is made again, after a while. */
export function retriableError(code: string, message: string, cause?: unknown): MillraceError {
  return new MillraceError({ code, retry: 'retriable', message, cause });
}

/** What a person must mend; `hint` says how. */
export function fatalError(
  code: string,
  message: string,
  options: { readonly hint?: string; readonly cause?: unknown } = {},
): MillraceError {
  return new MillraceError({ code, retry: 'fatal', message, ...options });
}
