import type { MessagePort } from 'node:worker_threads';
import type { BrokerAddress } from '@millrace/kafka-client';
import type { TracingTarget } from './tracing-endpoint.ts';

export const CLIENT_ID = 'millrace';

/** Asking a broker in the same process costs microseconds, so that a sink finds a new topic at once, new partitions soon. */
export const EMBEDDED_METADATA = { topicSearchMs: 1_000, metadataMaxAgeMs: 10_000 } as const;

/** What a thread needs to reach the log by itself. */
export interface ThreadData {
  /** The worker's, resolved, without the keys of the broker. */
  readonly config: Readonly<Record<string, string>>;
  readonly brokers: readonly BrokerAddress[];
  /** Folders of the packages whose plugins the worker loaded; in this order, names are given as there. */
  readonly plugins: readonly string[];
  /** Absent: nothing is traced. */
  readonly tracing?: TracingTarget;
  /** The embedded log. */
  readonly log?: MessagePort;
}
