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
  /** What `/api/worker` answers. */
  readonly about?: AboutWorker;
}

/** What a client of this worker needs to know beside Connect's API; names as in the JSON. */
export interface AboutWorker {
  /** Where Kafka clients reach the log. */
  readonly bootstrap_servers: string;
  /** Names that placeholders of connectors may begin with: `env` of `${env:NAME}`. */
  readonly config_providers: readonly string[];
}
