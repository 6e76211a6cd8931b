import type { ComponentConfig, TopicPartition } from '@millrace/connector-api';
import type { ErrorData, LogFields } from '@millrace/foundation';
import type { ErrorSighting } from '../errors/error-groups.ts';
import type { GroupMembership, TaskFigures } from '../tasks/task-runner.ts';
import type { ReplayAnswer, ReplayOrder } from './thread-replays.ts';

/** What a task in a thread is made of: all that the worker has decided. */
export interface ThreadTask {
  readonly connector: string;
  readonly task: number;
  /** Placeholders are replaced. */
  readonly config: ComponentConfig;
  /** Before that; tells what has to be hidden. */
  readonly template: ComponentConfig;
  readonly taskConfig: ComponentConfig;
  readonly workerConfig: Readonly<Record<string, string>>;
  readonly isLogEmbedded: boolean;
  readonly isPaused: boolean;
}

export type ToThread =
  | { readonly kind: 'run'; readonly task: ThreadTask }
  | { readonly kind: 'pause'; readonly isPaused: boolean }
  | { readonly kind: 'forget-topics' }
  | { readonly kind: 'stop' }
  | ReplayOrder;

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export type FromThread =
  | { readonly kind: 'state'; readonly state: 'RUNNING' | 'PAUSED' }
  | { readonly kind: 'topic'; readonly topic: string }
  | {
      readonly kind: 'error';
      readonly sighting: Omit<ErrorSighting, 'error'> & { readonly error: ErrorData };
    }
  | {
      readonly kind: 'log';
      readonly level: LogLevel;
      readonly fields: LogFields;
      /** Those of the fields that are errors. */
      readonly errors: Readonly<Record<string, ErrorData>>;
      readonly message: string;
    }
  /** Also says that the thread is alive; comes at least every `HEARTBEAT_MS`. */
  | {
      readonly kind: 'figures';
      readonly figures: TaskFigures;
      /** Of a sink: the partitions that it reads. */
      readonly owned: readonly TopicPartition[] | undefined;
    }
  | { readonly kind: 'member'; readonly member: GroupMembership }
  | ReplayAnswer
  /** The last message: everything of the task is closed. */
  | { readonly kind: 'ended'; readonly failure: ErrorData | undefined };

export const HEARTBEAT_MS = 1000;
