import {
  schemas,
  type SourceOffset,
  type SourcePartition,
  type SourceRecord,
} from '@millrace/record';

const KEY = schemas.struct(
  { id: schemas.string() },
  { name: 'io.debezium.connector.common.NotificationKey', version: 1 },
);
const VALUE = schemas.struct(
  {
    id: schemas.string(),
    type: schemas.string(),
    aggregate_type: schemas.string(),
    additional_data: schemas.map(schemas.string(), schemas.string(), { optional: true }),
    timestamp: schemas.int64(),
  },
  { name: 'io.debezium.connector.common.Notification', version: 1 },
);

export type NotificationAggregate = 'Initial Snapshot' | 'Incremental Snapshot';

export type NotificationType =
  | 'STARTED'
  | 'PAUSED'
  | 'RESUMED'
  | 'ABORTED'
  | 'SKIPPED'
  | 'IN_PROGRESS'
  | 'TABLE_SCAN_COMPLETED'
  | 'COMPLETED';

/** How the scan of a table ended: `status` of TABLE_SCAN_COMPLETED. */
export type TableScanStatus =
  'EMPTY' | 'NO_PRIMARY_KEY' | 'SKIPPED' | 'SQL_EXCEPTION' | 'SUCCEEDED' | 'UNKNOWN_SCHEMA';

export interface Notification {
  readonly id: string;
  readonly aggregate: NotificationAggregate;
  readonly type: NotificationType;
  readonly data: Readonly<Record<string, string>>;
  readonly timestampMs: number;
}

/** A notification as a record of `notification.sink.topic.name`. */
export function notificationRecord(
  notification: Notification,
  topic: string,
  position: { readonly sourcePartition: SourcePartition; readonly sourceOffset: SourceOffset },
): SourceRecord {
  const { id, aggregate, type, data, timestampMs } = notification;
  return {
    topic,
    partition: null,
    keySchema: KEY,
    key: { id },
    valueSchema: VALUE,
    value: {
      id,
      type,
      aggregate_type: aggregate,
      additional_data: new Map(Object.entries(data)),
      timestamp: timestampMs,
    },
    timestampMs: null,
    headers: [],
    ...position,
  };
}
