import { MillraceError } from '@millrace/foundation';

/** A config provider's own settings, or what a placeholder asks of it, are wrong. */
export function badProvider(message: string, cause?: unknown): MillraceError {
  return new MillraceError({ code: 'config.bad_provider', retry: 'fatal', message, cause });
}

/** The file or folder of a placeholder can't be read; it may be written at the moment. */
export function providerUnreadable(message: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'config.provider_unreadable',
    retry: 'retriable',
    message,
    hint: 'check the path in the placeholder, and that the worker may read it',
    cause,
  });
}
