import { MillraceError } from '@millrace/foundation';

/** What a person must mend; `hint` says how. */
export const sourceFault = (
  code: string,
  message: string,
  hint: string,
  cause?: unknown,
): MillraceError => new MillraceError({ code, retry: 'fatal', message, hint, cause });

/** What passes by itself, perhaps. */
export const sourceRetriable = (
  code: string,
  message: string,
  hint: string,
  cause?: unknown,
): MillraceError => new MillraceError({ code, retry: 'retriable', message, hint, cause });

/** A value that its field can't hold: that record fails, not the table (INV-8). */
export const valueUnfit = (column: string, reason: string, hint: string): MillraceError =>
  new MillraceError({
    code: 'jdbc.value_not_representable',
    retry: 'fatal',
    message: `column "${column}" ${reason}`,
    hint,
  });
