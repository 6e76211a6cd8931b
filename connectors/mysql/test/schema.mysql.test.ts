import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SourceRecord } from '@millrace/record';
import { after, FLAVOURS, Runner, Store, TestDatabase, value } from './harness.ts';
import { MemoryTopics } from './memory-topics.ts';

const HISTORY = { 'schema.history.internal.kafka.topic': 'history' };

describe.each(FLAVOURS)('%s', (flavour) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await TestDatabase.start(flavour);
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const metadata = (mode: 'FULL' | 'MINIMAL'): Promise<unknown> =>
    database.sql(`SET GLOBAL binlog_row_metadata = '${mode}'`);
  const config = (table: string, more: Record<string, string> = {}): Record<string, string> =>
    database.config({ 'table.include.list': `test\\.${table}`, ...more });
  const rows = (records: readonly SourceRecord[]): unknown[] =>
    records.filter((record) => value(record)['op'] !== undefined).map(after);

  test('with full metadata rows before a change of the table have its old columns, also long after it', async () => {
    await metadata('FULL');
    await database.sql('CREATE TABLE altered (id int PRIMARY KEY, a int, b varchar(10))');
    const store = new Store();
    {
      await using first = await new Runner(flavour, config('altered'), { store }).start();
      await database.sql("INSERT INTO altered VALUES (1, 1, 'one')");
      await first.untilCount(1);
    }
    await database.sql("INSERT INTO altered VALUES (2, 2, 'two')");
    await database.sql('ALTER TABLE altered DROP COLUMN a, ADD COLUMN c bigint AFTER b');
    await database.sql("INSERT INTO altered VALUES (3, 'three', 33)");
    await database.sql('ALTER TABLE altered RENAME COLUMN b TO d');
    await database.sql("INSERT INTO altered VALUES (4, 'four', 44)");
    await using second = await new Runner(flavour, config('altered'), { store }).start();
    await second.untilCount(4);
    expect(rows(store.records)).toEqual([
      { id: 1, a: 1, b: 'one' },
      { id: 2, a: 2, b: 'two' },
      { id: 3, b: 'three', c: 33 },
      { id: 4, d: 'four', c: 44 },
    ]);
  });

  test('without full metadata a history tells the columns; statements are in it and in the schema topic', async () => {
    await metadata('MINIMAL');
    const topics = new MemoryTopics();
    const store = new Store();
    const settings = config('told', { ...HISTORY, 'include.schema.changes': 'true' });
    await database.sql(
      'CREATE TABLE told (id int unsigned PRIMARY KEY AUTO_INCREMENT, a enum("x","y") DEFAULT "y")',
    );
    {
      await using runner = await new Runner(flavour, settings, { store, topics }).start();
      await runner.until((records) => records.length > 0);
      await database.sql("INSERT INTO told VALUES (1, 'x')");
      await runner.until((records) => rows(records).length === 1);
      await database.sql('ALTER TABLE told ADD COLUMN b varchar(20) CHARSET utf8mb4');
      await database.sql("INSERT INTO told VALUES (2, 'y', 'Ж')");
      await runner.until((records) => rows(records).length === 2);
    }
    // Nothing of this is in the catalogue any more when the task comes back.
    await database.sql("INSERT INTO told VALUES (3, 'x', 'drei')");
    await using runner = await new Runner(flavour, settings, { store, topics }).start();
    await runner.until((records) => rows(records).length === 3);
    expect(rows(store.records)).toEqual([
      { id: 1, a: 'x' },
      { id: 2, a: 'y', b: 'Ж' },
      { id: 3, a: 'x', b: 'drei' },
    ]);
    const events = store.records.filter((record) => record.topic === 'shop');
    const alter = events.find((record) => String(value(record)['ddl']).startsWith('ALTER'));
    expect(alter?.key).toEqual({ databaseName: 'test' });
    expect(value(alter)['tableChanges']).toMatchObject([
      {
        type: 'ALTER',
        id: '"test"."told"',
        table: {
          primaryKeyColumnNames: ['id'],
          columns: [
            {
              name: 'id',
              jdbcType: 4,
              typeName: 'INT UNSIGNED',
              autoIncremented: true,
              optional: false,
            },
            { name: 'a', jdbcType: 1, typeName: 'ENUM', length: 1, enumValues: ["'x'", "'y'"] },
            { name: 'b', jdbcType: 12, typeName: 'VARCHAR', length: 20, charsetName: 'utf8mb4' },
          ],
        },
      },
    ]);
    const history = topics.documents('history');
    expect(history.at(-1)).toMatchObject({
      source: { server: 'shop' },
      databaseName: 'test',
      ddl: expect.stringMatching(/^ALTER TABLE told/) as unknown,
    });
    await metadata('FULL');
  });

  test('without full metadata and history columns that fit no more stop it, with the way out', async () => {
    await metadata('MINIMAL');
    const store = new Store();
    await database.sql('CREATE TABLE unknown (id int PRIMARY KEY, a int)');
    await database.sql('INSERT INTO unknown VALUES (1, 1)');
    {
      await using runner = await new Runner(flavour, config('unknown'), { store }).start();
      await runner.untilCount(1);
    }
    await database.sql('INSERT INTO unknown VALUES (2, 2)');
    await database.sql('ALTER TABLE unknown MODIFY a varchar(10)');
    const runner = await new Runner(flavour, config('unknown'), { store }).start();
    await expect(runner.untilCount(2, 10_000)).rejects.toMatchObject({
      code: 'mysql.schema_unknown',
      hint: expect.stringContaining('binlog_row_metadata = FULL') as unknown,
    });
    await runner.stop();
    // The changes that can't be understood are left out when a person says so.
    await using warned = await new Runner(
      flavour,
      config('unknown', { 'inconsistent.schema.handling.mode': 'warn' }),
      { store },
    ).start();
    await database.sql("INSERT INTO unknown VALUES (3, 'three')");
    await warned.untilCount(2);
    expect(after(store.records[1])).toEqual({ id: 3, a: 'three' });
    await metadata('FULL');
  });

  test('a history that is gone is an error, and made anew by snapshot.mode=recovery', async () => {
    await metadata('MINIMAL');
    const topics = new MemoryTopics();
    const store = new Store();
    await database.sql('CREATE TABLE recovered (id int PRIMARY KEY, a int)');
    await database.sql('INSERT INTO recovered VALUES (1, 1)');
    {
      await using runner = await new Runner(flavour, config('recovered', HISTORY), {
        store,
        topics,
      }).start();
      await runner.untilCount(1);
    }
    topics.clear('history');
    await database.sql('INSERT INTO recovered VALUES (2, 2)');
    const broken = await new Runner(flavour, config('recovered', HISTORY), {
      store,
      topics,
    }).start();
    await expect(broken.untilCount(2, 10_000)).rejects.toMatchObject({
      code: 'mysql.history_missing',
    });
    await broken.stop();
    const recovery = config('recovered', { ...HISTORY, 'snapshot.mode': 'recovery' });
    await using mended = await new Runner(flavour, recovery, { store, topics }).start();
    await mended.untilCount(2);
    expect(after(store.records[1])).toEqual({ id: 2, a: 2 });
    expect(topics.documents('history').length).toBeGreaterThan(0);
    await metadata('FULL');
  });

  test('truncated, dropped, renamed and created tables', async () => {
    await database.sql('CREATE TABLE moved (id int PRIMARY KEY)');
    await database.sql('INSERT INTO moved VALUES (1)');
    const settings = config('moved.*', { 'skipped.operations': 'none' });
    await using runner = await new Runner(flavour, settings).start();
    await runner.untilCount(1);
    await database.sql('TRUNCATE TABLE moved');
    await database.sql('RENAME TABLE moved TO moved_away');
    await database.sql('INSERT INTO moved_away VALUES (2)');
    await database.sql('CREATE TABLE moved (id int PRIMARY KEY, name varchar(5))');
    await database.sql("INSERT INTO moved VALUES (3, 'new')");
    await database.sql('DROP TABLE moved');
    await database.sql('INSERT INTO moved_away VALUES (4)');
    const records = await runner.untilCount(5);
    expect(records.map((record) => [record.topic, value(record)['op'], after(record)])).toEqual([
      ['shop.test.moved', 'r', { id: 1 }],
      ['shop.test.moved', 't', null],
      ['shop.test.moved_away', 'c', { id: 2 }],
      ['shop.test.moved', 'c', { id: 3, name: 'new' }],
      ['shop.test.moved_away', 'c', { id: 4 }],
    ]);
  });
});
