import {
  schemas,
  type SourceOffset,
  type SourcePartition,
  type SourceRecord,
} from '@millrace/record';

const KEY = schemas.struct(
  { serverName: schemas.string() },
  { name: 'io.debezium.connector.common.ServerNameKey', version: 1 },
);
const VALUE = schemas.struct(
  { ts_ms: schemas.int64() },
  { name: 'io.debezium.connector.common.Heartbeat', version: 1 },
);

export interface HeartbeatOptions {
  readonly topic: string;
  readonly serverName: string;
  readonly timestampMs: number;
  readonly sourcePartition: SourcePartition;
  readonly sourceOffset: SourceOffset;
}

/** Carries a position through the log although nothing was captured. Always in partition 0. */
export function heartbeatRecord(options: HeartbeatOptions): SourceRecord {
  return {
    topic: options.topic,
    partition: 0,
    keySchema: KEY,
    key: { serverName: options.serverName },
    valueSchema: VALUE,
    value: { ts_ms: options.timestampMs },
    timestampMs: null,
    headers: [],
    sourcePartition: options.sourcePartition,
    sourceOffset: options.sourceOffset,
  };
}
