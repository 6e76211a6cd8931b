import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startMariadb, startMysql, type MysqlServer } from '@millrace/test-servers';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { confluentJdbcSink } from '../../src/index.ts';
import { exactlyOncePromises, type Target } from './exactly-once.ts';
import { sinkContext, sinkRecord } from './sink-context.ts';

describe.each([
  ['MySQL', 'mysql', startMysql],
  ['MariaDB', 'mariadb', startMariadb],
] as const)('%s', (_, scheme, start) => {
  let server: MysqlServer;
  let db: Connection;
  beforeAll(async () => {
    server = await start();
    db = await server.connect();
  });
  afterAll(async () => {
    await db.end();
    await server.stop();
  });
  beforeEach(async () => {
    await db.query(
      'DROP TABLE IF EXISTS numbers, millrace_sink_offsets; CREATE TABLE numbers (n int)',
    );
    await db.query(
      'CREATE TRIGGER slow BEFORE INSERT ON numbers FOR EACH ROW SET NEW.n = NEW.n + IF(NEW.n = 0, SLEEP(0.5), 0)',
    );
  });

  const target = (): Target => ({
    scheme,
    host: server.host,
    port: server.port,
    database: server.database,
    user: server.user,
    password: server.password,
    numbers: async () => {
      const [rows] = await db.query<RowDataPacket[]>('SELECT n FROM numbers ORDER BY n');
      return rows.map((row) => Number(row['n']));
    },
    untilBusy: async () => {
      for (;;) {
        const [rows] = await db.query<RowDataPacket[]>(
          `SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'INSERT INTO%numbers%'`,
        );
        if (rows.length > 0) return;
      }
    },
  });
  for (const { name, run } of exactlyOncePromises(target)) test(name, run);

  test('a table without transactions is refused', async () => {
    await db.query('DROP TABLE numbers; CREATE TABLE numbers (n int) ENGINE = MyISAM');
    const task = confluentJdbcSink.createTask();
    const reported: string[] = [];
    try {
      await task.start(
        {
          ...sinkContext({
            'connection.url': `jdbc:${scheme}://${server.host}:${server.port}/${server.database}`,
            'connection.user': server.user,
            'connection.password': server.password,
            'millrace.exactly.once': 'true',
          }),
          report: (__, { code }) => Promise.resolve(void reported.push(code)),
        },
        new AbortController().signal,
      );
      const record = sinkRecord({ topic: 'numbers', value: { n: 1 } });
      expect(await task.put([record], new AbortController().signal)).toEqual([]);
    } finally {
      await task.stop();
    }
    expect(reported).toEqual(['jdbc.table_not_transactional']);
  });
});
