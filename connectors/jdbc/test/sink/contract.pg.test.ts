import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { SinkRecord } from '@millrace/record';
import { startPostgres, TcpProxy, type PostgresServer } from '@millrace/test-servers';
import { sinkContract, type SinkWorld } from '@millrace/testkit/contract';
import type pg from 'pg';
import { debeziumJdbcSink } from '../../src/index.ts';
import { changeEvent } from './sink-context.ts';

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

/** A table of its own, behind a network that can be cut. */
class Table implements SinkWorld {
  readonly #name: string;
  readonly #proxy: TcpProxy;

  constructor(name: string, proxy: TcpProxy) {
    this.#name = name;
    this.#proxy = proxy;
  }

  static async open(): Promise<Table> {
    const name = `items_${++tables}`;
    await db.query(`CREATE TABLE ${name} (id int PRIMARY KEY, name varchar(20), arrived serial)`);
    return new Table(name, await TcpProxy.start(server));
  }

  get config(): Record<string, string> {
    const { host, port } = this.#proxy;
    return {
      'connection.url': `jdbc:postgresql://${host}:${port}/${server.database}?sslmode=disable`,
      'connection.username': server.user,
      'connection.password': server.password,
      'insert.mode': 'upsert',
      'primary.key.mode': 'record_key',
      'delete.enabled': 'true',
      'collection.name.format': '${source.table}',
      'flush.max.retries': '50',
      'flush.retry.delay.ms': '50',
    };
  }

  record(number: number): Partial<SinkRecord> {
    return { key: { id: number }, value: changeEvent('c', { id: number, name: 'a' }, this.#name) };
  }

  poison(): Partial<SinkRecord> {
    const row = { id: 2, name: 'too long for the column that it is for' };
    return { key: { id: 2 }, value: changeEvent('c', row, this.#name) };
  }

  async delivered(): Promise<readonly number[]> {
    const { rows } = await db.query<{ id: number }>(
      `SELECT id FROM ${this.#name} ORDER BY arrived`,
    );
    return rows.map(({ id }) => id);
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

describe('the JDBC sink on PostgreSQL keeps the promises of a sink', () => {
  const subject = { connector: debeziumJdbcSink, open: () => Table.open(), isIdempotent: true };
  for (const { name, run } of sinkContract(subject)) test(name, run);
});
