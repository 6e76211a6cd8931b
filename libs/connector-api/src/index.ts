// What an author needs of the packages below; one import is enough.
export {
  all,
  atLeast,
  between,
  checkConfig,
  ConfigError,
  defineFields,
  each,
  nonEmpty,
  oneOf,
  oneOfIgnoringCase,
  resolveConfig,
  validRegex,
  type AnyField as ConfigField,
  type ConfigProblem,
  type Fields,
  type Resolved,
  type Validator,
} from '@millrace/config';
export {
  isAborted,
  isRetriable,
  MillraceError,
  must,
  retry,
  silentLogger,
  systemClock,
  systemRandom,
  type Clock,
  type Logger,
  type MillraceErrorOptions,
  type Random,
  type Retry,
} from '@millrace/foundation';
export {
  Decimal,
  decimalScale,
  int64,
  jsonText,
  logical,
  optional,
  parseJson,
  schemas,
  schemasEqual,
  valuesEqual,
  type ConnectRecord,
  type Field,
  type Header,
  type JsonForm,
  type OffsetValue,
  type RawRecord,
  type Schema,
  type SchemaAndValue,
  type SinkRecord,
  type SourceOffset,
  type SourcePartition,
  type SourceRecord,
  type Struct,
  type StructSchema,
  type TimestampType,
} from '@millrace/record';
export type { Converter, ConverterPlugin, ConverterRole } from './converter.ts';
export {
  defineConverter,
  definePredicate,
  defineSink,
  defineSource,
  defineTransform,
} from './define.ts';
export { fatalError, retriableError } from './failures.ts';
export type { ComponentConfig, ConfigValidation, Plugin } from './plugin.ts';
export { sourceRecord } from './records.ts';
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
