import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  contextHeaders,
  JsonSink,
  Notifier,
  timeOrderedUuid,
  TopicNaming,
  TransactionCounter,
} from '@millrace/cdc';
import type { SourceTaskContext } from '@millrace/connector-api';
import type { SourcePartition } from '@millrace/record';
import { Progress } from './progress.ts';
import { Relations } from './relations.ts';
import type { TaskRecords } from './row-record.ts';
import type { Settings } from './settings.ts';
import { SpillFolder } from './spill/spill-folder.ts';
import { VERSION } from './version.ts';

/** Everything that outlives single connections. */
export interface TaskState {
  readonly context: SourceTaskContext;
  readonly settings: Settings;
  readonly partition: SourcePartition;
  readonly topics: TopicNaming;
  readonly relations: Relations;
  readonly task: TaskRecords;
  readonly progress: Progress;
  readonly counter: TransactionCounter | null;
  readonly notifier: Notifier;
  readonly spillFolder: SpillFolder;
}

export function taskStateOf(context: SourceTaskContext, settings: Settings): TaskState {
  const { config } = settings;
  const partition: SourcePartition = { server: config['topic.prefix'] };
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
    relations: new Relations({ settings, topics, log: context.log }),
    task: {
      sourcePartition: partition,
      headers: config['extended.headers.enabled']
        ? contextHeaders({
            logicalName: config['topic.prefix'],
            task: context.task,
            connector: 'postgresql',
            runId: timeOrderedUuid(context.clock, context.random),
          })
        : [],
      version: VERSION,
      name: config['topic.prefix'],
      database: config['database.dbname'],
      sink: new JsonSink(),
    },
    progress: new Progress(),
    counter: config['provide.transaction.metadata'] ? new TransactionCounter() : null,
    spillFolder: new SpillFolder(
      config['millrace.transaction.spill.dir'] ??
        join(context.scratchDir ?? tmpdir(), 'millrace-transactions'),
      `${context.connector}-${config['slot.name']}`,
    ),
    notifier: new Notifier({
      channels: config['notification.enabled.channels'] ?? [],
      topic: config['notification.sink.topic.name'],
      connectorName: config['topic.prefix'],
      sourcePartition: partition,
      clock: context.clock,
      random: context.random,
      log: context.log,
    }),
  };
}
