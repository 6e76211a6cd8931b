import { MillraceError } from '@millrace/foundation';

/** A line that is not what `format` or `encoding` says; the error strategy decides about it. */
export function lineUnreadable(file: string, position: number, reason: string): MillraceError {
  return new MillraceError({
    code: 'file.line_unreadable',
    retry: 'fatal',
    message: `the line of "${file}" that ends at byte ${position} ${reason}`,
    hint: 'mend the line, set format or encoding to what the file holds, or let errors.tolerance=all leave such lines out',
    context: { file, position },
  });
}

/** A line longer than `line.bytes.max`; it is not kept in memory. */
export function lineTooLong(file: string, position: number, bytes: number): MillraceError {
  return new MillraceError({
    code: 'file.line_too_long',
    retry: 'fatal',
    message: `the line of "${file}" that ends at byte ${position} has ${bytes} bytes`,
    hint: 'raise line.bytes.max, or let errors.tolerance=all leave such lines out',
    context: { file, position, bytes },
  });
}

/** A value that the file's format has no form for. */
export function valueNotWritable(reason: string): MillraceError {
  return new MillraceError({
    code: 'file.value_not_writable',
    retry: 'fatal',
    message: reason,
    hint: 'convert the field by a transform, or use a schema that says what it is',
  });
}

/** What passes by itself, or with room made on the disk; everything else needs somebody. */
const PASSING = new Set([
  'ENOSPC',
  'EDQUOT',
  'EMFILE',
  'ENFILE',
  'EAGAIN',
  'EBUSY',
  'EINTR',
  'EIO',
  'ESTALE',
  'ETIMEDOUT',
]);
const HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'create the folder first',
  EACCES: 'give the user that runs Millrace the right to it',
  EISDIR: 'name a file, not a folder',
  ENOSPC: 'make room on the disk; writing goes on by itself',
};

/** An error of the file system, by its errno. */
export function fileFault(doing: string, file: string, cause: unknown): MillraceError {
  if (cause instanceof MillraceError) return cause;
  const errno = errnoOf(cause) ?? 'unknown error';
  const hint = HINTS[errno];
  return new MillraceError({
    code: errno === 'ENOSPC' ? 'file.disk_full' : 'file.not_accessible',
    retry: PASSING.has(errno) ? 'retriable' : 'fatal',
    message: `can't ${doing} "${file}": ${errno}`,
    ...(hint === undefined ? {} : { hint }),
    context: { file, errno },
    cause,
  });
}

export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : undefined;
}

/** A person set offsets that are no place in a file. */
export function offsetsInvalid(message: string): MillraceError {
  return new MillraceError({
    code: 'file.offsets_invalid',
    retry: 'fatal',
    message,
    hint: 'give {"partition": {"filename": "…"}, "offset": {"position": BYTES}}, or null as the offset',
  });
}
