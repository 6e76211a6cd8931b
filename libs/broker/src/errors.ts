import { MillraceError } from '@millrace/foundation';

/** The file of topics can't be read: damaged by hand, or written by a newer version. Nothing was changed. */
export function damagedMetadata(path: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'broker.metadata_damaged',
    retry: 'fatal',
    message: `the topics in "${path}" can't be read`,
    hint: 'restore the file from a backup, or start the version that wrote it',
    context: { path },
    cause,
  });
}

/** A listener that can't be understood or is of a kind that isn't served. */
export function invalidListener(listener: string, expected: string): MillraceError {
  return new MillraceError({
    code: 'broker.invalid_listener',
    retry: 'fatal',
    message: `listener "${listener}", expected ${expected}`,
    hint: 'write listeners as PLAINTEXT://127.0.0.1:9092',
    context: { listener },
  });
}

/** The address is taken by another process, or is none of this machine's. */
export function listenFailed(host: string, port: number, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'broker.listen_failed',
    retry: 'fatal',
    message: `can't listen on "${host}:${port}"`,
    hint: 'stop what uses the port, or set broker.listeners to another address',
    context: { host, port },
    cause,
  });
}

/** Settings that contradict one another. All are named. */
export function invalidSettings(problems: readonly string[]): MillraceError {
  return new MillraceError({
    code: 'broker.invalid_settings',
    retry: 'fatal',
    message: problems.join('; '),
    hint: 'mend the named settings',
    context: { problems },
  });
}

/** The broker was closed while the request waited, or before it came. */
export function brokerClosed(): MillraceError {
  return new MillraceError({
    code: 'broker.closed',
    retry: 'retriable',
    message: 'the embedded broker is closed',
  });
}

/** A request in a version that is not served, on the in-process transport. */
export function versionNotServed(name: string, version: number): MillraceError {
  return new MillraceError({
    code: 'broker.version_not_served',
    retry: 'fatal',
    message: `${name} version ${version} is not served`,
    hint: 'choose a version out of connection.versions',
    context: { name, version },
  });
}
