export type LogFields = Readonly<Record<string, unknown>>;

/** Structured logging: fields first, then a constant message. Nothing per record. */
export interface Logger {
  /** A person must act. */
  error(fields: LogFields, message: string): void;
  /** We degraded or gave up on something; the message says what the effect is. */
  warn(fields: LogFields, message: string): void;
  /** Lifecycle: a handful an hour. */
  info(fields: LogFields, message: string): void;
  /** Decisions. */
  debug(fields: LogFields, message: string): void;
  child(fields: LogFields): Logger;
}

export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => silentLogger,
};
