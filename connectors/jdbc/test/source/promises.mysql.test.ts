import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openMysql, openPostgres, type TestDatabase, type Writer } from './databases.ts';
import { field, keyOf, SourceDriver } from './source-driver.ts';

describe('the JDBC source on PostgreSQL', () => sourcePromises(openPostgres));
describe('the JDBC source on MariaDB', () => sourcePromises(() => openMysql('mariadb')));
describe('the JDBC source on MySQL', () => sourcePromises(() => openMysql('mysql')));

/** What the source promises, the same for each database. */
function sourcePromises(open: () => Promise<TestDatabase>): void {
  let database: TestDatabase;
  let app: Writer;
  let tables = 0;

  beforeAll(async () => {
    database = await open();
    app = await database.writer();
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  async function table(extra = ''): Promise<string> {
    const name = `items_${++tables}`;
    const { serial, timestamp } = database.words;
    await app.sql(
      `create table ${name} (id ${serial}, name varchar(40), changed ${timestamp} not null default current_timestamp(6)${extra})`,
    );
    return name;
  }

  const insert = (name: string, from: number, to: number): Promise<void> =>
    app.sql(
      `insert into ${name} (name) values ${numbers(from, to)
        .map((n) => `('n${n}')`)
        .join(', ')}`,
    );

  const config = (name: string, more: Readonly<Record<string, string>>) => ({
    ...database.config,
    'topic.prefix': 'db-',
    'table.whitelist': name,
    'poll.interval.ms': '50',
    'batch.max.rows': '7',
    ...more,
  });

  test('incrementing: each row once and in order, also over restarts at each poll', async () => {
    const name = await table();
    await insert(name, 1, 40);
    await using source = await SourceDriver.start(config(name, { mode: 'incrementing' }));
    const seen: unknown[] = [];
    while (seen.length < 40) {
      seen.push(...field(await source.poll(), 'id'));
      await source.restart();
    }
    await insert(name, 41, 60);
    seen.push(...field(await source.take(20), 'id'));
    expect(seen).toEqual(numbers(1, 60));
    const partition = { protocol: '1', table: `${database.schema}.${name}` };
    expect(source.offsets.get(keyOf(partition))).toEqual({ incrementing: 60n });
  });

  test('a row that is committed late is not missed, by numbers', async () => {
    const name = await table();
    await using late = await database.writer();
    await late.sql('begin');
    await late.sql(`insert into ${name} (name) values ('late')`);
    await insert(name, 2, 3);
    await using source = await SourceDriver.start(config(name, { mode: 'incrementing' }));
    expect(await source.poll()).toEqual([]);
    expect(source.metrics()).toMatchObject({ transactions_waited_for: 1 });
    await late.sql('commit');
    expect(field(await source.take(3), 'name')).toEqual(['late', 'n2', 'n3']);
  });

  test('a row that is committed late is not missed, by times', async () => {
    const name = await table();
    await using late = await database.writer();
    await late.sql('begin');
    await late.sql(`insert into ${name} (name) values ('late')`);
    await insert(name, 2, 3);
    const by = { mode: 'timestamp', 'timestamp.column.name': 'changed' };
    await using source = await SourceDriver.start(config(name, by));
    expect(await source.poll()).toEqual([]);
    await late.sql('commit');
    expect(field(await source.take(3), 'name')).toEqual(['late', 'n2', 'n3']);
  });

  test('with transaction.wait.max.ms=0 nothing is waited for', async () => {
    const name = await table();
    await using late = await database.writer();
    await late.sql('begin');
    await late.sql(`insert into ${name} (name) values ('late')`);
    await insert(name, 2, 3);
    const by = { mode: 'incrementing', 'transaction.wait.max.ms': '0' };
    await using source = await SourceDriver.start(config(name, by));
    expect(field(await source.take(2), 'name')).toEqual(['n2', 'n3']);
    await late.sql('rollback');
  });

  test('timestamp: rows of one time are all read, wherever a restart falls', async () => {
    const name = await table();
    const at = (second: number, names: readonly string[]): Promise<void> =>
      app.sql(
        `insert into ${name} (name, changed) values ${names
          .map((text) => `('${text}', '2024-05-01 10:00:0${second}.5')`)
          .join(', ')}`,
      );
    await at(1, ['a', 'b', 'c', 'd', 'e']);
    await at(2, ['f', 'g', 'h', 'i', 'j']);
    const by = { mode: 'timestamp', 'timestamp.column.name': 'changed', 'batch.max.rows': '3' };
    await using source = await SourceDriver.start(config(name, by));
    const seen = new Set<unknown>();
    while (seen.size < 10) {
      for (const text of field(await source.poll(), 'name')) seen.add(text);
      // What a restart reads again is of the timestamp that was not complete.
      if (seen.size === 4 || seen.size === 7) await source.restart();
    }
    for (let poll = 0; poll < 3; poll++)
      for (const text of field(await source.poll(), 'name')) seen.add(text);
    expect([...seen].sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']);
    const partition = { protocol: '1', table: `${database.schema}.${name}` };
    expect(source.offsets.get(keyOf(partition))).toEqual({
      timestamp: Date.parse('2024-05-01T10:00:02.500Z'),
      timestamp_nanos: 500_000_000,
    });
    await source.restart();
    expect(await source.poll()).toEqual([]);
  });

  test('timestamp+incrementing: changed rows come again, rows of one time once', async () => {
    const name = await table();
    await insert(name, 1, 20);
    const by = { mode: 'timestamp+incrementing', 'timestamp.column.name': 'changed' };
    await using source = await SourceDriver.start(config(name, by));
    const seen: unknown[] = [];
    while (seen.length < 20) {
      seen.push(...field(await source.poll(), 'id'));
      await source.restart();
    }
    expect(seen).toEqual(numbers(1, 20));
    await app.sql(`update ${name} set name = 'new', changed = ${database.words.now} where id = 5`);
    const [changed] = await source.take(1);
    expect(changed?.value).toMatchObject({ id: 5, name: 'new' });
    await source.restart();
    expect(await source.poll()).toEqual([]);
  });

  test('of several times the first that is there counts, in the zone of the database; rows without one wait', async () => {
    const type = database.kind === 'postgresql' ? 'timestamp' : 'datetime(6)';
    const name = await table(`, made ${type} null, moved ${type} null`);
    await app.sql(
      `insert into ${name} (name, made, moved) values ('c', '2024-05-01 10:00:03', null), ('nothing', null, null),
        ('a', '2030-01-01 00:00:00', '2024-05-01 10:00:01'), ('b', null, '2024-05-01 10:00:02')`,
    );
    const by = {
      mode: 'timestamp',
      'timestamp.column.name': 'moved,made',
      'validate.non.null': 'false',
      'db.timezone': 'Asia/Kolkata',
    };
    await using source = await SourceDriver.start(config(name, by));
    expect(field(await source.take(3), 'name')).toEqual(['a', 'b', 'c']);
    const partition = { protocol: '1', table: `${database.schema}.${name}` };
    expect(source.offsets.get(keyOf(partition))).toMatchObject({
      timestamp: Date.parse('2024-05-01T04:30:03Z'),
    });
    await app.sql(`update ${name} set moved = '2024-05-01 10:00:04' where name = 'nothing'`);
    expect(field(await source.take(1), 'name')).toEqual(['nothing']);
  });

  test('timestamp.delay.interval.ms leaves young rows for later', async () => {
    const name = await table();
    await app.sql(`insert into ${name} (name, changed) values ('old', '2024-05-01 10:00:00')`);
    await insert(name, 1, 2);
    const by = { mode: 'timestamp', 'timestamp.column.name': 'changed' };
    const delayed = { ...by, 'timestamp.delay.interval.ms': '3600000' };
    await using late = await SourceDriver.start(config(name, delayed));
    expect(field(await late.take(1), 'name')).toEqual(['old']);
    expect(await late.poll()).toEqual([]);
    await using source = await SourceDriver.start(config(name, by));
    expect(field(await source.take(3), 'name')).toEqual(['old', 'n1', 'n2']);
  });

  test('a column of whole seconds is read to the last second that is over', async () => {
    const type = database.kind === 'postgresql' ? 'timestamp(0)' : 'datetime';
    const name = await table(`, at ${type} not null`);
    const by = { mode: 'timestamp', 'timestamp.column.name': 'at' };
    const now =
      database.kind === 'postgresql' ? "date_trunc('second', clock_timestamp())" : 'now()';
    await using source = await SourceDriver.start(config(name, by));
    await app.sql(`insert into ${name} (name, at) values ('first', ${now})`);
    const first = source.take(1);
    await app.sql(`insert into ${name} (name, at) values ('second', ${now})`);
    const seen = [...field(await first, 'name')];
    while (seen.length < 2) seen.push(...field(await source.poll(), 'name'));
    expect(seen).toEqual(['first', 'second']);
  });

  test('bulk: the whole table each time, with Confluent’s partition', async () => {
    const name = await table();
    await insert(name, 1, 10);
    await using source = await SourceDriver.start(config(name, { mode: 'bulk' }));
    const records = await source.take(20);
    expect(field(records, 'id')).toEqual([...numbers(1, 10), ...numbers(1, 10)]);
    expect(records[0]).toMatchObject({
      topic: `db-${name}`,
      sourcePartition: { table: name },
      key: null,
      keySchema: null,
      timestampMs: null,
    });
  });

  test('a query may have a WHERE clause of its own, and goes to the topic of the prefix', async () => {
    const name = await table();
    await insert(name, 1, 10);
    const settings = config('', {
      mode: 'incrementing',
      'incrementing.column.name': 'id',
      query: `select id, name from ${name} where id <> 4`,
    });
    await using source = await SourceDriver.start(settings);
    const records = await source.take(9);
    expect(field(records, 'id')).toEqual([1, 2, 3, 5, 6, 7, 8, 9, 10]);
    expect(records[0]).toMatchObject({ topic: 'db-', sourcePartition: { query: 'query' } });
    expect(records[0]?.valueSchema?.name).toBeUndefined();
  });

  test('tables that are made later are found, and a column that is added later', async () => {
    const first = await table();
    const pattern = `${database.schema}\\.items_${tables}|${database.schema}\\.items_${tables + 1}`;
    const settings = config('', {
      mode: 'incrementing',
      'table.include.list': pattern,
      'table.poll.interval.ms': '50',
    });
    await insert(first, 1, 2);
    await using source = await SourceDriver.start(settings);
    await source.take(2);
    const second = await table();
    await insert(second, 1, 2);
    expect((await source.take(2))[0]?.topic).toBe(`db-${second}`);
    await app.sql(`alter table ${second} add extra int`);
    await app.sql(`insert into ${second} (name, extra) values ('x', 7)`);
    expect(field(await source.take(1), 'extra')).toEqual([7]);
  });

  test('the server is killed in the middle: it goes on behind what was handed on', async () => {
    const name = await table();
    await insert(name, 1, 40);
    await using source = await SourceDriver.start(config(name, { mode: 'incrementing' }));
    const seen = [...field(await source.take(10), 'id')];
    await app[Symbol.asyncDispose]();
    await database.restart();
    app = await database.writer();
    while (seen.length < 40)
      try {
        seen.push(...field(await source.poll(), 'id'));
      } catch (error) {
        expect(error).toMatchObject({ retry: 'retriable' });
      }
    expect(seen).toEqual(numbers(1, 40));
  });

  test('an offset that Confluent’s connector stored is taken up, in both of its forms', async () => {
    const name = await table();
    await insert(name, 1, 10);
    for (const partition of [
      { protocol: '1', table: `${database.schema}.${name}` },
      { table: name },
    ]) {
      const offsets = new Map([[keyOf(partition), { incrementing: 7 }]]);
      await using source = await SourceDriver.start(
        config(name, { mode: 'incrementing' }),
        offsets,
      );
      expect(field(await source.take(3), 'id')).toEqual([8, 9, 10]);
    }
  });
}

function numbers(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
