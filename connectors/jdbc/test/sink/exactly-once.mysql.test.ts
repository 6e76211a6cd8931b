import { afterAll, beforeAll, beforeEach, describe, test } from '@jest/globals';
import { startMariadb, startMysql, type MysqlServer } from '@millrace/test-servers';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { exactlyOncePromises, type Target } from './exactly-once.ts';

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
});
