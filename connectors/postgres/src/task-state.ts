import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TopicNaming, TransactionCounter } from '@millrace/cdc';
import { Notifier, taskParts } from '@millrace/cdc';
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
  const { counter, partition, records, topics } = taskParts(context, config, 'postgresql', VERSION);
  return {
    context,
    settings,
    partition,
    topics,
    relations: new Relations({ settings, topics, log: context.log, clock: context.clock }),
    task: {
      ...records,
      takesRuns: records.takesRuns && settings.reselect.length === 0,
      database: config['database.dbname'],
    },
    progress: new Progress(),
    counter,
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
