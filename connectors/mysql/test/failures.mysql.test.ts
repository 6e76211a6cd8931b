import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '@millrace/foundation';
import type { SourceRecord } from '@millrace/record';
import { TcpProxy } from '@millrace/test-servers';
import { createConnection } from 'mysql2';
import { mariadbSource, mysqlSource } from '../src/connector.ts';
import { RowQuery } from '../src/snapshot/row-query.ts';
import { after, FLAVOURS, Runner, source, Store, TestDatabase, value } from './harness.ts';

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
    await runner.untilCount(2);
    // With a word, and nobody there for a while.
    proxy.cut();
    await database.sql('INSERT INTO swallowed VALUES (3)');
    await runner.until(() => runner.task.metrics?.()['reconnect_attempts'] === 3);
    proxy.restore();
    await runner.untilCount(3);
    expect(ids(runner.store.records)).toEqual([1, 2, 3]);
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

  test('a query of a snapshot that fails while nobody waits for it is no table without rows', async () => {
    const { host, password, port, user } = database.server;
    const connection = createConnection({ host, password, port, user });
    // Refused at the third row.
    const sql =
      'SELECT id, IF(id = 3, (SELECT 1 UNION SELECT 2), 1) FROM (SELECT 1 AS id UNION SELECT 2 UNION SELECT 3) AS rows_of';
    const query = new RowQuery({ connection, sql, clock: systemClock, bytesMax: 1 << 20 });
    await connection.promise().query('DO 0'); // its turn comes when that query has ended
    while (query.take() !== undefined);
    expect(query.isDone).toBe(false);
    await expect(query.wait(10_000, AbortSignal.timeout(60_000))).rejects.toMatchObject({
      errno: 1242,
    });
    connection.destroy();
  });

  test('tables that are dropped, made again or changed in mid-stream give the rows of their time, with and without a key', async () => {
    await database.sql('CREATE TABLE typed (id int PRIMARY KEY, v int)');
    await database.sql('CREATE TABLE keyless (v varchar(10))');
    await using runner = await new Runner(
      flavour,
      config('(?:typed|keyless|latter)', { 'snapshot.mode': 'no_data' }),
    ).start();
    await runner.poll();
    for (const statement of [
      'INSERT INTO typed VALUES (1, 5)',
      'ALTER TABLE typed MODIFY v varchar(20)',
      "INSERT INTO typed VALUES (2, 'five')",
      'ALTER TABLE typed DROP COLUMN v, ADD COLUMN w bigint unsigned FIRST',
      'INSERT INTO typed VALUES (18446744073709551615, 3)',
      "INSERT INTO keyless VALUES ('a'), ('a')",
      "UPDATE keyless SET v = 'b' LIMIT 1",
      'DROP TABLE typed',
      'CREATE TABLE typed (name varchar(5) PRIMARY KEY)',
      "INSERT INTO typed VALUES ('new')",
      'RENAME TABLE typed TO latter',
      "INSERT INTO latter VALUES ('newer')",
      'DROP TABLE latter, keyless',
    ])
      await database.sql(statement);
    const records = await runner.untilCount(8);
    expect(records.map((record) => [record.topic, record.key, after(record)])).toEqual([
      ['shop.test.typed', { id: 1 }, { id: 1, v: 5 }],
      ['shop.test.typed', { id: 2 }, { id: 2, v: 'five' }],
      ['shop.test.typed', { id: 3 }, { w: -1, id: 3 }],
      ['shop.test.keyless', null, { v: 'a' }],
      ['shop.test.keyless', null, { v: 'a' }],
      ['shop.test.keyless', null, { v: 'b' }],
      ['shop.test.typed', { name: 'new' }, { name: 'new' }],
      ['shop.test.latter', { name: 'newer' }, { name: 'newer' }],
    ]);
  });

  test('zones and clocks of server and writers change no value and end no stream', async () => {
    await database.sql(
      'CREATE TABLE zones (id int PRIMARY KEY, ts timestamp(6) NULL, dt datetime(3), d date, t time)',
    );
    const writer = await database.client();
    const original = Date.now;
    try {
      const insert = async (id: number, zone: string): Promise<void> => {
        await writer.query(`SET time_zone = '${zone}'`);
        await writer.query(
          `INSERT INTO zones VALUES (?, CONVERT_TZ('2024-05-01 10:00:00.5', '+00:00', '${zone}'), '2024-05-01 10:00:00.25', '2024-05-01', '-01:30:00')`,
          [id],
        );
      };
      await insert(1, '+05:30');
      await database.sql("SET GLOBAL time_zone = '-08:00'");
      await using runner = await new Runner(
        flavour,
        config('zones', { 'heartbeat.interval.ms': '200' }),
      ).start();
      const rows = (): SourceRecord[] =>
        runner.store.records.filter((record) => record.topic === 'shop.test.zones');
      await runner.until(() => rows().length === 1);
      await insert(2, '-03:00');
      await database.sql("SET GLOBAL time_zone = '+13:00'");
      // Clocks jump: that of the writer, which the binlog carries, and ours.
      await writer.query('SET timestamp = 86400');
      await insert(3, '+00:00');
      await runner.until(() => rows().length === 3);
      Date.now = () => original() + 48 * 3_600_000;
      await insert(4, '+02:00');
      await runner.until(() => rows().length === 4);
      Date.now = () => original() - 48 * 3_600_000;
      await insert(5, '+02:00');
      await runner.until(() => rows().length === 5);
      expect(rows().map(after)).toEqual(
        [1, 2, 3, 4, 5].map((id) => ({
          id,
          ts: '2024-05-01T10:00:00.500000Z',
          dt: 1714557600250,
          d: 19844,
          t: -5_400_000_000,
        })),
      );
      expect(source(rows()[2])['ts_ms']).toBeLessThan(original() + 1000);
    } finally {
      Date.now = original;
      await database.sql("SET GLOBAL time_zone = 'SYSTEM'");
      writer.destroy();
    }
  });

  test('a password that is changed, or a privilege that is taken away, fails the task at its next connection', async () => {
    await database.sql('CREATE TABLE guarded (id int PRIMARY KEY)');
    await database.sql("CREATE USER reader@'%' IDENTIFIED BY 'old'");
    const client = flavour === 'mysql' ? 'REPLICATION CLIENT' : 'BINLOG MONITOR';
    const rights = `REPLICATION SLAVE, ${client} ON *.*`;
    await database.sql(`GRANT SELECT, ${rights} TO reader@'%'`);
    const own = config('guarded', {
      'database.user': 'reader',
      'database.password': 'old',
      'snapshot.mode': 'no_data',
    });
    const cut = async (): Promise<void> => {
      for (const row of await database.sql(
        "SELECT id FROM information_schema.processlist WHERE user = 'reader'",
      ))
        await database.sql(`KILL ${String(row['id'] ?? row['ID'])}`).catch(() => undefined); // gone by itself
    };
    for (const [sql, mend, code] of [
      [
        "ALTER USER reader@'%' IDENTIFIED BY 'new'",
        "ALTER USER reader@'%' IDENTIFIED BY 'old'",
        'mysql.authentication_failed',
      ],
      [
        `REVOKE ${rights} FROM reader@'%'`,
        `GRANT ${rights} TO reader@'%'`,
        'mysql.privilege_missing',
      ],
    ] as const) {
      await using runner = await new Runner(flavour, own).start();
      await runner.poll();
      await database.sql(sql);
      await cut();
      await expect(runner.until(() => false)).rejects.toMatchObject({ code, retry: 'fatal' });
      await database.sql(mend);
    }
  });

  test('a row of many packets passes, from snapshot and stream, in little more room than it takes', async () => {
    const bytes = 20_000_000;
    await database.sql('SET GLOBAL max_allowed_packet = 1073741824');
    const writer = await database.client();
    await writer.query('CREATE TABLE huge (id int PRIMARY KEY, v longtext)');
    const insert = `INSERT INTO huge VALUES (?, REPEAT('x', ${bytes}))`;
    await writer.query(insert, [1]);
    await using runner = await new Runner(flavour, config('huge')).start();
    const keys: unknown[] = [];
    const read = async (count: number): Promise<void> => {
      while (keys.length < count)
        for (const record of await runner.poll()) {
          const { id } = record.key as { id: number };
          keys.push(id);
          if (id === 3) continue;
          const json = record.json?.value;
          expect(json?.length).toBeGreaterThan(bytes);
          // Where it was assembled: not six times its bytes, for what might have to be escaped.
          expect(json?.buffer.byteLength).toBeLessThan(bytes * 2.5);
        }
    };
    await read(1);
    await writer.query(insert, [2]);
    await read(2);
    await writer.query("INSERT INTO huge VALUES (3, 'small')");
    await read(3);
    writer.destroy();
    expect(keys).toEqual([1, 2, 3]);
  }, 120_000);

  test('nulls are read again from their rows when a post-processor asks', async () => {
    await database.sql(
      'CREATE TABLE again (a varchar(9), b varbinary(4), c bigint unsigned, n decimal(10,2), f float, doc json, ts timestamp(3) NULL, bytes blob, PRIMARY KEY (a, b, c))',
    );
    await using runner = await new Runner(
      flavour,
      config('again', {
        'snapshot.mode': 'no_data',
        'post.processors': 'reselector',
        'reselector.type': 'io.debezium.processors.reselect.ReselectColumnsPostProcessor',
        'reselector.reselect.columns.exclude.list': String.raw`test\.again:doc`,
      }),
    ).start();
    await runner.poll();
    await database.sql(
      String.raw`INSERT INTO again (a, b, c) VALUES ('it''s\\', x'00ff', 18446744073709551615), ('gone', '', 2)`,
    );
    await database.sql(
      "UPDATE again SET n = 1.5, f = 0.1, doc = '1', ts = '2024-05-01 10:00:00.5', bytes = x'00ff' WHERE c > 2",
    );
    await database.sql('DELETE FROM again WHERE c = 2');
    const [first, second, changed] = await runner.untilCount(5);
    expect(after(first)).toEqual({ ...after(changed), doc: null });
    expect(after(first)['ts']).toBe('2024-05-01T10:00:00.500Z');
    expect(after(second)['ts']).toBeNull();
  });
});
