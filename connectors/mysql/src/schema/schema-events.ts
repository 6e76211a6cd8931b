import { structOf, type TopicNaming } from '@millrace/cdc';
import type { Clock } from '@millrace/foundation';
import { schemas, type SourceOffset, type SourceRecord, type StructSchema } from '@millrace/record';
import type { EventSource } from '../row-record.ts';
import type { Flavour, Settings } from '../settings.ts';
import { SOURCE_SCHEMAS } from '../table-shape.ts';
import { CHANGE_SCHEMA, changeValue, type TableChange } from './table-change.ts';

const KEYS: Readonly<Record<Flavour, StructSchema>> = {
  mysql: keySchema('mysql'),
  mariadb: keySchema('mariadb'),
};
const VALUES: Readonly<Record<Flavour, StructSchema>> = {
  mysql: valueSchema('mysql'),
  mariadb: valueSchema('mariadb'),
};

function keySchema(connector: Flavour): StructSchema {
  return structOf([{ name: 'databaseName', schema: schemas.string() }], {
    name: `io.debezium.connector.${connector}.SchemaChangeKey`,
    version: 1,
  });
}

function valueSchema(connector: Flavour): StructSchema {
  const text = schemas.string({ optional: true });
  return structOf(
    [
      { name: 'source', schema: SOURCE_SCHEMAS[connector] },
      { name: 'ts_ms', schema: schemas.int64() },
      { name: 'databaseName', schema: text },
      { name: 'schemaName', schema: text },
      { name: 'ddl', schema: text },
      { name: 'tableChanges', schema: schemas.array(CHANGE_SCHEMA) },
    ],
    { name: `io.debezium.connector.${connector}.SchemaChangeValue`, version: 1 },
  );
}

export interface SchemaEvent {
  readonly source: EventSource;
  readonly offset: SourceOffset;
  readonly database: string;
  readonly ddl: string;
  readonly changes: readonly TableChange[];
}

export interface SchemaEventContext {
  readonly settings: Settings;
  readonly topics: TopicNaming;
  readonly clock: Clock;
}

/** A statement in the topic that is named as the prefix; always in partition 0, so that statements keep their order. */
export function schemaEventRecord(event: SchemaEvent, context: SchemaEventContext): SourceRecord {
  const { settings, topics, clock } = context;
  const { of } = event.source;
  const withComments = settings.config['include.schema.comments'];
  return {
    topic: topics.schemaChanges(),
    partition: 0,
    keySchema: KEYS[settings.flavour],
    key: { databaseName: event.database },
    valueSchema: VALUES[settings.flavour],
    value: {
      source: event.source.value(0),
      ts_ms: clock.nowMs(),
      databaseName: event.database,
      schemaName: null,
      ddl: event.ddl,
      tableChanges: event.changes.map((change) => changeValue(change, withComments)),
    },
    timestampMs: null,
    headers: of.task.headers,
    sourcePartition: of.task.sourcePartition,
    sourceOffset: event.offset,
  };
}
