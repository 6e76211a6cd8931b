import type { PredicatePlugin } from '@millrace/connector-api';
import { cast } from './cast.ts';
import { extractField } from './extract-field.ts';
import { byLogicalTableRouter } from './debezium/by-logical-table-router.ts';
import { extractChangedRecordState } from './debezium/extract-changed-record-state.ts';
import { extractSchemaToNewRecord } from './debezium/extract-schema-to-new-record.ts';
import { headerToValue } from './debezium/header-to-value.ts';
import { partitionRouting } from './debezium/partition-routing.ts';
import { readToInsertEvent } from './debezium/read-to-insert-event.ts';
import { schemaChangeEventFilter } from './debezium/schema-change-event-filter.ts';
import { eventRouter } from './debezium/event-router.ts';
import { extractNewRecordState } from './debezium/extract-new-record-state.ts';
import { decodeLogicalDecodingMessage } from './debezium/decode-logical-decoding-message.ts';
import { enforceRecordSize } from './debezium/record-size/enforce-record-size.ts';
import { geometryFormatTransformer } from './debezium/geometry/geometry-format-transformer.ts';
import { swapGeometryCoordinates } from './debezium/geometry/swap-geometry-coordinates.ts';
import { vectorToJsonConverter } from './debezium/vector-to-json-converter.ts';
import { timezoneConverter } from './debezium/timezone-converter.ts';
import { flatten } from './flatten.ts';
import { headerFrom } from './header-from.ts';
import { insertField } from './insert-field.ts';
import { insertHeader } from './insert-header.ts';
import { maskField } from './mask-field.ts';
import type { SyncTransformPlugin } from './plugin.ts';
import { hasHeaderKey, recordIsTombstone, topicNameMatches } from './predicates.ts';
import { regexRouter } from './regex-router.ts';
import { replaceField } from './replace-field.ts';
import { setSchemaMetadata } from './set-schema-metadata.ts';
import { dropHeaders, filter, hoistField } from './small-transforms.ts';
import { timestampConverter } from './timestamp-converter.ts';
import { timestampRouter } from './timestamp-router.ts';
import { valueToKey } from './value-to-key.ts';

/** Every transform of this package but `scriptTransform`, which takes time to make. */
export const shippedTransforms: readonly SyncTransformPlugin[] = [
  regexRouter,
  ...extractField,
  ...replaceField,
  ...insertField,
  ...hoistField,
  valueToKey,
  filter,
  dropHeaders,
  ...cast,
  ...flatten,
  ...headerFrom,
  insertHeader,
  ...maskField,
  ...setSchemaMetadata,
  ...timestampConverter,
  timestampRouter,
  extractNewRecordState,
  eventRouter,
  byLogicalTableRouter,
  extractChangedRecordState,
  extractSchemaToNewRecord,
  headerToValue,
  partitionRouting,
  readToInsertEvent,
  schemaChangeEventFilter,
  timezoneConverter,
  decodeLogicalDecodingMessage,
  enforceRecordSize,
  geometryFormatTransformer,
  swapGeometryCoordinates,
  vectorToJsonConverter,
];

/** Every predicate of this package. */
export const shippedPredicates: readonly PredicatePlugin[] = [
  topicNameMatches,
  recordIsTombstone,
  hasHeaderKey,
];
