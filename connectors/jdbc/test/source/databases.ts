import {
  startMariadb,
  startMysql,
  startPostgres,
  type MysqlServer,
  type PostgresServer,
} from '@millrace/test-servers';

/** One connection of the application whose tables are read. */
export interface Writer extends AsyncDisposable {
  sql(text: string): Promise<void>;
}

/** A server, in the words that the tests of all databases share. */
export interface TestDatabase extends AsyncDisposable {
  readonly kind: 'postgresql' | 'mariadb' | 'mysql';
  readonly config: Readonly<Record<string, string>>;
  /** Of the source partition of a table. */
  readonly schema: string;
  /** Types. */
  readonly words: {
    readonly serial: string;
    readonly timestamp: string;
    readonly now: string;
    readonly bytes: string;
  };
  writer(): Promise<Writer>;
  restart(): Promise<void>;
}

export async function openPostgres(): Promise<TestDatabase> {
  const server: PostgresServer = await startPostgres();
  return {
    kind: 'postgresql',
    schema: 'public',
    config: {
      'connection.url': `jdbc:postgresql://${server.host}:${server.port}/${server.database}`,
      'connection.user': server.user,
      'connection.password': server.password,
    },
    words: {
      serial: 'bigserial primary key',
      timestamp: 'timestamptz(6)',
      now: 'now()',
      bytes: `'\\x0aff'::bytea`,
    },
    writer: async () => {
      const client = await server.connect();
      return {
        sql: async (text) => {
          await client.query(text);
        },
        [Symbol.asyncDispose]: () => client.end(),
      };
    },
    restart: () => server.restart('crash'),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

export async function openMysql(kind: 'mariadb' | 'mysql'): Promise<TestDatabase> {
  const server: MysqlServer = await (kind === 'mysql' ? startMysql() : startMariadb());
  return {
    kind,
    schema: server.database,
    config: {
      'connection.url': `jdbc:${kind}://${server.host}:${server.port}/${server.database}`,
      'connection.user': server.user,
      'connection.password': server.password,
    },
    words: {
      serial: 'bigint not null auto_increment primary key',
      timestamp: 'timestamp(6)',
      now: 'now(6)',
      bytes: `x'0aff'`,
    },
    writer: async () => {
      const connection = await server.connect();
      return {
        sql: async (text) => {
          await connection.query(text);
        },
        [Symbol.asyncDispose]: () => connection.end(),
      };
    },
    restart: () => server.restart('crash'),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}
