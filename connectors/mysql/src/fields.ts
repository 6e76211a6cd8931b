import {
  COMMON_UNUSED,
  commonConnectionFields,
  commonRuntimeFields,
  commonSnapshotFields,
  commonValueFields,
  signalFields,
} from '@millrace/cdc';
import { connectionFields, mariadbSslMode, mysqlSslMode } from './fields/connection-fields.ts';
import { filterFields } from './fields/filter-fields.ts';
import { historyFields } from './fields/history-fields.ts';
import { runtimeFields } from './fields/runtime-fields.ts';
import { snapshotFields } from './fields/snapshot-fields.ts';
import { valueFields } from './fields/value-fields.ts';

const sharedFields = {
  ...commonConnectionFields,
  ...connectionFields,
  ...snapshotFields,
  ...commonSnapshotFields,
  ...filterFields,
  ...commonValueFields,
  ...valueFields,
  ...historyFields,
  ...signalFields,
  ...commonRuntimeFields,
  ...runtimeFields,
};

/** Debezium's keys and defaults, as of 3.6. */
export const mysqlFields = { ...sharedFields, ...mysqlSslMode };

export const mariadbFields = { ...sharedFields, ...mariadbSslMode };

/** Keys of Debezium that are accepted and change nothing here, with why. */
export const WITHOUT_MEANING: Readonly<Record<string, string>> = {
  ...COMMON_UNUSED,
  'database.server.id.offset': 'the connections of a snapshot are no replicas',
  'database.jdbc.driver': 'there is one driver',
  'database.protocol': 'there is one driver',
  'use.nongraceful.disconnect': 'the connection of the stream is always reset',
  'binlog.buffer.size': 'a row binlog has no transactions that were rolled back',
  'min.row.count.to.stream.results': 'rows are always taken as they come',
  'schema.history.internal.kafka.bootstrap.servers':
    'the history is in the log that this worker writes to',
  'schema.history.internal.skip.unparseable.ddl': 'statements are not parsed',
  'schema.history.internal.prefer.ddl': 'statements are not parsed',
  'ddl.parser.type': 'statements are not parsed',
  'resolve.create.table.like.schema': 'tables are described by the server',
};
