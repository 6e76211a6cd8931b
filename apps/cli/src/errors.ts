import { MillraceError } from '@millrace/foundation';

/** The command line can't be understood. */
export function badUsage(problem: string): MillraceError {
  return new MillraceError({
    code: 'cli.bad_usage',
    retry: 'fatal',
    message: problem,
    hint: 'see millrace --help',
  });
}

/** A file named on the command line can't be opened. */
export function unreadableFile(fileName: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'cli.unreadable_file',
    retry: 'fatal',
    message: `"${fileName}" can't be opened: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: 'check the path; it is relative to the folder in which the command was started',
    cause,
  });
}

/** No worker answers there: none runs, or it listens elsewhere. */
export function workerUnreachable(url: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'cli.worker_unreachable',
    retry: 'retriable',
    message: `no worker answers at ${url}`,
    hint: 'start one with "millrace start", or name its address with --url',
    cause,
  });
}

/** The worker said no; the message and the hint are its own. */
export function workerRefused(status: number, message: string, hint?: string): MillraceError {
  return new MillraceError({
    code: status === 400 ? 'cli.bad_request' : 'cli.worker_refused',
    retry: status === 409 || status === 503 ? 'retriable' : 'fatal',
    message,
    ...(hint === undefined ? {} : { hint }),
    context: { status },
  });
}

/** A connector file that can be read but describes no connector. */
export function badConnectorFile(fileName: string, problem: string): MillraceError {
  return new MillraceError({
    code: 'cli.bad_connector_file',
    retry: 'fatal',
    message: `"${fileName}" does not describe a connector: ${problem}`,
    hint: 'write flat keys with "name" and "connector.class", or {"name": …, "config": {…}}',
    context: { fileName },
  });
}

/** Two files of one command line describe connectors of the same name. */
export function twoFilesForOne(name: string): MillraceError {
  return new MillraceError({
    code: 'cli.bad_connector_file',
    retry: 'fatal',
    message: `two files describe the connector "${name}"`,
    hint: 'give each connector a name of its own',
    context: { connector: name },
  });
}
