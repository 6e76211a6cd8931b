import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SourceRecord } from '@millrace/record';
import {
  after,
  FLAVOURS,
  replay,
  Runner,
  source,
  Store,
  TestDatabase,
  text,
  value,
} from './harness.ts';

describe.each(FLAVOURS)('%s', (flavour) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await TestDatabase.start(flavour);
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const config = (table: string, more: Record<string, string> = {}): Record<string, string> =>
    database.config({ 'table.include.list': `test\\.${table}`, ...more });

  const ops = (records: readonly SourceRecord[]): unknown[] =>
    records.map((record) => [
      record.value === null ? 'tombstone' : value(record)['op'],
      record.key === null ? null : (record.key as Record<string, unknown>)['id'],
    ]);

  test('rows of the snapshot, then each change in order, with its envelope', async () => {
    await database.sql(
      'CREATE TABLE simple (id int PRIMARY KEY, name varchar(20), n bigint NOT NULL) CHARSET utf8mb4',
    );
    await database.sql("INSERT INTO simple VALUES (1, 'one', 10), (2, NULL, -20)");
    await using runner = await new Runner(flavour, config('simple')).start();
    await runner.untilCount(2);
    await database.sql("INSERT INTO simple VALUES (3, 'drei Ж', 30)");
    await database.sql("UPDATE simple SET name = 'eins' WHERE id = 1");
    await database.sql('DELETE FROM simple WHERE id = 2');
    const records = await runner.untilCount(6);
    expect(ops(records)).toEqual([
      ['r', 1],
      ['r', 2],
      ['c', 3],
      ['u', 1],
      ['d', 2],
      ['tombstone', 2],
    ]);
    expect(records.map((record) => record.topic)).toEqual(records.map(() => 'shop.test.simple'));
    expect(after(records[2])).toEqual({ id: 3, name: 'drei Ж', n: 30 });
    expect(value(records[3])['before']).toEqual({ id: 1, name: 'one', n: 10 });
    expect(after(records[3])).toEqual({ id: 1, name: 'eins', n: 10 });
    expect(value(records[4])).toMatchObject({ before: { id: 2, name: null, n: -20 }, after: null });
    expect(source(records[2])).toMatchObject({
      connector: flavour,
      name: 'shop',
      snapshot: 'false',
      db: 'test',
      sequence: null,
      table: 'simple',
      server_id: 1,
      row: 0,
    });
    for (const record of records)
      if (record.value !== null)
        expect(JSON.parse(text(record.json?.value) ?? '')).toEqual(
          JSON.parse(
            JSON.stringify(value(record), (_, each: unknown) =>
              typeof each === 'bigint' ? Number(each) : each,
            ),
          ),
        );
  });

  test('another task goes on behind the offset, at each position within a transaction', async () => {
    await database.sql('CREATE TABLE resumed (id int PRIMARY KEY, v int)');
    const store = new Store();
    {
      await using first = await new Runner(
        flavour,
        config('resumed', { 'snapshot.mode': 'no_data', 'heartbeat.interval.ms': '1' }),
        { store },
      ).start();
      await first.untilCount(1);
      const client = await database.client();
      await client.beginTransaction();
      await client.query('INSERT INTO resumed VALUES (1, 1), (2, 1), (3, 1)');
      await client.query('UPDATE resumed SET v = 2');
      await client.query('DELETE FROM resumed WHERE id = 2');
      await client.query('INSERT INTO resumed VALUES (4, 1)');
      await client.commit();
      client.destroy();
      await first.until((records) =>
        records.some((record) => JSON.stringify(record.key) === '{"id":4}'),
      );
    }
    const all = store.records.filter((record) => record.topic === 'shop.test.resumed');
    expect(ops(all)).toEqual([
      ['c', 1],
      ['c', 2],
      ['c', 3],
      ['u', 1],
      ['u', 2],
      ['u', 3],
      ['d', 2],
      ['tombstone', 2],
      ['c', 4],
    ]);
    for (let delivered = 1; delivered < all.length; delivered++) {
      const again = new Store();
      again.offset = JSON.parse(
        JSON.stringify(all[delivered - 1]?.sourceOffset),
      ) as SourceRecord['sourceOffset'];
      await using runner = await new Runner(flavour, config('resumed'), { store: again }).start();
      // Of a delete the tombstone is the end.
      const expected = delivered === 7 ? delivered - 1 : delivered;
      await runner.untilCount(all.length - expected);
      expect(ops(again.records)).toEqual(ops(all).slice(expected));
    }
  });

  test('snapshot and stream join without a gap while writes go on', async () => {
    await database.sql('CREATE TABLE joined (id int PRIMARY KEY, v int)');
    for (let start = 0; start < 2000; start += 500)
      await database.sql('INSERT INTO joined VALUES ?', [
        Array.from({ length: 500 }, (_, index) => [start + index, 0]),
      ]);
    const stop = { now: false };
    const writers = await Promise.all([1, 2, 3].map(() => database.client()));
    const writing = writers.map(async (client, index) => {
      for (let turn = 0; !stop.now; turn++) {
        await client.query('INSERT INTO joined VALUES (?, ?)', [10_000 * (index + 1) + turn, turn]);
        await client.query('UPDATE joined SET v = v + 1 WHERE id = ?', [turn % 2000]);
        if (turn % 3 === 0)
          await client.query('DELETE FROM joined WHERE id = ?', [10_000 * (index + 1) + turn]);
      }
      client.destroy();
    });
    await using runner = await new Runner(
      flavour,
      config('joined', { 'max.batch.size': '100', 'snapshot.fetch.size': '300' }),
    ).start();
    await runner.until(
      (records) => records.filter((record) => value(record)['op'] === 'c').length > 100,
    );
    stop.now = true;
    await Promise.all(writing);
    await database.sql('INSERT INTO joined VALUES (999999, 0)');
    await runner.until((records) => JSON.stringify(records.at(-1)?.key) === '{"id":999999}');
    const rows = await database.sql('SELECT * FROM joined');
    const expected = new Map(rows.map((row) => [JSON.stringify({ id: row['id'] }), { ...row }]));
    const found = replay(runner.store.records);
    expect([...found].toSorted()).toEqual([...expected].toSorted());
  });
});
