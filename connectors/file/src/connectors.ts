import type { ComponentConfig, SinkConnector, SourceConnector } from '@millrace/connector-api';
import { checkOffsets } from './offset-check.ts';
import { sinkFields, sourceFields } from './fields.ts';
import { FileSinkTask, TASK_PLACEHOLDER } from './sink-task.ts';
import { FileSourceTask } from './source-task.ts';

const VERSION = '0.1.0';

/** `org.apache.kafka.connect.file.FileStreamSourceConnector`: always one task. */
export const fileSource: SourceConnector = {
  kind: 'source',
  name: 'file-source',
  javaClasses: ['org.apache.kafka.connect.file.FileStreamSourceConnector'],
  version: VERSION,
  fields: sourceFields,
  taskConfigs: (config) => Promise.resolve([config]),
  createTask: () => new FileSourceTask(),
  exactlyOnceSupport: (config) => ((config['file'] ?? '') === '' ? 'unsupported' : 'supported'),
  alterOffsets(config, offsets) {
    checkOffsets(config, offsets);
    return Promise.resolve(true);
  },
};

/** `org.apache.kafka.connect.file.FileStreamSinkConnector`. Two tasks never write one file. */
export const fileSink: SinkConnector = {
  kind: 'sink',
  name: 'file-sink',
  javaClasses: ['org.apache.kafka.connect.file.FileStreamSinkConnector'],
  version: VERSION,
  fields: sinkFields,
  taskConfigs: (config, tasksMax) =>
    Promise.resolve(Array.from({ length: tasksOf(config, tasksMax) }, () => config)),
  createTask: () => new FileSinkTask(),
  alterOffsets: () => Promise.resolve(true), // the group's are all that there are
};

function tasksOf(config: ComponentConfig, tasksMax: number): number {
  return config['file']?.includes(TASK_PLACEHOLDER) === true ? tasksMax : 1;
}
