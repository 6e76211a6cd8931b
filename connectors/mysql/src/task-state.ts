import {
  contextHeaders,
  JsonSink,
  timeOrderedUuid,
  TopicNaming,
  TransactionCounter,
} from '@millrace/cdc';
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
  const topics = new TopicNaming({
    prefix: config['topic.prefix'],
    delimiter: config['topic.delimiter'],
    heartbeatPrefix: config['topic.heartbeat.prefix'],
    heartbeatName: config['topic.heartbeat.name'],
    transactionSuffix: config['topic.transaction'],
  });
  return {
    context,
    settings,
    partition,
    topics,
    tables: new Tables({ settings, topics, log: context.log }),
    task: {
      sourcePartition: partition,
      headers: config['extended.headers.enabled']
        ? contextHeaders({
            logicalName: config['topic.prefix'],
            task: context.task,
            connector: settings.flavour,
            runId: timeOrderedUuid(context.clock, context.random),
          })
        : [],
      version: VERSION,
      connector: settings.flavour,
      name: config['topic.prefix'],
      sink: new JsonSink(),
    },
    history: historyOf(context, settings, partition),
    counter: config['provide.transaction.metadata'] ? new TransactionCounter() : null,
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
