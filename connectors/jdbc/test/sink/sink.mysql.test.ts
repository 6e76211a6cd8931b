import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SinkConnector, SinkTask } from '@millrace/connector-api';
import { schemas, type SinkRecord } from '@millrace/record';
import { startMariadb, startMysql, TcpProxy, type MysqlServer } from '@millrace/test-servers';
import { sinkContract, type SinkWorld } from '@millrace/testkit/contract';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { confluentJdbcSink, debeziumJdbcSink, UNAVAILABLE_HEADER } from '../../src/index.ts';
import { changeEvent, sinkContext, sinkRecord } from './sink-context.ts';
import { targetPromises } from './target-changes.ts';

const never = new AbortController().signal;
type Put = (records: readonly SinkRecord[]) => ReturnType<SinkTask['put']>;

const write = (op: string, row: Record<string, unknown>, table = 'items'): SinkRecord =>
  sinkRecord({ key: { id: row['id'] }, value: changeEvent(op, row, table) });
const erase = (id: unknown): SinkRecord[] => [
  sinkRecord({ key: { id }, value: changeEvent('d', { id }) }),
  sinkRecord({ key: { id }, value: null }),
];
const ITEMS =
  'CREATE TABLE items (id int PRIMARY KEY, name varchar(10) NOT NULL, price decimal(10,2), at timestamp(6) NULL)';

/** The room of tables that have no file of their own: it is full long before a disk is, with the same error. */
const SYSTEM_SPACE = { innodb_data_file_path: 'ibdata1:12M:autoextend:max:40M' };

describe.each([
  ['MySQL', 'mysql', startMysql],
  ['MariaDB', 'mariadb', startMariadb],
] as const)('%s', (_, flavour, start) => {
  let server: MysqlServer;
  let db: Connection;
  beforeAll(async () => {
    server = await start(flavour === 'mysql' ? { settings: SYSTEM_SPACE } : {});
    db = await server.connect();
  });
  afterAll(async () => {
    await db.end();
    await server.stop();
  });
  beforeEach(async () => {
    await db.query(
      'DROP TABLE IF EXISTS `lines`, orders, items, absent; DROP DATABASE IF EXISTS other',
    );
  });

  const url = (port = server.port): string =>
    `jdbc:${flavour}://${server.host}:${port}/${server.database}`;
  const debezium = (config: Record<string, string> = {}): Record<string, string> => ({
    'connection.url': url(),
    'connection.username': server.user,
    'connection.password': server.password,
    'insert.mode': 'upsert',
    'primary.key.mode': 'record_key',
    'delete.enabled': 'true',
    'collection.name.format': '${source.table}',
    'flush.retry.delay.ms': '50',
    ...config,
  });
  const confluent = (config: Record<string, string> = {}): Record<string, string> => ({
    'connection.url': url(),
    'connection.user': server.user,
    'connection.password': server.password,
    'table.name.format': 'items',
    ...config,
  });
  async function withTask<T>(
    connector: SinkConnector,
    config: Record<string, string>,
    use: (put: Put, task: SinkTask) => Promise<T>,
  ): Promise<T> {
    const task = connector.createTask();
    try {
      await task.start(sinkContext(config), never);
      return await use((records) => task.put(records, never), task);
    } finally {
      await task.stop();
    }
  }
  async function rows(sql: string): Promise<unknown[]> {
    const [found] = await db.query<RowDataPacket[]>(sql);
    return found.map((row) => ({ ...row }));
  }

  test.each([1, 2_000])(
    'the last state of each key is what the table holds (%i)',
    async (count) => {
      await db.query(ITEMS);
      await withTask(debeziumJdbcSink, debezium(), async (put) => {
        const batch: SinkRecord[] = [];
        for (let id = 1; id <= count; id++) {
          batch.push(write('c', { id, name: 'first', price: '1.00', at: null }));
          batch.push(
            write('u', { id, name: `n${id}`, price: '2.50', at: '2024-05-01T10:00:00.000000Z' }),
          );
        }
        batch.push(write('c', { id: 0, name: 'zero', price: null, at: null }));
        expect(await put(batch)).toEqual([]);
        expect(await put(batch)).toEqual([]);
        expect(
          await put([...erase(1), write('c', { id: 1, name: 'again', price: '0.10', at: null })]),
        ).toEqual([]);
      });
      // Zero is a number and no wish for the next one of a sequence.
      expect(
        await rows('SELECT COUNT(*) AS count, MIN(id) AS min, MAX(id) AS max FROM items'),
      ).toEqual([{ count: count + 1, min: 0, max: count }]);
      expect(await rows('SELECT name, price, at FROM items WHERE id = 1')).toEqual([
        { name: 'again', price: '0.10', at: null },
      ]);
    },
  );

  test('one bad row is reported alone and all others of its batch are delivered', async () => {
    await db.query(ITEMS);
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      const batch = Array.from({ length: 1_000 }, (__, id) => write('c', { id, name: `n${id}` }));
      batch[137] = write('c', { id: 137, name: 'longer than ten characters' });
      batch[138] = write('c', { id: 138, name: 'blanks        ' });
      batch[700] = write('c', { id: 700, name: null });
      const failures = await put(batch);
      expect(
        failures.map(({ index, error }) => [index, error.code, error.context['errno'] ?? null]),
      ).toEqual([
        [137, 'jdbc.value_refused', 1406],
        [138, 'jdbc.value_refused', null],
        [700, 'jdbc.constraint_violated', 1048],
      ]);
    });
    expect(await rows('SELECT COUNT(*) AS count FROM items')).toEqual([{ count: 997 }]);
  });

  test('unchanged columns keep their value, by header and by placeholder', async () => {
    await db.query('CREATE TABLE items (id int PRIMARY KEY, name text, big text NOT NULL)');
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      await put([
        write('c', { id: 1, name: 'a', big: 'B1' }),
        write('c', { id: 2, name: 'a', big: 'B2' }),
      ]);
      const header = { key: UNAVAILABLE_HEADER, schema: null, value: 'big' };
      const failures = await put([
        { ...write('u', { id: 1, name: 'b', big: null }), headers: [header] },
        write('u', { id: 2, name: 'b', big: '__debezium_unavailable_value' }),
        write('c', { id: 3, name: 'a', big: 'B3' }),
        write('u', { id: 3, name: 'b', big: '__debezium_unavailable_value' }),
        write('u', { id: 4, name: 'b', big: '__debezium_unavailable_value' }),
      ]);
      expect(failures.map(({ index, error }) => [index, error.code])).toEqual([
        [4, 'jdbc.partial_row_without_target'],
      ]);
    });
    expect(await rows('SELECT * FROM items ORDER BY id')).toEqual([
      { id: 1, name: 'b', big: 'B1' },
      { id: 2, name: 'b', big: 'B2' },
      { id: 3, name: 'b', big: 'B3' },
    ]);
  });

  test('an upsert never overwrites the row of another key that has its unique value', async () => {
    await db.query('CREATE TABLE items (id int PRIMARY KEY, name varchar(10) UNIQUE, n int)');
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      await put([write('c', { id: 1, name: 'a', n: 1 }), write('c', { id: 2, name: 'b', n: 2 })]);
      const failures = await put([
        write('u', { id: 1, name: 'a', n: 10 }),
        write('c', { id: 3, name: 'b', n: 3 }),
      ]);
      expect(failures.map(({ index, error }) => [index, error.code])).toEqual([
        [1, 'jdbc.constraint_violated'],
      ]);
      expect(failures[0]?.error.hint).toContain('unique index');
    });
    expect(await rows('SELECT * FROM items ORDER BY id')).toEqual([
      { id: 1, name: 'a', n: 10 },
      { id: 2, name: 'b', n: 2 },
    ]);
  });

  test('a unique value that moves between rows in one batch arrives', async () => {
    await db.query('CREATE TABLE items (id int PRIMARY KEY, name varchar(10) UNIQUE)');
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      await put([write('c', { id: 1, name: 'a' }), write('c', { id: 2, name: 'b' })]);
      const failures = await put([
        write('u', { id: 1, name: 'tmp' }),
        write('u', { id: 2, name: 'a' }),
        write('u', { id: 1, name: 'b' }),
      ]);
      expect(failures).toEqual([]);
    });
    expect(await rows('SELECT id, name FROM items ORDER BY id')).toEqual([
      { id: 1, name: 'b' },
      { id: 2, name: 'a' },
    ]);
  });

  test('keys that differ by letter case alone are two in tables of ours, and refused in others', async () => {
    const batch = [
      write('c', { id: 'a', n: 1 }),
      write('c', { id: 'A', n: 2 }),
      write('c', { id: 'a ', n: 3 }),
    ];
    await withTask(debeziumJdbcSink, debezium({ 'schema.evolution': 'basic' }), async (put) => {
      expect(await put(batch)).toEqual([]);
      expect(await put(erase('A'))).toEqual([]);
    });
    expect(await rows('SELECT n FROM items ORDER BY n')).toEqual([{ n: 1 }, { n: 3 }]);
    await db.query(
      'DROP TABLE items; CREATE TABLE items (id varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci PRIMARY KEY, n int)',
    );
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      expect(await put(batch.slice(0, 1))).toEqual([]);
      expect((await put(batch.slice(1, 2))).map(({ error }) => error.code)).toEqual([
        'jdbc.constraint_violated',
      ]);
      expect(await put(erase('A'))).toEqual([]);
      expect(await put([...erase('a'), ...batch.slice(1, 2)])).toEqual([]);
    });
    expect(await rows('SELECT * FROM items')).toEqual([{ id: 'A', n: 2 }]);
  });

  test('parents are written before their children whatever the order of the topics', async () => {
    await db.query(
      'CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE `lines` (id int PRIMARY KEY, order_id int, FOREIGN KEY (order_id) REFERENCES orders (id))',
    );
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      const failures = await put([
        write('c', { id: 10, order_id: 1 }, 'lines'),
        write('c', { id: 1 }, 'orders'),
        write('c', { id: 11, order_id: 99 }, 'lines'),
      ]);
      expect(failures.map(({ index }) => index)).toEqual([2]);
    });
    expect(await rows('SELECT id FROM `lines`')).toEqual([{ id: 10 }]);
  });

  test('a truncate empties the table between what came before and after', async () => {
    await db.query(
      'CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE `lines` (id int PRIMARY KEY, order_id int, FOREIGN KEY (order_id) REFERENCES orders (id))',
    );
    await withTask(debeziumJdbcSink, debezium({ 'truncate.enabled': 'true' }), async (put) => {
      for (const table of ['lines', 'orders']) {
        const failures = await put([
          write('c', { id: 1 }, table),
          sinkRecord({ value: changeEvent('t', null, table) }),
          write('c', { id: 2 }, table),
        ]);
        expect(failures).toEqual([]);
      }
    });
    expect(await rows('SELECT id FROM `lines` UNION ALL SELECT id FROM orders')).toEqual([
      { id: 2 },
      { id: 2 },
    ]);
  });

  test('missing table, column and key are refused with the SQL that mends it', async () => {
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      const [missing] = await put([write('c', { id: 1, name: 'a' })]);
      expect(missing?.error).toMatchObject({ code: 'jdbc.table_missing' });
      expect(missing?.error.hint).toContain(
        'CREATE TABLE IF NOT EXISTS `items` (`id` bigint NOT NULL, `name` longtext NULL, PRIMARY KEY (`id`))',
      );
      await db.query('CREATE TABLE items (id int)');
      const [column] = await put([write('c', { id: 1, name: 'a' })]);
      expect(column?.error).toMatchObject({ code: 'jdbc.column_missing' });
      expect(column?.error.hint).toContain('ALTER TABLE `test`.`items` ADD COLUMN `name`');
      const [key] = await put([write('c', { id: 1 })]);
      expect(key?.error).toMatchObject({ code: 'jdbc.unique_key_missing' });
    });
  });

  test('tables are created and widened: nullability, defaults, lengths, another database', async () => {
    await db.query('CREATE DATABASE other');
    const source = (type: string, length: number): Record<string, string> => ({
      '__debezium.source.column.type': type,
      '__debezium.source.column.length': String(length),
    });
    const key = schemas.struct({ id: schemas.int32(), code: schemas.string() });
    const fields = {
      id: schemas.int32(),
      code: schemas.string(),
      name: schemas.string({ default: "it's" }),
      n: schemas.int32({ default: 5, optional: true }),
      short: schemas.string({ parameters: source('VARCHAR', 7), optional: true }),
    };
    const record = (schema: Parameters<typeof schemas.struct>[0], value: object): SinkRecord =>
      sinkRecord({
        topic: 'other.Items',
        keySchema: key,
        key: { id: 1, code: 'x' },
        valueSchema: schemas.struct(schema),
        value,
      });
    const config = confluent({
      'insert.mode': 'upsert',
      'pk.mode': 'record_key',
      'table.name.format': '${topic}',
      'auto.create': 'true',
      'auto.evolve': 'true',
    });
    await withTask(confluentJdbcSink, config, async (put) => {
      const row = { id: 1, code: 'x', name: 'a', n: null, short: 'b' };
      expect(await put([record(fields, row)])).toEqual([]);
      const wider = {
        ...fields,
        At: schemas.int64({ name: 'io.debezium.time.MicroTimestamp' }),
        o: schemas.struct({ a: schemas.int32() }, { optional: true }),
      };
      expect(
        await put([record(wider, { ...row, At: 1_714_557_600_123_456, o: { a: 1 } })]),
      ).toEqual([]);
    });
    const columns = await rows(
      `SELECT COLUMN_NAME AS name, IS_NULLABLE AS nullable, DATA_TYPE AS type, CHARACTER_MAXIMUM_LENGTH AS length FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'other' AND TABLE_NAME = 'Items' AND COLUMN_NAME <> 'o' ORDER BY ORDINAL_POSITION`,
    );
    expect(columns).toEqual([
      { name: 'id', nullable: 'NO', type: 'int', length: null },
      { name: 'code', nullable: 'NO', type: 'varchar', length: 255 },
      { name: 'name', nullable: 'NO', type: 'longtext', length: 4_294_967_295 },
      { name: 'n', nullable: 'YES', type: 'int', length: null },
      { name: 'short', nullable: 'YES', type: 'varchar', length: 7 },
      { name: 'At', nullable: 'YES', type: 'datetime', length: null },
    ]);
    await db.query("INSERT INTO other.Items (id, code) VALUES (2, 'y')");
    expect(
      await rows('SELECT name, n, CAST(At AS CHAR) AS at FROM other.Items ORDER BY id'),
    ).toEqual([
      { name: 'a', n: null, at: '2024-05-01 10:00:00.123456' },
      { name: "it's", n: 5, at: null },
    ]);
  });

  test('a table altered or dropped while the task runs is noticed', async () => {
    await db.query(ITEMS);
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      const batch = (): SinkRecord[] =>
        Array.from({ length: 20 }, (__, id) => write('u', { id, name: 'a', extra: null }));
      expect(await put(batch())).toEqual([]);
      await db.query(
        'ALTER TABLE items MODIFY id bigint, DROP COLUMN at, CHANGE name label varchar(10) NULL, ADD name text',
      );
      expect(await put(batch())).toEqual([]);
      await db.query('DROP TABLE items');
      expect((await put(batch())).map(({ error }) => error.code)).toContain('jdbc.table_missing');
    });
  });

  test('plain inserts, with coordinates as the key, and of rows that are there', async () => {
    await db.query(
      'CREATE TABLE items (id int, name text, twice int GENERATED ALWAYS AS (id * 2) STORED)',
    );
    await withTask(confluentJdbcSink, confluent(), async (put) => {
      const batch = Array.from({ length: 900 }, (__, id) =>
        sinkRecord({ value: { id, name: "tab\tnew'line\n\\N", twice: 5 } }),
      );
      expect(await put(batch)).toEqual([]);
    });
    expect(
      await rows(
        `SELECT COUNT(*) AS count, SUM(name = 'tab\\tnew\\'line\\n\\\\N' AND twice = id * 2) + 0 AS same FROM items`,
      ),
    ).toEqual([{ count: 900, same: '900' }]);
    await db.query('DROP TABLE items');
    const config = confluent({ 'pk.mode': 'kafka', 'auto.create': 'true' });
    await withTask(confluentJdbcSink, config, async (put) => {
      const batch = Array.from({ length: 400 }, (__, offset) =>
        sinkRecord({ offset, value: { n: offset } }),
      );
      expect(await put(batch)).toEqual([]);
      expect(await put(batch)).toEqual([]);
    });
    expect(await rows('SELECT COUNT(*) AS count, MAX(__connect_offset) AS max FROM items')).toEqual(
      [{ count: 400, max: 399 }],
    );
    await db.query(
      'DROP TABLE items; CREATE TABLE items (id int PRIMARY KEY); INSERT INTO items VALUES (1)',
    );
    await withTask(
      confluentJdbcSink,
      confluent({ 'pk.mode': 'record_value', 'pk.fields': 'id' }),
      async (put) => {
        const failures = await put([0, 1, 2].map((id) => sinkRecord({ value: { id } })));
        expect(failures.map(({ index, error }) => [index, error.context['errno']])).toEqual([
          [1, 1062],
        ]);
      },
    );
  });

  test('update changes only rows that are there', async () => {
    await db.query(
      `CREATE TABLE items (a int, b varchar(5), name text, PRIMARY KEY (a, b)); INSERT INTO items VALUES (1, 'x', 'a')`,
    );
    await withTask(
      confluentJdbcSink,
      confluent({ 'insert.mode': 'update', 'pk.mode': 'record_key', 'delete.enabled': 'true' }),
      async (put, task) => {
        const change = (a: number, value: unknown): SinkRecord =>
          sinkRecord({ key: { a, b: 'x' }, value });
        expect(await put([change(1, { name: 'b' }), change(2, { name: 'b' })])).toEqual([]);
        expect(task.metrics?.()['rows_unmatched']).toBe(1);
        expect(await rows('SELECT name FROM items')).toEqual([{ name: 'b' }]);
        expect(await put([change(1, null)])).toEqual([]);
      },
    );
    expect(await rows('SELECT * FROM items')).toEqual([]);
  });

  test('a row larger than the server takes fails alone and says what to set', async () => {
    await db.query('CREATE TABLE items (id int PRIMARY KEY, name longtext)');
    await db.query('SET GLOBAL max_allowed_packet = 1048576');
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      const failures = await put([
        write('c', { id: 1, name: 'a' }),
        write('c', { id: 2, name: 'x'.repeat(1_100_000) }),
        write('c', { id: 3, name: 'é'.repeat(400_000) }),
      ]);
      expect(failures.map(({ index, error }) => [index, error.code])).toEqual([
        [1, 'jdbc.row_too_large'],
      ]);
      expect(failures[0]?.error.hint).toContain('max_allowed_packet');
    });
    await db.query('SET GLOBAL max_allowed_packet = 67108864');
    expect(await rows('SELECT id FROM items')).toEqual([{ id: 1 }, { id: 3 }]);
  });

  test('the loser of a deadlock and who waited too long for a lock try again', async () => {
    await db.query(
      "CREATE TABLE items (id int PRIMARY KEY, name text); INSERT INTO items VALUES (1, ''), (2, '')",
    );
    await db.query('SET GLOBAL innodb_lock_wait_timeout = 1');
    const other = await server.connect();
    try {
      await withTask(
        debeziumJdbcSink,
        debezium({ 'flush.max.retries': '100' }),
        async (put, task) => {
          await other.query("START TRANSACTION; UPDATE items SET name = 'o' WHERE id = 2");
          const batch = put([
            write('u', { id: 1, name: 'sink' }),
            write('u', { id: 2, name: 'sink' }),
          ]);
          while (task.metrics?.()['batches_retried'] === 0) await rows('SELECT SLEEP(0.1)');
          await other.query('COMMIT');
          expect(await batch).toEqual([]);
        },
      );
    } finally {
      await other.end();
      await db.query('SET GLOBAL innodb_lock_wait_timeout = 50');
    }
    expect(await rows('SELECT name FROM items')).toEqual([{ name: 'sink' }, { name: 'sink' }]);
  });

  test('a connection killed in the middle of a batch, and a server that restarts, lose and double nothing', async () => {
    await db.query('CREATE TABLE items (id int PRIMARY KEY, name text)');
    await db.query(
      `CREATE TRIGGER gate BEFORE INSERT ON items FOR EACH ROW SET NEW.name = IF(NEW.id = 1 AND GET_LOCK('gate', 60) = 0, NULL, NEW.name); DO GET_LOCK('gate', 0)`,
    );
    await withTask(
      debeziumJdbcSink,
      debezium({ 'flush.max.retries': '200' }),
      async (put, task) => {
        const batch = Array.from({ length: 300 }, (__, index) =>
          write('c', { id: 300 - index, name: 'a' }),
        );
        const putting = put(batch);
        for (;;) {
          const [running] = await rows(
            "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE INFO LIKE 'LOAD DATA%items%' AND STATE = 'User lock'",
          );
          if (running === undefined) continue;
          await db.query(`KILL ${String((running as { id: number }).id)}; DO RELEASE_LOCK('gate')`);
          break;
        }
        expect(await putting).toEqual([]);
        expect(task.metrics?.()['batches_retried']).toBeGreaterThan(0);
        expect(await rows('SELECT COUNT(*) AS count FROM items')).toEqual([{ count: 300 }]);
        await db.end();
        await server.restart('crash');
        db = await server.connect();
        expect(await put([write('u', { id: 2, name: 'after' })])).toEqual([]);
        expect(await rows('SELECT name FROM items WHERE id = 2')).toEqual([{ name: 'after' }]);
      },
    );
  });

  test('wrong password, database and privilege fail at once and say what to do', async () => {
    await db.query("CREATE USER IF NOT EXISTS poor@'127.0.0.1' IDENTIFIED BY 'secret'");
    await db.query("GRANT SELECT ON test.* TO poor@'127.0.0.1'");
    await db.query(ITEMS);
    const failing = (config: Record<string, string>): Promise<unknown> =>
      withTask(debeziumJdbcSink, debezium(config), (put) =>
        put([write('c', { id: 1, name: 'a' })]),
      );
    await expect(failing({ 'connection.password': 'wrong' })).rejects.toMatchObject({
      code: 'jdbc.login_refused',
      retry: 'fatal',
    });
    await expect(
      failing({ 'connection.url': url().replace(/test$/, 'nowhere') }),
    ).rejects.toMatchObject({ code: 'jdbc.database_missing', retry: 'fatal' });
    await expect(
      failing({ 'connection.username': 'poor', 'connection.password': 'secret' }),
    ).rejects.toMatchObject({
      code: 'jdbc.privilege_missing',
      retry: 'fatal',
      hint: expect.stringContaining('GRANT'),
    });
    await expect(failing({ 'connection.url': `${url()}?sslMode=VERIFY_CA` })).rejects.toMatchObject(
      { code: 'jdbc.tls_refused', retry: 'fatal' },
    );
    await expect(
      debeziumJdbcSink.validate?.(debezium({ 'connection.password': 'wrong' }), never),
    ).resolves.toEqual([expect.objectContaining({ key: 'connection.url' })]);
  });

  /** A table of its own, behind a network that can be cut. */
  let tables = 0;
  class Table implements SinkWorld {
    readonly #name: string;
    readonly #proxy: TcpProxy;

    constructor(name: string, proxy: TcpProxy) {
      this.#name = name;
      this.#proxy = proxy;
    }

    static async open(): Promise<Table> {
      const name = `contract_${++tables}`;
      await db.query(
        `CREATE TABLE ${name} (id int PRIMARY KEY, name varchar(20), arrived int NOT NULL AUTO_INCREMENT UNIQUE)`,
      );
      return new Table(name, await TcpProxy.start(server));
    }

    get config(): Record<string, string> {
      return debezium({
        'connection.url': url(this.#proxy.port),
        'flush.max.retries': '50',
      });
    }

    record(number: number): Partial<SinkRecord> {
      return {
        key: { id: number },
        value: changeEvent('c', { id: number, name: 'a' }, this.#name),
      };
    }

    poison(): Partial<SinkRecord> {
      const row = { id: 2, name: 'too long for the column that it is for' };
      return { key: { id: 2 }, value: changeEvent('c', row, this.#name) };
    }

    async delivered(): Promise<readonly number[]> {
      const [found] = await db.query<RowDataPacket[]>(
        `SELECT id FROM ${this.#name} ORDER BY arrived`,
      );
      return found.map((row) => Number(row['id']));
    }

    hang(): Promise<void> {
      this.#proxy.silence();
      return Promise.resolve();
    }

    interrupt(): Promise<void> {
      this.#proxy.cut();
      this.#proxy.restore();
      return Promise.resolve();
    }

    async [Symbol.asyncDispose](): Promise<void> {
      this.#proxy.restore();
      await this.#proxy[Symbol.asyncDispose]();
    }
  }

  /** Takes all room for new rows of `items`; returns what gives it back. */
  async function fill(): Promise<string> {
    const columns = '(id int PRIMARY KEY, name longtext)';
    if (flavour === 'mariadb') {
      // There even a DROP needs room in the space that could be filled.
      await db.query(`CREATE TABLE items ${columns}`);
      await db.query(
        "CREATE TRIGGER room BEFORE INSERT ON items FOR EACH ROW SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1114, MESSAGE_TEXT = 'The table is full'",
      );
      return 'DROP TRIGGER room';
    }
    await db.query(`CREATE TABLE items ${columns} TABLESPACE innodb_system;
      CREATE TABLE absent (filler longblob) TABLESPACE innodb_system`);
    for (;;) {
      const refusal: unknown = await db
        .query("INSERT INTO absent VALUES (REPEAT('x', 1000000))")
        .then(() => undefined)
        .catch((error: unknown) => error);
      if (refusal === undefined) continue;
      expect(refusal).toMatchObject({ errno: 1114 });
      break;
    }
    return 'DROP TABLE absent';
  }

  test('a target without room holds its batch back and says so, and gets it when there is room', async () => {
    const release = await fill();
    const batch = Array.from({ length: 100 }, (__, id) =>
      write('c', { id, name: 'wide'.repeat(10_000) }),
    );
    await withTask(debeziumJdbcSink, debezium({ 'flush.max.retries': '2' }), async (put) => {
      await expect(put(batch)).rejects.toMatchObject({
        code: 'jdbc.server_out_of_resources',
        retry: 'retriable',
        hint: expect.stringContaining('full'),
      });
    });
    const patient = debezium({ 'flush.max.retries': '100000' });
    await withTask(debeziumJdbcSink, patient, async (put, task) => {
      const putting = put(batch);
      while (task.metrics?.()['batches_retried'] === 0) await rows('SELECT SLEEP(0.05)');
      await db.query(release);
      expect(await putting).toEqual([]);
    });
    expect(await rows('SELECT COUNT(*) AS count, MIN(LENGTH(name)) AS length FROM items')).toEqual([
      { count: 100, length: 40_000 },
    ]);
  });

  describe('whatever becomes of the target', () => {
    const promises = targetPromises(() => ({
      url,
      user: server.user,
      password: server.password,
      query: async (sql) => {
        const [found] = await db.query<RowDataPacket[]>(sql);
        return Array.isArray(found) ? found.map((row) => ({ ...row })) : [];
      },
      halt: async () => {
        await db.end();
        await server.halt();
      },
      resume: async () => {
        await server.resume();
        db = await server.connect();
      },
      enumeration: {
        prepare: 'DO 0',
        columns: "mood enum('sad')",
        widen: "ALTER TABLE changing MODIFY mood enum('sad', 'glad'), MODIFY price decimal(10,3)",
      },
    }));
    for (const { name, run } of promises) test(name, run);
  });

  describe('keeps the promises of a sink', () => {
    const subject = { connector: debeziumJdbcSink, open: () => Table.open(), isIdempotent: true };
    for (const { name, run } of sinkContract(subject)) test(name, run);
  });
});
