import { connectionFields, mariadbSslMode, mysqlSslMode } from './fields/connection-fields.ts';
import { filterFields } from './fields/filter-fields.ts';
import { historyFields } from './fields/history-fields.ts';
import { runtimeFields } from './fields/runtime-fields.ts';
import { signalFields } from '@millrace/cdc';
import { snapshotFields } from './fields/snapshot-fields.ts';
import { valueFields } from './fields/value-fields.ts';

const sharedFields = {
  ...connectionFields,
  ...snapshotFields,
  ...filterFields,
  ...valueFields,
  ...historyFields,
  ...signalFields,
  ...runtimeFields,
};

/** Debezium's keys and defaults, as of 3.6. */
export const mysqlFields = { ...sharedFields, ...mysqlSslMode };

export const mariadbFields = { ...sharedFields, ...mariadbSslMode };
