export type { SchemaAndValue } from '@millrace/record';
export type { Converter, ConverterPlugin, ConverterRole } from './converter.ts';
export type { ComponentConfig, ConfigValidation, Plugin } from './plugin.ts';
export type {
  AlteredSinkOffset,
  RecordFailure,
  SinkConnector,
  SinkTask,
  SinkTaskContext,
  TopicPartition,
  TopicPartitionOffset,
} from './sink.ts';
export type {
  AlteredSourceOffset,
  CommittedOffset,
  OffsetReader,
  SourceConnector,
  SourceTask,
  SourceTaskContext,
  TransactionContext,
} from './source.ts';
export type { Predicate, PredicatePlugin, Transform, TransformPlugin } from './transform.ts';
