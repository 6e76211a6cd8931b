import { ErrorCode } from '@millrace/kafka-protocol';
import type { Refusal } from './refusal.ts';

/** The loggers of this process, as an administrator sees and sets them while it runs (KIP-412). */
export interface BrokerLoggers {
  /** The level that holds for each, in Log4j's words; `root` is among them. */
  list(): Readonly<Record<string, string>>;
  /** Undefined takes its own level away: that of the nearest logger above it holds again. */
  set(name: string, level: string | undefined): void;
}

/** Without loggers that could be set one by one. */
export const NO_LOGGERS: BrokerLoggers = {
  list: () => ({}),
  set: () => undefined,
};

const ROOT = 'root';
const LEVELS = ['DEBUG', 'ERROR', 'FATAL', 'INFO', 'TRACE', 'WARN'];
const Operation = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;

export interface LoggerChange {
  readonly name: string;
  readonly value: string | null;
  readonly configOperation: number;
}

/** Changes levels until the broker stops, all of them or none. Answers why not. */
export function alterLoggers(
  loggers: BrokerLoggers,
  changes: readonly LoggerChange[],
  isValidateOnly: boolean,
): Refusal | undefined {
  const known = loggers.list();
  for (const change of changes) {
    const problem = findProblem(change, known);
    if (problem !== undefined) return problem;
  }
  if (isValidateOnly) return undefined;
  for (const { name, value, configOperation } of changes)
    loggers.set(name, configOperation === Operation.SET && value !== null ? value : undefined);
  return undefined;
}

function findProblem(
  { name, value, configOperation }: LoggerChange,
  known: Readonly<Record<string, string>>,
): Refusal | undefined {
  const invalid = (errorCode: number, message: string): Refusal => ({ errorCode, message });
  const isKnown = Object.hasOwn(known, name);
  switch (configOperation) {
    case Operation.SET:
      if (!isKnown) return invalid(ErrorCode.INVALID_CONFIG, `Logger ${name} does not exist!`);
      return value !== null && LEVELS.includes(value)
        ? undefined
        : invalid(
            ErrorCode.INVALID_CONFIG,
            `Cannot set the log level of ${name} to ${value ?? 'null'} as it is not a supported log level. Valid log levels are ${LEVELS.join(', ')}`,
          );
    case Operation.DELETE:
      if (!isKnown) return invalid(ErrorCode.INVALID_CONFIG, `Logger ${name} does not exist!`);
      return name === ROOT
        ? invalid(
            ErrorCode.INVALID_REQUEST,
            `Removing the log level of the ${ROOT} logger is not allowed`,
          )
        : undefined;
    case Operation.APPEND:
    case Operation.SUBTRACT:
      return invalid(
        ErrorCode.INVALID_REQUEST,
        `${configOperation === Operation.APPEND ? 'APPEND' : 'SUBTRACT'} operation is not allowed for the BROKER_LOGGER resource`,
      );
    default:
      return invalid(
        ErrorCode.INVALID_REQUEST,
        `Unknown operation type ${configOperation} is not allowed for the BROKER_LOGGER resource`,
      );
  }
}
