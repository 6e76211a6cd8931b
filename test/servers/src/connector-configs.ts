import type { PostgresServer } from './postgres.ts';

type Config = Readonly<Record<string, string>>;

/** A source of the changes in a database of the server; `settings` add to it and override it. */
export function postgresSourceConfig(server: PostgresServer, settings: Config): Config {
  return {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'database.hostname': server.host,
    'database.port': String(server.port),
    'database.user': server.user,
    'database.password': server.password,
    'database.dbname': server.database,
    'plugin.name': 'pgoutput',
    ...settings,
  };
}

/** A sink into a database of the server that upserts by the record's key. */
export function postgresSinkConfig(
  server: PostgresServer,
  database: string,
  settings: Config,
): Config {
  return {
    'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
    'connection.url': `jdbc:postgresql://${server.host}:${server.port}/${database}`,
    'connection.username': server.user,
    'connection.password': server.password,
    'insert.mode': 'upsert',
    'primary.key.mode': 'record_key',
    ...settings,
  };
}

/** Worker settings: events and their keys as JSON without schemas. */
export const SCHEMALESS_JSON: Config = {
  'value.converter.schemas.enable': 'false',
  'key.converter.schemas.enable': 'false',
};
