import type { Fields, Validator } from '@millrace/config';

/** Keys of the originals that need nothing done here: accepted, so that a configuration need not be changed. */

const accepted = (type: 'STRING' | 'INT' | 'LONG' | 'BOOLEAN', why: string) =>
  ({ type, default: null, importance: 'LOW', doc: `Accepted without effect: ${why}` }) as const;

const POOL = 'one connection does the work of each task.';
const OTHER_DATABASE = 'it concerns another database.';

const isDefaultStrategy: Validator<string> = (name) =>
  /(^|\.)Default\w*NamingStrategy$/.test(name)
    ? undefined
    : 'Java strategies are not supported; use the name format and field lists instead';

const strategy = {
  type: 'CLASS',
  default: null,
  importance: 'LOW',
  validate: isDefaultStrategy,
  doc: 'Only the default strategy; the name format says the rest.',
} as const;

export const debeziumAcceptedFields = {
  'connection.provider': accepted('STRING', POOL),
  'connection.pool.min_size': accepted('INT', POOL),
  'connection.pool.max_size': accepted('INT', POOL),
  'connection.pool.acquire_increment': accepted('INT', POOL),
  'connection.pool.timeout': accepted('LONG', POOL),
  'connection.restart.on.errors': accepted(
    'BOOLEAN',
    'a broken connection is always opened again.',
  ),
  'keyed.message.batch.mode': accepted('STRING', 'one final state per key is written.'),
  'collection.naming.strategy': { ...strategy, aliases: ['table.naming.strategy'] },
  'column.naming.strategy': strategy,
  'dialect.postgres.postgis.schema': accepted('STRING', 'types are found by the search path.'),
  'dialect.postgres.unnest.insert.enabled': accepted(
    'BOOLEAN',
    'the fastest way is chosen by size.',
  ),
  'dialect.sqlserver.identity.insert': accepted('BOOLEAN', OTHER_DATABASE),
} as const satisfies Fields;

export const confluentAcceptedFields = {
  'connection.attempts': accepted('INT', 'connecting is retried as the runtime does.'),
  'connection.backoff.ms': accepted('LONG', 'connecting is retried as the runtime does.'),
  'table.types': accepted('STRING', 'tables, partitioned tables and views are found.'),
  'date.timezone': accepted('STRING', 'dates have no zone.'),
  'date.calendar.system': accepted('STRING', 'dates are proleptic Gregorian.'),
  'timestamp.precision.mode': accepted('STRING', 'all digits are kept.'),
  'timestamp.fields.list': accepted('STRING', 'all digits are kept.'),
  'replace.null.with.default': accepted('BOOLEAN', 'null stays null.'),
  'trim.sensitive.log': accepted('BOOLEAN', 'values are never logged.'),
  'mssql.use.merge.holdlock': accepted('BOOLEAN', OTHER_DATABASE),
} as const satisfies Fields;
