import { MillraceError } from '@millrace/foundation';

/** The command line can't be understood. */
export function badUsage(problem: string, hint = 'see millrace --help'): MillraceError {
  return new MillraceError({ code: 'cli.bad_usage', retry: 'fatal', message: problem, hint });
}

/** A file named on the command line can't be opened. */
export function unreadableFile(fileName: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'cli.unreadable_file',
    retry: 'fatal',
    message: `"${fileName}" can't be opened`,
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
    hint: 'start one with "millrace start", or name its address with --url or MILLRACE_URL',
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

/** The worker has no connector of that name. */
export function unknownConnector(name: string, nearest: string | undefined): MillraceError {
  return new MillraceError({
    code: 'cli.unknown_connector',
    retry: 'fatal',
    message: `there is no connector "${name}"`,
    hint:
      nearest === undefined
        ? 'see "millrace connectors list"'
        : `did you mean "${nearest}"? See "millrace connectors list"`,
    context: { connector: name },
  });
}

/** The log has no topic or group of that name. */
export function unknownInLog(
  kind: 'topic' | 'group',
  name: string,
  nearest: string | undefined,
): MillraceError {
  return new MillraceError({
    code: 'cli.unknown_in_log',
    retry: 'fatal',
    message: `there is no ${kind} "${name}"`,
    hint: `${nearest === undefined ? '' : `did you mean "${nearest}"? `}see "millrace ${kind}s list"`,
    context: { [kind]: name },
  });
}

/** No Kafka answers there: none runs, or it listens elsewhere. */
export function logUnreachable(bootstrap: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'cli.log_unreachable',
    retry: 'retriable',
    message: `no log answers at ${bootstrap}`,
    hint: 'start a worker with "millrace start", or name the address of the log with --bootstrap',
    cause,
  });
}

/** The connector sets no records aside: its errors fail it, or are ignored. */
export function noDeadLetterTopic(connector: string, key: string): MillraceError {
  return new MillraceError({
    code: 'cli.no_dead_letter_topic',
    retry: 'fatal',
    message: `the connector "${connector}" has no topic of dead letters`,
    hint: `set ${key} and errors.tolerance=all in its configuration, or name a topic with --topic`,
    context: { connector },
  });
}

/** A folder without a single connector file: most likely not the one that was meant. */
export function noConnectorFiles(folder: string, endings: readonly string[]): MillraceError {
  return new MillraceError({
    code: 'cli.no_connector_files',
    retry: 'fatal',
    message: `"${folder}" has no connector files`,
    hint: `name the folder that holds them; they end with ${endings.join(', ')}`,
    context: { folder },
  });
}

/** What the plan was made of has changed: a file, a connector of the worker, or an option. */
export function planIsStale(expected: string, actual: string): MillraceError {
  return new MillraceError({
    code: 'cli.plan_is_stale',
    retry: 'fatal',
    message: `the plan ${expected} is out of date: files, connectors of the worker, or --prune have changed since; it would now be ${actual}`,
    hint: 'look at "millrace plan" again, and apply what it shows',
    context: { expected, actual },
  });
}

/** A new package would mix with what is there. */
export function folderNotEmpty(folder: string): MillraceError {
  return new MillraceError({
    code: 'cli.folder_not_empty',
    retry: 'fatal',
    message: `"${folder}" exists and is not empty; nothing is overwritten`,
    hint: 'choose another name, or remove the folder first',
    context: { folder },
  });
}

/** A file of a new package can't be written: rights, a full disk, or a file where a folder should be. */
export function cannotWrite(file: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'cli.cannot_write',
    retry: 'fatal',
    message: `"${file}" can't be written: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: 'run the command in a folder that you may write to',
    cause,
  });
}
