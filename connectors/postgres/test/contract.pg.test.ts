import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { SourceRecord } from '@millrace/record';
import { TcpProxy } from '@millrace/test-servers';
import { sourceContract, type SourceWorld } from '@millrace/testkit/contract';
import { postgresSource } from '../src/connector.ts';
import { after, TestDatabase } from './harness.ts';

let database: TestDatabase;
let tables = 0;
beforeAll(async () => {
  database = await TestDatabase.start();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** A table with its publication and slot, behind a network that can be cut. */
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
    await database.sql(`CREATE TABLE ${name} (id int PRIMARY KEY)`);
    await database.sql(`CREATE PUBLICATION ${name} FOR TABLE ${name}`);
    await database.sql(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`);
    return new Table(name, await TcpProxy.start(database.server));
  }

  get config(): Record<string, string> {
    return database.config({
      'database.hostname': this.#proxy.host,
      'database.port': String(this.#proxy.port),
      'table.include.list': `public\\.${this.#name}`,
      'slot.name': this.#name,
      'publication.name': this.#name,
      'publication.autocreate.mode': 'disabled',
      'snapshot.mode': 'no_data',
    });
  }

  /** All in one transaction, so that positions lie within it too. */
  async produce(count: number): Promise<readonly string[]> {
    const numbers = Array.from({ length: count }, () => ++this.#rows);
    await database.sql(`INSERT INTO ${this.#name} SELECT unnest($1::int[])`, [numbers]);
    return numbers.map(String);
  }

  identify(record: SourceRecord): string | undefined {
    return record.topic.endsWith(this.#name) ? String(after(record)['id']) : undefined;
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
    await database.sql(
      `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '${this.#name}'`,
    );
    for (let attempt = 0; attempt < 100; attempt++)
      try {
        await database.sql(`SELECT pg_drop_replication_slot('${this.#name}')`);
        return;
      } catch {
        await database.sql('SELECT pg_sleep(0.05)'); // its walsender is still ending
      }
  }
}

describe('the PostgreSQL source keeps the promises of a source', () => {
  const subject = { connector: postgresSource, open: () => Table.open() };
  for (const { name, run } of sourceContract(subject)) test(name, run);
});
