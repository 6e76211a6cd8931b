import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { AnyField } from '@millrace/config';
import { COMMON_UNUSED } from '@millrace/cdc';
import { markdownTable } from '@millrace/testkit';
import { postgresFields, postgresSource } from '../src/index.ts';
import { UNUSED } from '../src/fields/runtime-fields.ts';

/** The keys of Debezium's connector, as its documentation lists them. */
const DEBEZIUM =
  `database.hostname database.port database.user database.password database.dbname topic.prefix
  database.sslmode database.sslcert database.sslkey database.sslpassword database.sslrootcert database.sslfactory
  database.tcpKeepAlive database.initial.statements database.query.timeout.ms connection.validation.timeout.ms
  plugin.name slot.name slot.drop.on.stop slot.failover slot.stream.params slot.max.retries slot.retry.delay.ms
  publication.name publication.autocreate.mode publish.via.partition.root replica.identity.autoset.values
  offset.mismatch.strategy status.update.interval.ms lsn.flush.mode lsn.flush.timeout.ms lsn.flush.timeout.action
  flush.lsn.source xmin.fetch.interval.ms read.only snapshot.mode snapshot.mode.custom.name
  snapshot.mode.configuration.based.snapshot.data snapshot.mode.configuration.based.snapshot.schema
  snapshot.mode.configuration.based.start.stream snapshot.mode.configuration.based.snapshot.on.schema.error
  snapshot.mode.configuration.based.snapshot.on.data.error snapshot.isolation.mode snapshot.locking.mode
  snapshot.locking.mode.custom.name snapshot.lock.timeout.ms snapshot.query.mode snapshot.query.mode.custom.name
  snapshot.fetch.size snapshot.delay.ms streaming.delay.ms snapshot.include.collection.list
  snapshot.select.statement.overrides snapshot.tables.order.by.row.count snapshot.max.threads
  snapshot.max.threads.multiplier legacy.snapshot.max.threads incremental.snapshot.chunk.size
  incremental.snapshot.watermarking.strategy incremental.snapshot.allow.schema.changes schema.include.list
  schema.exclude.list table.include.list table.exclude.list column.include.list column.exclude.list
  column.propagate.source.type datatype.propagate.source.type message.key.columns message.prefix.include.list
  message.prefix.exclude.list skip.messages.without.change skipped.operations converters post.processors
  decimal.handling.mode time.precision.mode interval.handling.mode hstore.handling.mode binary.handling.mode
  money.fraction.digits include.unknown.datatypes unavailable.value.placeholder schema.refresh.mode
  tombstones.on.delete schema.name.adjustment.mode field.name.adjustment.mode max.queue.size max.batch.size
  max.queue.size.in.bytes poll.interval.ms poll.dispatch.interval.ms queue.provider.type heartbeat.interval.ms
  heartbeat.action.query topic.heartbeat.prefix topic.heartbeat.name topic.delimiter topic.transaction
  topic.cache.size topic.naming.strategy errors.max.retries retriable.restart.connector.wait.ms
  event.processing.failure.handling.mode event.converting.failure.handling.mode executor.shutdown.timeout.ms
  provide.transaction.metadata extended.headers.enabled guardrail.collections.max
  guardrail.collections.limit.action custom.metric.tags statistics.metrics.enabled signal.data.collection
  signal.enabled.channels signal.poll.interval.ms signal.kafka.topic signal.kafka.bootstrap.servers
  signal.kafka.groupId signal.kafka.poll.timeout.ms signal.file signal.emit.failure.max.retries
  signal.emit.failure.backoff.ms notification.enabled.channels notification.sink.topic.name`.split(
    /\s+/,
  );

test('every key of Debezium is known', () => {
  expect(DEBEZIUM.filter((key) => !(key in postgresFields))).toEqual([]);
});

test('a key without effect says so in its description, and the log says it at the start', () => {
  const unused = { ...COMMON_UNUSED, ...UNUSED };
  const accepted = fields()
    .filter(([, field]) => field.doc.startsWith('Accepted'))
    .map(([key]) => key);
  expect(Object.keys(unused).sort()).toEqual(
    accepted.filter((key) => key !== 'topic.naming.strategy').sort(),
  );
});

test.each(['converters', 'post.processors'])(
  'classes of the user in %s are refused, with what to do instead',
  (key) => {
    expect(postgresSource.rules?.({ [key]: 'own', 'own.type': 'com.example.Own' })).toContainEqual({
      key,
      message: expect.stringMatching(/can't run here.*transform/) as unknown,
    });
  },
);

test('KEYS.md has all keys, as they are described', () => {
  const rows = fields().map(([key, field]) => [
    `\`${key}\``,
    shown(field.default),
    field.doc.replaceAll('|', '\\|').replaceAll('<', '\\<').replaceAll('*', '\\*'),
  ]);
  expect(readFileSync(new URL('../KEYS.md', import.meta.url), 'utf8')).toContain(
    markdownTable(['key', 'default', 'what it does here'], rows),
  );
});

function fields(): readonly (readonly [string, AnyField])[] {
  return Object.entries<AnyField>(postgresFields);
}

function shown(value: AnyField['default']): string {
  if (value === undefined) return 'required';
  return value === null || value === '' ? '' : `\`${[value].flat().join(',')}\``;
}
