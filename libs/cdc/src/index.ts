export { BackOff } from './back-off.ts';
export { columnMaskRules, type ColumnMask, type ColumnMaskRule } from './column-mask.ts';
export {
  commonProblems,
  commonSettings,
  isGiven,
  placeholderOf,
  snapshotFilter,
  type CommonConfig,
  type CommonSettings,
} from './configuration/common-settings.ts';
export { commonConnectionFields } from './configuration/connection-fields.ts';
export { tableFilterFields } from './configuration/filter-fields.ts';
export { commonRuntimeFields } from './configuration/runtime-fields.ts';
export { commonSnapshotFields } from './configuration/snapshot-fields.ts';
export { COMMON_UNUSED, warnOfUnused } from './configuration/unused-keys.ts';
export { regexList } from './configuration/validators.ts';
export { commonValueFields } from './configuration/value-fields.ts';
export { contextHeaders, textHeader, timeOrderedUuid } from './context-headers.ts';
export {
  envelopeSchema,
  sourceSchema,
  structOf,
  TRANSACTION_BLOCK,
  type EnvelopeOptions,
  type Operation,
} from './envelope.ts';
export { rowNotAddressable, topicCollision } from './errors.ts';
export {
  attemptsExhausted,
  configProblemOf,
  driverCodeOf,
  failuresOf,
  RETRIABLE_ERRNOS,
  throwProblems,
  tooManyTables,
} from './failures.ts';
export { heartbeatRecord, type HeartbeatOptions } from './heartbeat.ts';
export { Heartbeats } from './heartbeats.ts';
export { copyBytes, JsonSink, writeBase64Bytes, writeInteger, writeUnscaled } from './json-sink.ts';
export {
  copyClean,
  copyPlain,
  copyWords,
  plainLength,
  quotedBytes,
  wordsOf,
  writeEscape,
  writeQuoted,
  writeWords,
} from './json-strings.ts';
export {
  includeExclude,
  matchesAny,
  parseKeyColumns,
  type KeyColumnsRule,
  type NameFilter,
} from './name-filter.ts';
export { copyable, tombstone, type KeyedRecord } from './records/derived-records.ts';
export {
  ENVELOPE_JSON,
  envelopeTail,
  envelopeValue,
  placeText,
  placeValue,
  setMember,
  type RowBatch,
  type TransactionPlace,
} from './records/row-envelope.ts';
export {
  adjustFieldName,
  adjustSchemaName,
  NAME_ADJUSTMENTS,
  type NameAdjustment,
} from './schema-names.ts';
export { RunDraft } from './run-draft.ts';
export { snapshotMarker, type PlaceInSnapshot, type SnapshotMarker } from './snapshot-marker.ts';
export { taskParts, type RecordContext, type TaskParts } from './task-parts.ts';
export {
  escapesTopics,
  escapeTopic,
  sanitiseTopic,
  TopicNaming,
  type TopicNamingOptions,
} from './topic-naming.ts';
export { TransactionCounter, type TransactionBoundary } from './transaction-metadata.ts';
export {
  chunkOrder,
  chunkPredicate,
  type ChunkColumn,
  type PredicateStyle,
} from './incremental/chunk-predicate.ts';
export {
  IncrementalSnapshot,
  type Chunk,
  type ChunkMarks,
  type ChunkRequest,
  type ChunkRow,
  type ChunkSource,
  type EmittedRow,
  type IncrementalFigures,
  type IncrementalOptions,
} from './incremental/incremental-snapshot.ts';
export {
  incrementalOffset,
  incrementalStateOf,
  NO_INCREMENTAL,
  type IncrementalState,
  type IncrementalTable,
} from './incremental/incremental-state.ts';
export { readKeyValues } from './incremental/java-reader.ts';
export type { KeyType, KeyValue, KeyValues } from './incremental/java-values.ts';
export { writeKeyValues } from './incremental/java-writer.ts';
export {
  notificationRecord,
  type Notification,
  type NotificationAggregate,
  type NotificationType,
  type TableScanStatus,
} from './notifications/notification.ts';
export { Notifier, type NotifierOptions } from './notifications/notifier.ts';
export {
  FileSignals,
  SignalInbox,
  TopicSignals,
  type SignalChannel,
  type SignalInboxOptions,
  type TopicSignalsOptions,
} from './signals/signal-channels.ts';
export { signalFields, signalProblems } from './signals/signal-fields.ts';
export {
  signalOfJson,
  signalOfRow,
  WINDOW_CLOSE,
  WINDOW_OPEN,
  type AdditionalCondition,
  type BinlogPosition,
  type Signal,
  type SignalAction,
  type SignalChannelName,
  type SignalRow,
} from './signals/signal.ts';
export { reselectProblems, reselectRules, type ReselectRule } from './reselect/reselect-rules.ts';
export { Reselector, UNAVAILABLE_HEADER, type RowReselection } from './reselect/reselector.ts';
