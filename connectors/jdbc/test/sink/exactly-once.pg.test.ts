import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import { startPostgres, type PostgresServer } from '@millrace/test-servers';
import type pg from 'pg';
import { exactlyOncePromises, type Target } from './exactly-once.ts';

let server: PostgresServer;
let db: pg.Client;
beforeAll(async () => {
  server = await startPostgres();
  db = await server.connect();
});
afterAll(async () => {
  await db.end();
  await server.stop();
});
beforeEach(async () => {
  await db.query(`DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public; CREATE TABLE numbers (n int);
    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END $$;
    CREATE TRIGGER slow BEFORE INSERT ON numbers FOR EACH ROW WHEN (NEW.n = 0) EXECUTE FUNCTION slow()`);
});

const target = (): Target => ({
  scheme: 'postgresql',
  host: server.host,
  port: server.port,
  database: server.database,
  user: server.user,
  password: server.password,
  numbers: async () =>
    (await db.query<{ n: number }>('SELECT n FROM numbers ORDER BY n')).rows.map(({ n }) => n),
  untilBusy: async () => {
    for (;;) {
      const { rowCount } = await db.query(
        `SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'`,
      );
      if (rowCount !== 0) return;
    }
  },
});
for (const { name, run } of exactlyOncePromises(target)) test(name, run);
