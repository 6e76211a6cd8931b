import type { SourceTaskContext } from '@millrace/connector-api';
import type { Resolved } from '@millrace/config';
import type { Header, SourcePartition } from '@millrace/record';
import type { commonConnectionFields } from './configuration/connection-fields.ts';
import type { CommonConfig } from './configuration/common-settings.ts';
import { contextHeaders, timeOrderedUuid } from './context-headers.ts';
import { JsonSink } from './json-sink.ts';
import { escapesTopics, TopicNaming } from './topic-naming.ts';
import { TransactionCounter } from './transaction-metadata.ts';

/** What all records of one task share. */
export interface RecordContext {
  readonly sourcePartition: SourcePartition;
  readonly headers: readonly Header[];
  readonly version: string;
  readonly name: string;
  readonly sink: JsonSink;
  /** Rows may go many at a time: see `SourceTaskContext.takesRuns`. */
  readonly takesRuns: boolean;
}

/** What every task of a change source has. */
export interface TaskParts {
  readonly partition: SourcePartition;
  readonly topics: TopicNaming;
  readonly records: RecordContext;
  /** null: without `provide.transaction.metadata`. */
  readonly counter: TransactionCounter | null;
}

/** `connector` is Debezium's word for the kind of source. */
export function taskParts(
  context: SourceTaskContext,
  config: CommonConfig & Resolved<typeof commonConnectionFields>,
  connector: string,
  version: string,
): TaskParts {
  const name = config['topic.prefix'];
  const partition: SourcePartition = { server: name };
  return {
    partition,
    topics: new TopicNaming({
      prefix: name,
      isEscaped: escapesTopics(config['topic.naming.strategy']),
      delimiter: config['topic.delimiter'],
      heartbeatPrefix: config['topic.heartbeat.prefix'],
      heartbeatName: config['topic.heartbeat.name'],
      transactionSuffix: config['topic.transaction'],
    }),
    records: {
      sourcePartition: partition,
      headers: config['extended.headers.enabled']
        ? contextHeaders({
            logicalName: name,
            task: context.task,
            connector,
            runId: timeOrderedUuid(context.clock, context.random),
          })
        : [],
      version,
      name,
      sink: new JsonSink(),
      takesRuns: context.takesRuns === true,
    },
    counter: config['provide.transaction.metadata'] ? new TransactionCounter() : null,
  };
}
