import type { Logger, MetricFamily } from '@millrace/foundation';
import type { LogLevels } from '../log-levels.ts';

export const HERDER = Symbol('Herder');
export const REST_OPTIONS = Symbol('RestOptions');

/** What the REST API needs beside the herder. */
export interface RestOptions {
  readonly log: Logger;
  /** Everything that `/metrics` shows: runtime, log and process. */
  readonly metrics: () => readonly MetricFamily[];
  /** What `/admin/loggers` shows and changes. */
  readonly levels: LogLevels;
  readonly version: string;
  readonly requestTimeoutMs: number;
}
