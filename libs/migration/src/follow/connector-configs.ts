import type { MigrationNames } from '../plan/migration-names.ts';
import type { TablePair } from '../schema/schema-plan.ts';
import type { Endpoint } from '../server/endpoint.ts';

type Product = 'postgres' | 'mysql' | 'mariadb';

export type Config = Readonly<Record<string, string>>;

export interface ConnectorOptions {
  readonly source: Endpoint;
  readonly target: Endpoint;
  /** Placeholders, so that no password is written to the log. */
  readonly sourcePassword: string;
  readonly targetPassword: string;
  readonly names: MigrationNames;
  readonly pairs: readonly TablePair[];
  /** For the way back there is nothing to copy. */
  readonly hasSnapshot: boolean;
  /** The target has its foreign keys and triggers already. */
  readonly isTargetLive: boolean;
  readonly sourceProduct: Product;
  readonly targetProduct: Product;
  /** Of a MySQL source: a number that no other replica of it has. */
  readonly serverId: number;
}

/** Most tasks of the sink: one writes one table at a time, in order. */
const SINK_TASKS_MAX = 4;

/** Of source and sink alike. A server that comes back after hours is noticed soon. */
const SHARED: Config = {
  'task.restart.delay.max.ms': '10000',
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'key.converter.schemas.enable': 'true',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'true',
  // NULL is NULL, also in a column that has a default.
  'key.converter.replace.null.with.default': 'false',
  'value.converter.replace.null.with.default': 'false',
};

/** The source connector: the same keys as any Debezium connector's. */
export function sourceConfig(options: ConnectorOptions): Config {
  const { source, sourcePassword, names, hasSnapshot } = options;
  const common: Config = {
    ...SHARED,
    'tasks.max': '1',
    'topic.prefix': names.prefix,
    'topic.naming.strategy': `io.debezium.schema.${source.family === 'postgres' ? 'Schema' : 'Default'}UnicodeTopicNamingStrategy`,
    'database.hostname': source.host,
    'database.port': String(source.port),
    'database.user': source.user,
    'database.password': sourcePassword,
    'snapshot.mode': hasSnapshot ? 'initial' : 'no_data',
    'tombstones.on.delete': 'false',
    'skipped.operations': 'none',
    'heartbeat.interval.ms': '1000',
    'topic.creation.default.replication.factor': '-1',
    'topic.creation.default.partitions': '1',
    // How a column is called there tells the sink what its values mean here.
    ...(source.family === options.target.family ? {} : { 'column.propagate.source.type': '.*' }),
  };
  return source.family === 'postgres'
    ? { ...common, ...postgresSource(options) }
    : { ...common, ...mysqlSource(options) };
}

/** Shapes that no other database has a type for. */
const TEXT_TYPES = ['line', 'lseg', 'box', 'path', 'polygon', 'circle'];
/** The other side reads what this side prints: dimensions, bounds, zones and zeros in front stay. */
const OWN_TYPES = [
  'array',
  'varbit',
  'timetz',
  'interval',
  'money',
  'point',
  'geometry',
  'geography',
  'sparsevec',
];

function postgresSource({ source, target, names, pairs }: ConnectorOptions): Config {
  return {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'database.dbname': source.database,
    'plugin.name': 'pgoutput',
    'slot.name': names.slot,
    'publication.name': names.slot,
    'publication.autocreate.mode': 'filtered',
    'publish.via.partition.root': 'true',
    'table.include.list': pairs.map(tableRegex).join(','),
    ...messageKeys(pairs),
    // Every digit, NaN and infinities; months in intervals; types that have no mapping, as their text.
    'decimal.handling.mode': 'string',
    'interval.handling.mode': 'string',
    'include.unknown.datatypes': 'true',
    'millrace.text.datatypes': [
      ...TEXT_TYPES,
      ...(target.family === 'postgres' ? OWN_TYPES : []),
    ].join(','),
    'status.update.interval.ms': '500',
    ...parameters(source, 'database.', ['sslmode', 'sslrootcert', 'sslcert', 'sslkey']),
  };
}

/** Of tables without a primary key: the index that stands in for it. */
function messageKeys(pairs: readonly TablePair[]): Config {
  const keys = pairs
    .filter((pair) => pair.source.primaryKey.length === 0)
    .map((pair) => `${tableRegex(pair)}:${pair.source.rowKey.join(',')}`);
  return keys.length === 0 ? {} : { 'message.key.columns': keys.join(';') };
}

function mysqlSource({ source, sourceProduct, pairs, serverId }: ConnectorOptions): Config {
  return {
    'connector.class':
      sourceProduct === 'mariadb'
        ? 'io.debezium.connector.mariadb.MariaDbConnector'
        : 'io.debezium.connector.mysql.MySqlConnector',
    'database.server.id': String(serverId),
    'database.include.list': [...new Set(pairs.map((pair) => regexText(pair.source.schema)))].join(
      ',',
    ),
    'table.include.list': pairs.map(tableRegex).join(','),
    'include.schema.changes': 'false',
    'bigint.unsigned.handling.mode': 'precise',
    'decimal.handling.mode': 'string',
    ...messageKeys(pairs),
    ...parameters(source, 'database.', ['ssl.mode']),
  };
}

/** One sink for each schema of the target: the names of the tables come with the events. */
export function sinkConfigs(options: ConnectorOptions): ReadonlyMap<string, Config> {
  const { names, pairs } = options;
  const schemas = [...new Set(pairs.map(({ target }) => target.schema))];
  return new Map(
    schemas.map((schema, at) => [
      at === 0 ? names.sink : `${names.sink}-${at}`,
      sinkConfig(options, schema),
    ]),
  );
}

function sinkConfig(options: ConnectorOptions, schema: string): Config {
  const { target, targetPassword, sourceProduct, names, pairs } = options;
  const own = pairs.filter((pair) => pair.target.schema === schema);
  return {
    ...SHARED,
    'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
    'tasks.max': String(Math.max(1, Math.min(SINK_TASKS_MAX, own.length))),
    topics: own.map((pair) => names.topic(pair.source)).join(','),
    'connection.url': jdbcUrl(options),
    'connection.username': target.user,
    'connection.password': targetPassword,
    'collection.name.format': `${schema}.\${source.table}`,
    'quote.identifiers': 'true',
    'insert.mode': 'upsert',
    'primary.key.mode': 'record_key',
    'delete.enabled': 'true',
    'truncate.enabled': 'true',
    'schema.evolution': 'none',
    'millrace.source.decimal.handling.mode': 'string',
    'millrace.source.json.texts': String(sourceProduct === 'mariadb'),
    'consumer.override.auto.offset.reset': 'earliest',
  };
}

function jdbcUrl({ target, targetProduct, isTargetLive }: ConnectorOptions): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  const query = new URLSearchParams();
  if (target.family === 'postgres') {
    for (const name of ['sslmode', 'sslrootcert', 'sslcert', 'sslkey']) {
      const value = target.parameters.get(name);
      if (value !== undefined) query.set(name, value);
    }
    // Its triggers acted where the change was made, and its foreign keys held there.
    if (isTargetLive) query.set('options', '-c session_replication_role=replica');
  } else {
    for (const [name, value] of target.parameters) query.set(name, value);
    if (isTargetLive) query.set('sessionVariables', 'foreign_key_checks=0');
  }
  const text = query.toString().replaceAll('+', '%20');
  const scheme = targetProduct === 'postgres' ? 'postgresql' : targetProduct;
  return `jdbc:${scheme}://${host}:${target.port}/${encodeURIComponent(target.database)}${text === '' ? '' : `?${text}`}`;
}

function parameters(endpoint: Endpoint, prefix: string, names: readonly string[]): Config {
  return Object.fromEntries(
    names.flatMap((name): [string, string][] => {
      const value =
        endpoint.parameters.get(name) ?? endpoint.parameters.get(name.replace('.', '-'));
      return value === undefined ? [] : [[prefix + name, value]];
    }),
  );
}

function tableRegex({ source }: TablePair): string {
  return `${regexText(source.schema)}\\.${regexText(source.name)}`;
}

/** Commas part regular expressions in a list. */
function regexText(text: string): string {
  return text.replaceAll(/[.\\+*?^${}()|[\]]/g, String.raw`\$&`).replaceAll(',', String.raw`\x2c`);
}
