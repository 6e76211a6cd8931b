import type { ComponentConfig, TopicPartition } from '@millrace/connector-api';
import type { Clock, Logger, Random } from '@millrace/foundation';
import type { ConsumedRecord } from '@millrace/kafka-client';
import type { ErrorCounters } from '../errors/counters.ts';
import type { ErrorSighting } from '../errors/error-groups.ts';
import type { Redact } from '../errors/redactor.ts';
import type { Connections } from '../clients/own-clients.ts';
import type { LogClient } from '../clients/log-client.ts';
import type { TaskSample } from '../metrics/task-meter.ts';
import type { Tracer } from '../tracing/tracer.ts';
import type { WorkerSettings } from '../config/worker-fields.ts';
import type { PluginRegistry } from '../plugins/plugin-registry.ts';
import type { SourceOffsets } from '../stores/offset-store.ts';
import type { ReplayedRecord } from './sink-replays.ts';

/** What a task is given to run with. */
export interface TaskEnvironment {
  readonly connector: string;
  readonly task: number;
  /** Of the connector: converters, transforms, error handling and client overrides are read from it. */
  readonly config: ComponentConfig;
  readonly taskConfig: ComponentConfig;
  readonly worker: WorkerSettings;
  readonly registry: PluginRegistry;
  readonly client: LogClient;
  /** The worker's, where `client` is the connector's own. */
  readonly workersClient: LogClient;
  /** For connectors that are to be connected otherwise than the worker. */
  readonly connections?: Connections | undefined;
  readonly offsets: SourceOffsets;
  readonly clock: Clock;
  readonly random: Random;
  /** Redacting. */
  readonly log: Logger;
  readonly redact: Redact;
  /** A topic that the task uses, the first time and again after `forgetTopics`. */
  readonly onTopic: (topic: string) => void;
  /** A record failed; for the groups of errors. Must not keep the letter's bytes. */
  readonly onError: (sighting: ErrorSighting) => void;
  /** Where spans go, if anywhere. */
  readonly tracer?: Tracer;
  readonly onState: (state: 'RUNNING' | 'PAUSED') => void;
  /** Of a sink: its consumer has joined the group, as this member. */
  readonly onMember?: (member: GroupMembership) => void;
}

/** Who has to be taken out of the group when a task can't leave it by itself. */
export interface GroupMembership {
  readonly groupId: string;
  readonly memberId: string;
}

/** Figures of a task, without the labels of the task. */
export interface TaskFigures {
  readonly errors: ErrorCounters;
  readonly samples: readonly TaskSample[];
  /** What the connector's task says of itself. */
  readonly own: Readonly<Record<string, number>>;
  /** Of its producer or consumer, by the kind of client. */
  readonly clients: readonly (readonly ['producer' | 'consumer', object])[];
}

/** One life of a task: from creation to the end, by request or by failure. */
export interface TaskRunner {
  /** Resolves when the task ended as asked; rejects with what it failed of. Called once. */
  run(): Promise<void>;
  setPaused(isPaused: boolean): void;
  /** The topics that it used are of no interest any more; those that it uses from now on are. */
  forgetTopics(): void;
  /** The task ends within the grace period; `run` settles. */
  requestStop(): void;
  /** It did not end in time: nothing that it does from now on may count (INV-9). */
  abandon(): void;
  figures(): TaskFigures;
  /** Of a sink: the partitions that it reads now. */
  owned?(): readonly TopicPartition[];
  /** Of a sink: whether it reads this partition now. */
  owns?(topic: string, partition: number): boolean;
  /**
   * Of a sink: delivers dead letters between two batches of its own; what resolves is durable in the target.
   * @throws MillraceError `connect.conflict` when the task can't: it ended, or is paused
   */
  replay?(
    records: readonly ConsumedRecord[],
    signal: AbortSignal,
  ): Promise<readonly ReplayedRecord[]>;
}
