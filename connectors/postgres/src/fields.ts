import {
  commonConnectionFields,
  commonRuntimeFields,
  commonSnapshotFields,
  commonValueFields,
  signalFields,
} from '@millrace/cdc';
import { connectionFields } from './fields/connection-fields.ts';
import { filterFields } from './fields/filter-fields.ts';
import { runtimeFields } from './fields/runtime-fields.ts';
import { slotFields } from './fields/slot-fields.ts';
import { snapshotFields } from './fields/snapshot-fields.ts';
import { valueFields } from './fields/value-fields.ts';

/** Debezium's keys and defaults, as of 3.6. */
export const fields = {
  ...commonConnectionFields,
  ...connectionFields,
  ...slotFields,
  ...snapshotFields,
  ...commonSnapshotFields,
  ...filterFields,
  ...commonValueFields,
  ...valueFields,
  ...signalFields,
  ...commonRuntimeFields,
  ...runtimeFields,
} as const;
