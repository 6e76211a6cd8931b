import type { LogFields, Logger } from '@millrace/foundation';
import { destination, pino, type DestinationStream, type Logger as Pino } from 'pino';
import { redactSecrets } from './redact.ts';

export interface LoggerOptions {
  /** `error`, `warn`, `info`, `debug` or `silent`. */
  readonly level: string;
  /** By default standard error, so that standard output has only what a command answers. */
  readonly stream?: DestinationStream;
}

/** JSON lines; what looks like a secret is hidden, wherever it stands. */
export function createLogger({ level, stream }: LoggerOptions): Logger {
  const root = pino(
    {
      level: level.toLowerCase(),
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
  return wrap(root);
}

function wrap(log: Pino): Logger {
  return {
    error: (fields, message) => log.error(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    info: (fields, message) => log.info(fields, message),
    debug: (fields, message) => log.debug(fields, message),
    child: (fields: LogFields) => wrap(log.child(redactSecrets(fields))),
  };
}
