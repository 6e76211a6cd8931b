import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { SourceRecord } from '@millrace/record';
import { startPostgres, TcpProxy, type PostgresServer } from '@millrace/test-servers';
import { sourceContract, type SourceWorld } from '@millrace/testkit/contract';
import type pg from 'pg';
import { jdbcSource } from '../../src/index.ts';

let server: PostgresServer;
let db: pg.Client;
let tables = 0;
beforeAll(async () => {
  server = await startPostgres();
  db = await server.connect();
});
afterAll(async () => {
  await db.end();
  await server.stop();
});

/** A table behind a network that can be cut. */
class Table implements SourceWorld {
  readonly #name: string;
  readonly #proxy: TcpProxy;
  #rows = 0;

  constructor(name: string, proxy: TcpProxy) {
    this.#name = name;
    this.#proxy = proxy;
  }

  static async open(): Promise<Table> {
    const name = `numbers_${++tables}`;
    await db.query(`CREATE TABLE ${name} (id int PRIMARY KEY)`);
    return new Table(name, await TcpProxy.start(server));
  }

  get config(): Record<string, string> {
    const { host, port } = this.#proxy;
    return {
      'connection.url': `jdbc:postgresql://${host}:${port}/${server.database}?sslmode=disable`,
      'connection.user': server.user,
      'connection.password': server.password,
      mode: 'incrementing',
      'incrementing.column.name': 'id',
      'topic.prefix': 'db-',
      'table.whitelist': this.#name,
      'poll.interval.ms': '20',
    };
  }

  async produce(count: number): Promise<readonly string[]> {
    const numbers = Array.from({ length: count }, () => ++this.#rows);
    await db.query(`INSERT INTO ${this.#name} SELECT unnest($1::int[])`, [numbers]);
    return numbers.map(String);
  }

  identify(record: SourceRecord): string | undefined {
    return String(Reflect.get(Object(record.value), 'id'));
  }

  hang(): Promise<void> {
    this.#proxy.silence();
    return Promise.resolve();
  }

  interrupt(): Promise<void> {
    this.#proxy.cut();
    this.#proxy.restore();
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#proxy.restore();
    await this.#proxy[Symbol.asyncDispose]();
  }
}

describe('the JDBC source keeps the promises of a source', () => {
  const subject = { connector: jdbcSource, open: () => Table.open() };
  for (const { name, run } of sourceContract(subject)) test(name, run);
});
