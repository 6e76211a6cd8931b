import type { TopicNaming, TransactionCounter } from '@millrace/cdc';
import { taskParts } from '@millrace/cdc';
import type { SourceTaskContext } from '@millrace/connector-api';
import type { SourcePartition } from '@millrace/record';
import type { TaskRecords } from './row-record.ts';
import { SchemaHistory } from './schema/history.ts';
import { Tables } from './schema/tables.ts';
import type { Settings } from './settings.ts';
import { VERSION } from './version.ts';

/** Everything that outlives single connections; made by `start`. */
export interface TaskState {
  readonly context: SourceTaskContext;
  readonly settings: Settings;
  readonly partition: SourcePartition;
  readonly topics: TopicNaming;
  readonly tables: Tables;
  readonly task: TaskRecords;
  /** null: none is configured, and the binlog has to name its columns. */
  readonly history: SchemaHistory | null;
  readonly counter: TransactionCounter | null;
}

export function stateOf(
  context: SourceTaskContext,
  settings: Settings,
  partition: SourcePartition,
): TaskState {
  const { config } = settings;
  const { counter, records, topics } = taskParts(context, config, settings.flavour, VERSION);
  return {
    context,
    settings,
    partition,
    topics,
    tables: new Tables({ settings, topics, log: context.log }),
    task: {
      ...records,
      connector: settings.flavour,
      takesRuns:
        context.takesRuns === true && !settings.hasTransforms && settings.reselect.length === 0,
    },
    history: historyOf(context, settings, partition),
    counter,
  };
}

function historyOf(
  context: SourceTaskContext,
  settings: Settings,
  partition: SourcePartition,
): SchemaHistory | null {
  const topic = settings.config['schema.history.internal.kafka.topic'];
  const { log, topics } = context;
  if (topic === null || topics === undefined) return null;
  return new SchemaHistory({ settings, topics, topic, partition, log });
}
