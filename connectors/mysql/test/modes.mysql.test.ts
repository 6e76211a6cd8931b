import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SourceRecord } from '@millrace/record';
import { after, FLAVOURS, Runner, source, Store, TestDatabase, value } from './harness.ts';

describe.each(FLAVOURS)('%s', (flavour) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await TestDatabase.start(flavour);
    for (const name of ['a', 'b', 'c', 'd']) {
      await database.sql(`CREATE TABLE many_${name} (id int PRIMARY KEY)`);
      if (name === 'c') continue; // one without rows
      await database.sql(`INSERT INTO many_${name} VALUES ?`, [
        Array.from({ length: 100 }, (_, index) => [index]),
      ]);
    }
    await database.sql('CREATE TABLE many_keyless (id int)');
    await database.sql('INSERT INTO many_keyless VALUES (1), (2), (3)');
    await database.sql("CREATE USER few@'%' IDENTIFIED BY 'few'");
    await database.sql(
      `GRANT REPLICATION SLAVE, ${flavour === 'mysql' ? 'REPLICATION CLIENT' : 'BINLOG MONITOR'} ON *.* TO few@'%'`,
    );
    await database.sql("GRANT SELECT, LOCK TABLES ON test.* TO few@'%'");
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const config = (table: string, more: Record<string, string> = {}): Record<string, string> =>
    database.config({ 'table.include.list': `test\\.${table}`, ...more });
  const markers = (records: readonly SourceRecord[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const record of records) {
      const marker = String(source(record)['snapshot']);
      counts[marker] = (counts[marker] ?? 0) + 1;
    }
    return counts;
  };

  test.each([
    ['by several connections', { 'snapshot.max.threads': '3' }],
    ['without a lock', { 'snapshot.locking.mode': 'none' }],
    ['with the lock held', { 'snapshot.locking.mode': 'extended' }],
    [
      'with locks of single tables, for want of RELOAD',
      { 'database.user': 'few', 'database.password': 'few', 'snapshot.max.threads': '2' },
    ],
    ['large tables first', { 'snapshot.tables.order.by.row.count': 'descending' }],
  ])('a snapshot %s has every row once, and a beginning and an end', async (_, more) => {
    await using runner = await new Runner(
      flavour,
      config('many_.*', { 'snapshot.fetch.size': '30', 'max.batch.size': '7', ...more }),
    ).start();
    const records = await runner.untilCount(303);
    await database.sql('INSERT INTO many_c VALUES (1)');
    await runner.untilCount(304);
    await database.sql('DELETE FROM many_c');
    const rows = records
      .slice(0, 303)
      .map((record) => `${record.topic} ${String(after(record)['id'])}`);
    expect(new Set(rows).size).toBe(303);
    const counts = markers(records.slice(0, 303));
    expect([counts['first'], counts['last']]).toEqual([1, 1]);
    expect(source(records[302])['snapshot']).toBe('last');
    expect(records[302]?.sourceOffset['snapshot']).toBeUndefined();
    expect(records[301]?.sourceOffset['snapshot']).toBe('INITIAL');
  });

  test('initial_only ends after the snapshot, and is not taken again', async () => {
    const store = new Store();
    const settings = config('many_a', { 'snapshot.mode': 'initial_only' });
    {
      await using runner = await new Runner(flavour, settings, { store }).start();
      await runner.untilCount(100);
      await runner.deliver(await runner.poll());
    }
    await using runner = await new Runner(flavour, settings, { store }).start();
    await runner.deliver(await runner.poll());
    await runner.deliver(await runner.poll());
    expect(store.records).toHaveLength(100);
  });

  test('always takes one at each start, a select of the user and columns left out are obeyed', async () => {
    const store = new Store();
    const settings = config('many_a', {
      'snapshot.mode': 'always',
      'snapshot.select.statement.overrides': 'test.many_a',
      'snapshot.select.statement.overrides.test.many_a': 'SELECT * FROM test.many_a WHERE id < 10',
    });
    for (let start = 1; start <= 2; start++) {
      await using runner = await new Runner(flavour, settings, { store }).start();
      await runner.untilCount(10 * start);
    }
    expect(store.records.map((record) => after(record)['id'])).toEqual(
      [...Array(20).keys()].map((index) => index % 10),
    );
  });

  test('statements, transactions and heartbeats are told when asked for', async () => {
    await database.sql(
      flavour === 'mysql'
        ? 'SET GLOBAL binlog_rows_query_log_events = ON'
        : 'SET GLOBAL binlog_annotate_row_events = ON',
    );
    await database.reconnect();
    await database.sql('CREATE TABLE asked (id int PRIMARY KEY)');
    await using runner = await new Runner(
      flavour,
      config('asked', {
        'snapshot.mode': 'no_data',
        'include.query': 'true',
        'provide.transaction.metadata': 'true',
      }),
    ).start();
    const statement = 'INSERT INTO asked VALUES (1), (2)';
    await database.sql(statement);
    const records = await runner.untilCount(4);
    const [begin, first, second, end] = records;
    const id = String(value(begin)['id']);
    expect(value(begin)).toMatchObject({ status: 'BEGIN' });
    expect(source(first)).toMatchObject({ query: statement, gtid: id });
    expect(value(second)['transaction']).toEqual({ id, total_order: 2, data_collection_order: 2 });
    expect(value(end)).toMatchObject({
      status: 'END',
      id,
      event_count: 2,
      data_collections: [{ data_collection: 'test.asked', event_count: 2 }],
    });
  });

  test('a signal for a blocking snapshot reads whole tables while the stream waits', async () => {
    await database.sql(
      'CREATE TABLE signals (id varchar(42) PRIMARY KEY, type varchar(32) NOT NULL, data varchar(2048))',
    );
    await using runner = await new Runner(
      flavour,
      config('many_[ab]', { 'snapshot.mode': 'no_data', 'signal.data.collection': 'test.signals' }),
    ).start();
    const data = {
      type: 'blocking',
      'data-collections': ['test\\.many_b'],
      'additional-conditions': [
        { 'data-collection': 'test\\.many_b', filter: 'SELECT * FROM test.many_b WHERE id >= 90' },
      ],
    };
    await database.sql('INSERT INTO signals VALUES (?, ?, ?)', [
      'x',
      'execute-snapshot',
      JSON.stringify(data),
    ]);
    await runner.untilCount(10);
    await database.sql('INSERT INTO many_a VALUES (777)');
    await runner.untilCount(11);
    await database.sql('DELETE FROM many_a WHERE id = 777');
    expect(
      runner.store.records.map((record) => [value(record)['op'], after(record)['id']]),
    ).toEqual([...[...Array(10).keys()].map((index) => ['r', 90 + index]), ['c', 777]]);
  });
});
