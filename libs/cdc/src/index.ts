export { columnMaskRules, type ColumnMask, type ColumnMaskRule } from './column-mask.ts';
export { contextHeaders, textHeader, timeOrderedUuid } from './context-headers.ts';
export {
  envelopeSchema,
  sourceSchema,
  structOf,
  TRANSACTION_BLOCK,
  type EnvelopeOptions,
  type Operation,
} from './envelope.ts';
export { topicCollision } from './errors.ts';
export { heartbeatRecord, type HeartbeatOptions } from './heartbeat.ts';
export {
  copyBytes,
  JsonSink,
  writeBase64Bytes,
  writeInteger,
  writeQuoted,
  writeUnscaled,
} from './json-sink.ts';
export {
  includeExclude,
  matchesAny,
  parseKeyColumns,
  type KeyColumnsRule,
  type NameFilter,
} from './name-filter.ts';
export {
  adjustFieldName,
  adjustSchemaName,
  NAME_ADJUSTMENTS,
  type NameAdjustment,
} from './schema-names.ts';
export { snapshotMarker, type PlaceInSnapshot, type SnapshotMarker } from './snapshot-marker.ts';
export { sanitiseTopic, TopicNaming, type TopicNamingOptions } from './topic-naming.ts';
export { TransactionCounter, type TransactionBoundary } from './transaction-metadata.ts';
