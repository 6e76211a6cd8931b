import type { ConnectorFile, PostgresServer } from '@millrace/test-servers';

export const SOURCE = 'shop-source';
export const DATABASE_SINK = 'shop-copy';
export const FILE_SINK = 'shop-file';
export const SLOT = 'shop_slot';

/** What a team would write in three JSON files: the very same keys as for Kafka Connect. */
export function shopConnectors(server: PostgresServer, file: string): readonly ConnectorFile[] {
  const topics = { 'topics.regex': String.raw`shop\.public\..*` };
  return [
    {
      name: SOURCE,
      config: {
        'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
        'database.hostname': server.host,
        'database.port': String(server.port),
        'database.user': server.user,
        'database.password': server.password,
        'database.dbname': 'shop',
        'topic.prefix': 'shop',
        'plugin.name': 'pgoutput',
        'slot.name': SLOT,
        'publication.autocreate.mode': 'filtered',
        'table.include.list': String.raw`public\..*`,
      },
    },
    {
      name: DATABASE_SINK,
      config: {
        'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
        'connection.url': `jdbc:postgresql://${server.host}:${server.port}/shop_copy`,
        'connection.username': server.user,
        'connection.password': server.password,
        'insert.mode': 'upsert',
        'primary.key.mode': 'record_key',
        'delete.enabled': 'true',
        'schema.evolution': 'basic',
        ...topics,
      },
    },
    {
      name: FILE_SINK,
      config: {
        'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
        file,
        format: 'jsonl',
        ...topics,
      },
    },
  ];
}
