import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { SourceRecord } from '@millrace/record';
import { TcpProxy } from '@millrace/test-servers';
import { sourceContract, type SourceWorld } from '@millrace/testkit/contract';
import { mariadbSource, mysqlSource } from '../src/connector.ts';
import { after, FLAVOURS, TestDatabase } from './harness.ts';

let tables = 0;

/** A table behind a network that can be cut. */
class Table implements SourceWorld {
  readonly #database: TestDatabase;
  readonly #name: string;
  readonly #proxy: TcpProxy;
  readonly #config: Record<string, string>;
  #rows = 0;

  constructor(database: TestDatabase, name: string, proxy: TcpProxy) {
    this.#database = database;
    this.#name = name;
    this.#proxy = proxy;
    this.#config = database.config({
      'database.hostname': proxy.host,
      'database.port': String(proxy.port),
      'table.include.list': `test\\.${name}`,
      'snapshot.mode': 'no_data',
      // Asked for often, so that a silent network shows within the time of a test.
      'connect.keep.alive.interval.ms': '2000',
    });
  }

  static async open(database: TestDatabase): Promise<Table> {
    const name = `numbers_${++tables}`;
    await database.sql(`CREATE TABLE ${name} (id int PRIMARY KEY)`);
    return new Table(database, name, await TcpProxy.start(database.server));
  }

  get config(): Record<string, string> {
    return this.#config;
  }

  /** All in one transaction, so that positions lie within it too. */
  async produce(count: number): Promise<readonly string[]> {
    const numbers = Array.from({ length: count }, () => ++this.#rows);
    await this.#database.sql(`INSERT INTO ${this.#name} VALUES ?`, [numbers.map((each) => [each])]);
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
  }
}

describe.each(FLAVOURS)('the source of %s keeps the promises of a source', (flavour) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await TestDatabase.start(flavour);
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });
  const connector = flavour === 'mysql' ? mysqlSource : mariadbSource;
  for (const { name, run } of sourceContract({ connector, open: () => Table.open(database) }))
    test(name, run);
});
