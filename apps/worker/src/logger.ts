import type { LogFields, Logger } from '@millrace/foundation';
import { destination, pino, type DestinationStream, type Logger as Pino } from 'pino';
import { levelNamed, LogLevels, severity } from './log-levels.ts';
import { redactSecrets } from './redact.ts';

export interface LoggerOptions {
  /** `error`, `warn`, `info`, `debug` or `silent`. */
  readonly level: string;
  /** By default standard error, so that standard output has only what a command answers. */
  readonly stream?: DestinationStream;
}

/** A logger whose levels can be changed while it is used. */
export interface LeveledLogger extends Logger {
  readonly levels: LogLevels;
}

/**
 * What the parts of the process are called at `/admin/loggers`: by the names that they have in Kafka Connect, so that
 * what is written about debugging Connect works here.
 */
const PART_NAMES: Readonly<Record<string, string>> = {
  rest: 'org.apache.kafka.connect.runtime.rest',
  broker: 'kafka.server',
  'kafka-client': 'org.apache.kafka.clients',
};
const RUNTIME_NAME = 'org.apache.kafka.connect.runtime';
/** Those that there are from the start. */
export const LOGGER_NAMES: readonly string[] = ['root', RUNTIME_NAME, ...Object.values(PART_NAMES)];
const CONNECTOR_NAME = 'org.apache.kafka.connect.connector';

/** JSON lines; what looks like a secret is hidden, wherever it stands. */
export function createLogger({ level, stream }: LoggerOptions): LeveledLogger {
  const root = pino(
    {
      level: 'debug', // `LogLevels` decides
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        bindings: () => ({ pid: process.pid }),
        log: (fields) => ({ ...redactSecrets(fields) }),
      },
      serializers: { err: (error: unknown) => error }, // already data, without secrets
    },
    // Few lines are written, and those before an exit must not be lost.
    stream ?? destination({ dest: 2, sync: true }),
  );
  const levels = new LogLevels(levelNamed(level) ?? 'INFO');
  return { ...wrap(root, levels, ''), levels };
}

function wrap(log: Pino, levels: LogLevels, name: string): Logger {
  let known = { changes: -1, severity: 0 };
  const isWritten = (level: 'error' | 'warn' | 'info' | 'debug'): boolean => {
    if (known.changes !== levels.changes)
      known = { changes: levels.changes, severity: levels.severityOf(name) };
    return severity(level) <= known.severity;
  };
  return {
    error: (fields, message) => {
      if (isWritten('error')) log.error(fields, message);
    },
    warn: (fields, message) => {
      if (isWritten('warn')) log.warn(fields, message);
    },
    info: (fields, message) => {
      if (isWritten('info')) log.info(fields, message);
    },
    debug: (fields, message) => {
      if (isWritten('debug')) log.debug(fields, message);
    },
    child: (fields: LogFields) =>
      wrap(log.child(redactSecrets(fields)), levels, nameFrom(fields) ?? name),
  };
}

function nameFrom({ part, worker, connector }: LogFields): string | undefined {
  if (typeof connector === 'string') return `${CONNECTOR_NAME}.${connector}`;
  if (typeof part === 'string') return PART_NAMES[part] ?? part;
  return worker === undefined ? undefined : RUNTIME_NAME;
}
