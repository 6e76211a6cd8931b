import type { MillraceError } from '@millrace/foundation';

/** A server's refusal (by its number) or a broken connection (by errno), as one of our errors with its remedy. */
export function classifyServerError(
  _error: unknown,
  _subject: { readonly address: string; readonly user: string },
): MillraceError {
  throw new Error('not built yet');
}
