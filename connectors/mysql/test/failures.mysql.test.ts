import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SourceRecord } from '@millrace/record';
import { TcpProxy } from '@millrace/test-servers';
import { mariadbSource, mysqlSource } from '../src/connector.ts';
import { after, FLAVOURS, Runner, Store, TestDatabase, value } from './harness.ts';

describe.each(FLAVOURS)('%s', (flavour) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await TestDatabase.start(flavour);
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const connector = flavour === 'mysql' ? mysqlSource : mariadbSource;
  const config = (table: string, more: Record<string, string> = {}): Record<string, string> =>
    database.config({ 'table.include.list': `test\\.${table}`, ...more });
  const ids = (records: readonly SourceRecord[]): unknown[] =>
    records.map((record) => after(record)['id']);
  const problemsOf = async (settings: Record<string, string>): Promise<string> => {
    const problems = await connector.validate?.(settings, AbortSignal.timeout(20_000));
    return (problems ?? []).map(({ key, message }) => `${key}: ${message}`).join('\n');
  };

  /** MariaDB keeps a file until its engines need it no more. */
  const purge = async (): Promise<void> => {
    const files = async (): Promise<string[]> =>
      (await database.sql('SHOW BINARY LOGS')).map((row) => String(row['Log_name']));
    const current = (await files()).at(-1) ?? '';
    while ((await files()).includes(current)) {
      await database.sql('FLUSH BINARY LOGS');
      await database.sql(`PURGE BINARY LOGS TO '${(await files()).at(-1) ?? ''}'`);
      await database.sql('DO SLEEP(0.05)');
    }
  };

  test('validate names all that is missing at once, with the SQL that mends it', async () => {
    await database.sql('CREATE TABLE secret (id int PRIMARY KEY)');
    await database.sql("CREATE USER poor@'%' IDENTIFIED BY 'poor'");
    await database.sql("SET GLOBAL binlog_format = 'STATEMENT', binlog_row_image = 'MINIMAL'");
    try {
      const found = await problemsOf(
        config('secret', {
          'database.user': 'poor',
          'database.password': 'poor',
          'database.server.id': '1',
        }),
      );
      expect(found).toContain('SET GLOBAL binlog_format = ROW');
      expect(found).toContain('SET GLOBAL binlog_row_image = FULL');
      expect(found).toMatch(/database\.server\.id: .*also that of the server itself/);
      expect(found).toMatch(
        /GRANT REPLICATION SLAVE, (?:REPLICATION CLIENT|BINLOG MONITOR) ON \*\.\* TO 'poor'@'%'/,
      );
    } finally {
      await database.sql("SET GLOBAL binlog_format = 'ROW', binlog_row_image = 'FULL'");
    }
  });

  test('a wrong password fails at once, and is never shown', async () => {
    const found = await problemsOf(config('secret', { 'database.password': 'hunter2-wrong' }));
    expect(found).toMatch(/^database\.password: .*\[mysql\.authentication_failed\]/);
    expect(found).not.toContain('hunter2-wrong');
    const runner = new Runner(flavour, config('secret', { 'database.password': 'hunter2-wrong' }));
    await expect(runner.start()).rejects.toMatchObject({
      code: 'mysql.authentication_failed',
      retry: 'fatal',
    });
    await runner.stop();
  });

  test("the other server's connector says which class to use", async () => {
    const other = flavour === 'mysql' ? mariadbSource : mysqlSource;
    const problems = await other.validate?.(config('secret'), AbortSignal.timeout(20_000));
    expect(JSON.stringify(problems)).toMatch(
      flavour === 'mysql' ? /mysql\.MySqlConnector/ : /mariadb\.MariaDbConnector/,
    );
  });

  test('a server that crashes and comes back is gone on with', async () => {
    await database.sql('CREATE TABLE crashed (id int PRIMARY KEY)');
    await using runner = await new Runner(flavour, config('crashed')).start();
    await database.sql('INSERT INTO crashed VALUES (1)');
    await runner.untilCount(1);
    await database.sql('INSERT INTO crashed VALUES (2)');
    await database.server.restart('crash');
    await database.reconnect();
    await database.sql('INSERT INTO crashed VALUES (3)');
    await runner.untilCount(3, 60_000);
    expect(ids(runner.store.records)).toEqual([1, 2, 3]);
  }, 90_000);

  test('a network that swallows everything is noticed, and gone on with', async () => {
    await database.sql('CREATE TABLE swallowed (id int PRIMARY KEY)');
    await using proxy = await TcpProxy.start(database.server);
    await using runner = await new Runner(
      flavour,
      config('swallowed', {
        'database.hostname': proxy.host,
        'database.port': String(proxy.port),
        'connect.keep.alive.interval.ms': '1500',
        'connect.timeout.ms': '1000',
      }),
    ).start();
    await database.sql('INSERT INTO swallowed VALUES (1)');
    await runner.untilCount(1);
    proxy.silence();
    await database.sql('INSERT INTO swallowed VALUES (2)');
    await runner.until(() =>
      runner.log.some((line) => line.includes('the connection to the source is lost')),
    );
    proxy.restore();
    await runner.untilCount(2, 30_000);
    expect(ids(runner.store.records)).toEqual([1, 2]);
  }, 60_000);

  test('purged binlog is an error with the way out, and when_needed takes a new snapshot', async () => {
    await database.sql('CREATE TABLE purged (id int PRIMARY KEY)');
    await database.sql('INSERT INTO purged VALUES (1)');
    const store = new Store();
    {
      await using runner = await new Runner(flavour, config('purged'), { store }).start();
      await runner.untilCount(1);
    }
    await database.sql('INSERT INTO purged VALUES (2)');
    await purge();
    const runner = await new Runner(flavour, config('purged'), { store }).start();
    await expect(runner.untilCount(2, 10_000)).rejects.toMatchObject({
      code: 'mysql.binlog_purged',
      hint: expect.stringContaining('snapshot.mode=when_needed') as unknown,
    });
    await runner.stop();
    await using needed = await new Runner(
      flavour,
      config('purged', { 'snapshot.mode': 'when_needed' }),
      { store },
    ).start();
    await needed.untilCount(3);
    await database.sql('INSERT INTO purged VALUES (3)');
    await needed.untilCount(4);
    expect(ids(store.records)).toEqual([1, 1, 2, 3]);
  });

  test('an offset of another server without GTIDs is refused, since its files mean nothing here', async () => {
    await database.sql('CREATE TABLE elsewhere (id int PRIMARY KEY)');
    await database.sql('INSERT INTO elsewhere VALUES (1)');
    const store = new Store();
    store.offset = { file: 'binlog.000001', pos: 4, 'millrace.server': 'another' };
    const runner = await new Runner(flavour, config('elsewhere'), { store }).start();
    await expect(runner.untilCount(1, 10_000)).rejects.toMatchObject({
      code: 'mysql.server_changed',
    });
    await runner.stop();
  });

  test('a snapshot that broke off goes on where it was, and the stream brings what changed since', async () => {
    await database.sql('CREATE TABLE broken_a (id int PRIMARY KEY, v int)');
    await database.sql('CREATE TABLE broken_b (x varchar(10), y int, v int, PRIMARY KEY (x, y))');
    const many = Array.from({ length: 100 }, (_, index) => index);
    await database.sql('INSERT INTO broken_a VALUES ?', [many.map((id) => [id, 0])]);
    await database.sql('INSERT INTO broken_b VALUES ?', [
      many.map((id) => [`k'${String(id % 7)}`, id, 0]),
    ]);
    const settings = config('broken_.', { 'snapshot.fetch.size': '10', 'max.batch.size': '10' });
    const store = new Store();
    {
      await using first = await new Runner(flavour, settings, { store }).start();
      await first.untilCount(130);
    }
    const before = store.records.length;
    await database.sql('UPDATE broken_a SET v = 1 WHERE id = 5');
    await database.sql('DELETE FROM broken_b WHERE y = 99');
    await using second = await new Runner(flavour, settings, { store }).start();
    await second.until((records) => records.at(-1)?.value === null);
    // At most a chunk and what was held back come again.
    expect(store.records.length - before).toBeLessThan(100);
    const state = new Map<string, unknown>();
    for (const record of store.records) {
      const key = `${record.topic} ${JSON.stringify(record.key)}`;
      if (record.value === null || value(record)['op'] === 'd') state.delete(key);
      else state.set(key, after(record));
    }
    expect(state.size).toBe(199);
    expect(state.get('shop.test.broken_a {"id":5}')).toEqual({ id: 5, v: 1 });
  });
});
