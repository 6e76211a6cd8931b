import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SourceRecord } from '@millrace/record';
import { after, FLAVOURS, replay, Runner, source, Store, TestDatabase, value } from './harness.ts';
import { MemoryTopics } from './memory-topics.ts';

describe.each(FLAVOURS)('%s', (flavour) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await TestDatabase.start(flavour);
    await database.sql(
      'CREATE TABLE signals (id varchar(42) PRIMARY KEY, type varchar(32) NOT NULL, data varchar(2048))',
    );
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const config = (table: string, more: Record<string, string> = {}): Record<string, string> =>
    database.config({
      'table.include.list': `test\\.${table}`,
      'snapshot.mode': 'no_data',
      'incremental.snapshot.chunk.size': '50',
      'signal.poll.interval.ms': '50',
      ...more,
    });
  const byTable = { 'signal.data.collection': 'test.signals' };
  const reads = (records: readonly SourceRecord[]): SourceRecord[] =>
    records.filter((record) => value(record)['op'] === 'r');
  const fill = (table: string): Promise<unknown> =>
    database.sql(`INSERT INTO ${table} VALUES ?`, [
      Array.from({ length: 300 }, (_, index) => [index, 0]),
    ]);
  const signal = (table: string): string =>
    JSON.stringify({ 'data-collections': [`test\\.${table}`], type: 'incremental' });

  test('a signal in the table reads a table in chunks while it is written to; the topic replayed is the table', async () => {
    await database.sql('CREATE TABLE chunked (id int PRIMARY KEY, v int)');
    await fill('chunked');
    await using runner = await new Runner(flavour, config('chunked', byTable)).start();
    await database.sql('INSERT INTO signals VALUES (?, ?, ?)', [
      'one',
      'execute-snapshot',
      signal('chunked'),
    ]);
    const stop = { now: false };
    const client = await database.client();
    const writing = (async () => {
      for (let turn = 0; !stop.now; turn++) {
        await client.query('UPDATE chunked SET v = v + 1 WHERE id = ?', [(turn * 7) % 300]);
        if (turn % 5 === 0)
          await client.query('DELETE FROM chunked WHERE id = ?', [(turn * 11) % 300]);
        if (turn % 3 === 0)
          await client.query('REPLACE INTO chunked VALUES (?, 0)', [(turn * 13) % 300]);
      }
      client.destroy();
    })();
    await runner.until(
      () => runner.log.some((line) => line.startsWith('the incremental snapshot is complete')),
      30_000,
    );
    stop.now = true;
    await writing;
    await database.sql('INSERT INTO chunked VALUES (999999, 0)');
    await runner.until((records) => JSON.stringify(records.at(-1)?.key) === '{"id":999999}');
    const expected = (await database.sql('SELECT * FROM chunked')).map((row) => [
      JSON.stringify({ id: row['id'] }),
      { ...row },
    ]);
    const found = replay(runner.store.records);
    expect([...found].toSorted()).toEqual(expected.toSorted());
    expect(source(reads(runner.store.records)[0])).toMatchObject({ snapshot: 'incremental' });
    expect(new Set(runner.store.records.map((record) => record.topic))).toEqual(
      new Set(['shop.test.chunked']),
    );
  });

  test('read-only, a signal of the topic is obeyed, nothing is written, and another task goes on with it', async () => {
    await database.sql('CREATE TABLE quiet (id int PRIMARY KEY, v int)');
    await fill('quiet');
    const topics = new MemoryTopics();
    const store = new Store();
    const settings = config('quiet', {
      'read.only': 'true',
      'signal.enabled.channels': 'kafka',
      'max.batch.size': '50',
    });
    topics.put('shop-signal', 'shop', {
      type: 'execute-snapshot',
      data: JSON.parse(signal('quiet')) as unknown,
    });
    const [before] = await database.sql('SELECT count(*) AS n FROM signals');
    {
      await using runner = await new Runner(flavour, settings, { store, topics }).start();
      await runner.until((records) => reads(records).length >= 100);
    }
    const delivered = reads(store.records).length;
    expect(delivered).toBeLessThan(300);
    await using runner = await new Runner(flavour, settings, { store, topics }).start();
    await runner.until((records) => reads(records).length >= 300);
    expect(new Set(reads(store.records).map((record) => after(record)['id'])).size).toBe(300);
    expect(await database.sql('SELECT count(*) AS n FROM signals')).toEqual([before]);
  });
});
