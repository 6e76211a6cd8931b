import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '@millrace/foundation';
import { TcpProxy } from '@millrace/test-servers';
import type { RowDataPacket } from 'mysql2/promise';
import type { BinlogEvent, RowsEvent } from '../src/binlog/events/event.ts';
import { readRow, RowCursor } from '../src/binlog/events/row-cursor.ts';
import { parseGtidSet } from '../src/binlog/gtid/gtid-set.ts';
import { PositionTracker, type BinlogPosition } from '../src/binlog/position.ts';
import type { BinlogReader } from '../src/binlog/reader.ts';
import { classify } from '../src/errors.ts';
import { codecOf } from '../src/types/codec-of.ts';
import { columnsOf } from '../src/types/metadata-columns.ts';
import { ABSENT, emptyFields } from '../src/types/row.ts';
import { BinlogLab, NEVER, VALUE_SETTINGS } from './binlog-lab.ts';

const classifyOurs = (error: unknown): Error =>
  classify(error, { address: 'there', user: 'root', serverId: 7 });

describe.each(['mysql', 'mariadb'] as const)('%s', (flavour) => {
  let lab: BinlogLab;

  beforeAll(async () => {
    lab = await BinlogLab.start(flavour);
  }, 60_000);
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  if (flavour === 'mysql') mysqlTests(() => lab);
  else mariadbTests(() => lab);

  const rest = { bytesMax: 1 << 20, waitMs: 10_000 };

  /** Reads until the place. */
  async function readTo(
    reader: BinlogReader,
    end: { readonly file: string; readonly position: number },
    visit: (event: BinlogEvent) => void,
  ): Promise<void> {
    while (reader.file !== end.file || reader.position < end.position)
      for (const event of await reader.read(rest, NEVER)) visit(event);
  }

  test('a transaction is a GTID, its begin, its tables and rows, and its commit', async () => {
    await lab.sql.query('CREATE TABLE plain (id int PRIMARY KEY, name varchar(20))');
    const events = await lab.eventsOf(
      "INSERT INTO plain VALUES (1, 'one'), (2, 'two')",
      "UPDATE plain SET name = 'zwei' WHERE id = 2",
      'DELETE FROM plain WHERE id = 1',
    );
    const begin = flavour === 'mysql' ? ['gtid', 'query'] : ['gtid'];
    const one = [...begin, 'table-map', 'rows', 'xid'];
    expect(events.map(({ kind }) => kind)).toEqual([...one, ...one, ...one]);
    const rows = events.filter((event) => event.kind === 'rows');
    expect(rows.map(valuesOf)).toEqual([
      [{ after: { id: 1, name: 'one' } }, { after: { id: 2, name: 'two' } }],
      [{ before: { id: 2, name: 'two' }, after: { id: 2, name: 'zwei' } }],
      [{ before: { id: 1, name: 'one' } }],
    ]);
    // One description, one object.
    expect(new Set(rows.map(({ table }) => table)).size).toBe(1);
    // MariaDB's statements are in between, and were not asked for.
    if (flavour === 'mysql')
      for (const [index, event] of events.entries())
        expect(event.nextPosition).toBe(events[index + 1]?.position ?? event.nextPosition);
  });

  test('columns that are not in the image are absent', async () => {
    await lab.sql.query('CREATE TABLE slim (id int PRIMARY KEY, a int, b int)');
    await lab.sql.query('INSERT INTO slim VALUES (1, 2, 3)');
    await lab.sql.query("SET SESSION binlog_row_image = 'MINIMAL'");
    const [event] = await lab.rowsOf('UPDATE slim SET b = 4');
    await lab.sql.query("SET SESSION binlog_row_image = 'FULL'");
    const cursor = new RowCursor(must(event));
    expect(cursor.next()).toBe(true);
    const before = [...readRow(must(event), cursor.beforeAt, false, emptyFields()).at];
    const after = [...readRow(must(event), cursor.afterAt, true, emptyFields()).at];
    expect([before[2], before[4], after[0], after[2]]).toEqual([ABSENT, ABSENT, ABSENT, ABSENT]);
    expect(valuesOf(must(event))).toEqual([{ before: { id: 1 }, after: { b: 4 } }]);
  });

  test('reading goes on at each row, by file and by GTID, without loss and without repetition', async () => {
    await lab.sql.query('CREATE TABLE steps (id int PRIMARY KEY, pad varchar(4000))');
    const start = await lab.end();
    const gtids = await lab.gtids();
    await lab.sql.query("INSERT INTO steps VALUES (1, ''), (2, '')");
    await lab.sql.query('BEGIN');
    // Rows of one statement in several events.
    await lab.sql.query(
      "INSERT INTO steps VALUES (3, repeat('x', 4000)), (4, repeat('x', 4000)), (5, repeat('x', 4000)), (6, repeat('x', 4000))",
    );
    await lab.sql.query("UPDATE steps SET pad = '' WHERE id IN (3, 4)");
    await lab.sql.query('COMMIT');
    await lab.sql.query('CREATE TABLE between_steps (id int)');
    await lab.sql.query('DELETE FROM steps WHERE id < 3');
    const end = await lab.end();

    /** The rows behind a position, each with the position behind it. */
    const read = async (from: BinlogPosition, byGtid: boolean): Promise<readonly Step[]> => {
      await using reader = await lab.read(
        byGtid
          ? { kind: 'gtid', gtids: parseGtidSet(flavour, from.gtids ?? '') }
          : { kind: 'file', file: from.file, position: from.position },
      );
      const tracker = new PositionTracker(flavour, from);
      const steps: Step[] = [];
      await readTo(reader, end, (event) => {
        const done = tracker.begin(event);
        if (event.kind === 'rows' && done !== 'all') {
          valuesOf(event).forEach((row, index) => {
            if (index >= done)
              steps.push({ row: JSON.stringify(row), next: tracker.positionAfter(index + 1) });
          });
        }
        tracker.end(event);
      });
      return steps;
    };

    const origin = { ...start, gtids, eventsToSkip: 0, rowsToSkip: 0 };
    const all = await read(origin, false);
    expect(all).toHaveLength(10);
    for (const [index, { next }] of all.entries())
      for (const byGtid of [false, true])
        expect((await read(next, byGtid)).map(({ row }) => row)).toEqual(
          all.slice(index + 1).map(({ row }) => row),
        );
  });

  test('an idle server sends heartbeats, and a cut network is noticed by their absence', async () => {
    await using proxy = await TcpProxy.start(lab.server);
    const connection = await lab.connect({ port: proxy.port });
    await using reader = await lab.read(
      { kind: 'file', ...(await lab.end()) },
      { connection, heartbeatMs: 100, silenceMaxMs: 1000, classify: classifyOurs },
    );
    const kinds = new Set<string>();
    while (!kinds.has('heartbeat'))
      for (const { kind } of await reader.read(rest, NEVER)) kinds.add(kind);
    proxy.silence();
    await expect(
      (async () => {
        for (;;) await reader.read(rest, NEVER);
      })(),
    ).rejects.toMatchObject({ code: 'mysql.unreachable', retry: 'retriable' });
  });

  test('a connection that breaks is told after what came before it', async () => {
    const start = await lab.end();
    await lab.sql.query('CREATE TABLE broken (id int PRIMARY KEY)');
    await lab.sql.query('INSERT INTO broken VALUES (1)');
    await using reader = await lab.read(
      { kind: 'file', ...start },
      { serverId: 6999, classify: classifyOurs },
    );
    const end = await lab.end();
    let rows = 0;
    await readTo(reader, end, (event) => (rows += event.kind === 'rows' ? 1 : 0));
    expect(rows).toBe(1);
    const [threads] = await lab.sql.query<RowDataPacket[]>(
      "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'",
    );
    for (const { id } of threads) await lab.sql.query(`KILL ${id}`).catch(() => undefined);
    await expect(
      (async () => {
        for (;;) await reader.read(rest, NEVER);
      })(),
    ).rejects.toMatchObject({ code: 'mysql.unreachable', retry: 'retriable' });
  });

  test('with little room the server waits, and nothing is lost', async () => {
    await lab.sql.query('CREATE TABLE many (id int PRIMARY KEY, pad varchar(1000))');
    const start = await lab.end();
    const values = Array.from({ length: 2000 }, (_, id) => `(${id}, repeat('y', 1000))`);
    await lab.sql.query(`INSERT INTO many VALUES ${values.join(', ')}`);
    const end = await lab.end();
    await using reader = await lab.read({ kind: 'file', ...start }, { bufferBytesMax: 20_000 });
    const ids: unknown[] = [];
    await readTo(reader, end, (event) => {
      if (event.kind === 'rows') for (const row of valuesOf(event)) ids.push(row.after?.['id']);
    });
    expect(ids).toEqual(Array.from({ length: 2000 }, (_, id) => id));
  });

  test('a row of more than one packet comes whole', async () => {
    await lab.sql.query('SET GLOBAL max_allowed_packet = 67108864');
    await lab.sql.query('CREATE TABLE wide (id int PRIMARY KEY, pad longtext)');
    const start = await lab.end();
    const sql = await lab.server.connect(); // with the new limit
    await sql.query("INSERT INTO wide VALUES (1, repeat('z', 17000000))");
    await sql.end();
    const end = await lab.end();
    await using reader = await lab.read({ kind: 'file', ...start });
    const lengths: number[] = [];
    await readTo(reader, end, (event) => {
      if (event.kind === 'rows')
        for (const row of valuesOf(event)) lengths.push(String(row.after?.['pad']).length);
    });
    expect(lengths).toEqual([17_000_000]);
  });

  test('a purged binlog and a position that is none are told apart, with what to do', async () => {
    const start = await lab.end();
    await lab.sql.query('FLUSH BINARY LOGS');
    const { file } = await lab.end();
    await lab.sql.query(`PURGE BINARY LOGS TO '${file}'`);
    const failureOf = async (from: Parameters<BinlogLab['read']>[0]): Promise<unknown> => {
      try {
        await using reader = await lab.read(from, { classify: classifyOurs });
        for (;;) await reader.read(rest, NEVER);
      } catch (error) {
        return error;
      }
    };
    expect(await failureOf({ kind: 'file', ...start })).toMatchObject({
      code: 'mysql.binlog_purged',
      retry: 'fatal',
      hint: expect.stringContaining('snapshot'),
    });
    expect(await failureOf({ kind: 'gtid', gtids: parseGtidSet(flavour, '') })).toMatchObject({
      code: 'mysql.binlog_purged',
      retry: 'fatal',
    });
    expect(await failureOf({ kind: 'file', file, position: 99_999_999 })).toMatchObject({
      code: 'mysql.binlog_unreadable',
      retry: 'fatal',
    });
  });

  test('a second reader with the same number ends the first', async () => {
    const start = { kind: 'file', ...(await lab.end()) } as const;
    await using first = await lab.read(start, { serverId: 6100, classify: classifyOurs });
    await first.read(rest, NEVER);
    await using second = await lab.read(start, { serverId: 6100, classify: classifyOurs });
    await second.read(rest, NEVER);
    await expect(
      (async () => {
        for (;;) await first.read(rest, NEVER);
      })(),
    ).rejects.toMatchObject({ code: 'mysql.server_id_taken' });
  });

  test('the binlog comes through TLS', async () => {
    if (flavour === 'mariadb') await useCertificate(lab);
    const connection = await lab.connect({ ssl: { rejectUnauthorized: false } });
    const start = await lab.end();
    await lab.sql.query('CREATE TABLE tls (id int PRIMARY KEY)');
    await lab.sql.query('INSERT INTO tls VALUES (1)');
    const end = await lab.end();
    await using reader = await lab.read({ kind: 'file', ...start }, { connection });
    const [cipher] = await lab.sql.query<RowDataPacket[]>('SHOW VARIABLES LIKE "have_ssl"');
    expect(flavour === 'mysql' || cipher[0]?.['Value'] === 'YES').toBe(true);
    let rows = 0;
    await readTo(reader, end, (event) => (rows += event.kind === 'rows' ? 1 : 0));
    expect(rows).toBe(1);
  });
});

function mysqlTests(getLab: () => BinlogLab): void {
  test('compressed transactions are unpacked', async () => {
    const lab = getLab();
    await lab.sql.query('CREATE TABLE packed (id int PRIMARY KEY, pad varchar(1000))');
    await lab.sql.query('SET SESSION binlog_transaction_compression = ON');
    const events = await lab.eventsOf(
      "INSERT INTO packed VALUES (1, repeat('a', 1000)), (2, repeat('b', 1000))",
    );
    await lab.sql.query('SET SESSION binlog_transaction_compression = OFF');
    expect(events.map(({ kind }) => kind)).toEqual(['gtid', 'query', 'table-map', 'rows', 'xid']);
    expect(valuesOf(must(events.find((event) => event.kind === 'rows'))).length).toBe(2);
    expect(must(events.at(-1)).nextPosition).toBe((await lab.end()).position);
  });

  test('GTIDs may have tags, and a reader goes on behind them', async () => {
    const lab = getLab();
    await lab.sql.query('CREATE TABLE tagged (id int PRIMARY KEY)');
    await lab.sql.query("SET gtid_next = 'AUTOMATIC:night_job'");
    const events = await lab.eventsOf('INSERT INTO tagged VALUES (1)');
    await lab.sql.query("SET gtid_next = 'AUTOMATIC'");
    const gtid = events.find((event) => event.kind === 'gtid');
    expect(gtid?.gtid).toMatch(/^[0-9a-f-]{36}:night_job:1$/);
    expect(Math.abs((gtid?.commitMicros ?? 0) / 1000 - systemClock.nowMs())).toBeLessThan(60_000);
    const executed = await lab.gtids();
    const set = parseGtidSet('mysql', executed);
    expect(set.toString()).toBe(executed);
    expect(set.contains(must(gtid?.gtid))).toBe(true);
    await lab.sql.query('INSERT INTO tagged VALUES (2)');
    await using reader = await lab.read({ kind: 'gtid', gtids: set });
    const rows: unknown[] = [];
    while (rows.length === 0)
      for (const event of await reader.read({ bytesMax: 1 << 20, waitMs: 10_000 }, NEVER))
        if (event.kind === 'rows') rows.push(...valuesOf(event));
    expect(rows).toEqual([{ after: { id: 2 } }]);
    await lab.sql.query('FLUSH BINARY LOGS');
    const rotated = await lab.eventsOf('FLUSH BINARY LOGS', 'INSERT INTO tagged VALUES (3)');
    expect(rotated.find((event) => event.kind === 'previous-gtids')?.gtids).toMatch(/:night_job:1/);
  });

  test('partial JSON updates give the whole document, as the server prints it', async () => {
    const lab = getLab();
    await lab.sql.query('CREATE TABLE documents (id int PRIMARY KEY, a json, n int, b json)');
    await lab.sql.query(
      `INSERT INTO documents VALUES (1, '{"x": [1, 2, 3], "long": "${'l'.repeat(300)}", "k.y": {"z": 1}}', 5, '[{"a": 1}]')`,
    );
    await lab.sql.query('SET SESSION binlog_row_value_options = PARTIAL_JSON');
    const rows = await lab.rowsOf(
      `UPDATE documents SET a = JSON_SET(a, '$.x[1]', 'two', '$.new', CAST('{"m": null}' AS JSON)), b = JSON_REMOVE(b, '$[0].a')`,
      `UPDATE documents SET a = JSON_ARRAY_INSERT(a, '$.x[0]', 0), n = 6`,
      `UPDATE documents SET a = JSON_REPLACE(a, '$."k.y".z', 2.50, '$.long', 'short')`,
      `UPDATE documents SET a = JSON_REMOVE(a, '$.x'), b = JSON_REPLACE(b, '$', 1)`,
    );
    await lab.sql.query("SET SESSION binlog_row_value_options = ''");
    expect(rows.map(({ type }) => type)).toContain(39);
    const [[stored]] = await lab.sql.query<RowDataPacket[]>(
      'SELECT CAST(a AS CHAR) AS a, n, CAST(b AS CHAR) AS b FROM documents',
    );
    const last = must(rows.at(-1));
    expect(valuesOf(last)[0]?.after).toEqual({ id: 1, ...stored });
    rows.slice(1).forEach((event, index) => {
      expect(valuesOf(event)[0]?.before).toEqual(valuesOf(must(rows[index]))[0]?.after);
    });
  });

  test('numbers within JSON are printed as by the server', async () => {
    const lab = getLab();
    await lab.sql.query('CREATE TABLE numbers (id int PRIMARY KEY AUTO_INCREMENT, j json)');
    const doubles = [
      1e15,
      123456789012345.6,
      1e14,
      0.1,
      1e-5,
      1.5e-7,
      1e-15,
      2 ** 53,
      1 / 3,
      5e-324,
      1.7976931348623157e308,
      -0.0001,
      100,
      1e16,
      1.5e15,
      123456789012345680,
    ];
    for (let index = 0; index < 100; index++)
      doubles.push((((index * 7919) % 1013) / 997 - 0.5) * 10 ** (((index * 31) % 44) - 22));
    const rows = await lab.rowsOf(
      `INSERT INTO numbers (j) VALUES ${doubles.map((value) => `(CAST('[${value}${Number.isInteger(value) && Math.abs(value) < 1e21 ? '.0' : ''}]' AS JSON))`).join(', ')}`,
    );
    const [stored] = await lab.sql.query<RowDataPacket[]>(
      'SELECT CAST(j AS CHAR) AS j FROM numbers ORDER BY id',
    );
    expect(rows.flatMap(valuesOf).map((row) => row.after?.['j'])).toEqual(
      stored.map((row): unknown => row['j']),
    );
  });

  test('distributed transactions end with their preparation', async () => {
    const lab = getLab();
    await lab.sql.query('CREATE TABLE distributed (id int PRIMARY KEY)');
    const events = await lab.eventsOf(
      "XA START 'a'; INSERT INTO distributed VALUES (1); XA END 'a'; XA PREPARE 'a'",
      "XA COMMIT 'a'",
      'INSERT INTO distributed VALUES (2)',
    );
    const tracker = new PositionTracker('mysql', {
      file: '',
      position: 4,
      gtids: null,
      eventsToSkip: 0,
      rowsToSkip: 0,
    });
    for (const event of events) {
      tracker.begin(event);
      tracker.end(event);
      if (event.kind === 'xa-prepare') expect(tracker.isInTransaction).toBe(false);
    }
    expect(tracker.isInTransaction).toBe(false);
    expect(tracker.positionAfter(0).position).toBe((await lab.end()).position);
  });
}

function mariadbTests(getLab: () => BinlogLab): void {
  test('compressed events are unpacked', async () => {
    const lab = getLab();
    await lab.sql.query('CREATE TABLE packed (id int PRIMARY KEY, pad varchar(1000))');
    await lab.sql.query('SET GLOBAL log_bin_compress = 1, GLOBAL log_bin_compress_min_len = 10');
    const events = await lab.eventsOf(
      "INSERT INTO packed VALUES (1, repeat('a', 1000)), (2, repeat('b', 1000))",
      "UPDATE packed SET pad = repeat('c', 1000)",
      'DELETE FROM packed',
      'CREATE TABLE packed_too (a int COMMENT "a long statement that is compressed too: aaaaaaaaaaaaaaaaaaaa")',
    );
    await lab.sql.query('SET GLOBAL log_bin_compress = 0');
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set([162, 19, 166, 167, 168, 16, 165]),
    );
    const rows = events.filter((event) => event.kind === 'rows').map(valuesOf);
    expect(rows.map((list) => list.length)).toEqual([2, 2, 2]);
    expect(rows[1]?.[1]).toEqual({
      before: { id: 2, pad: 'b'.repeat(1000) },
      after: { id: 2, pad: 'c'.repeat(1000) },
    });
    expect(
      must(events.find((event) => event.kind === 'query' && event.type === 165)),
    ).toMatchObject({
      query: expect.stringMatching(/^CREATE TABLE packed_too.*a\)?"\)$/),
    });
  });

  test('statements come when they are asked for', async () => {
    const lab = getLab();
    await lab.sql.query('CREATE TABLE annotated (id int PRIMARY KEY)');
    const start = await lab.end();
    await lab.sql.query('INSERT INTO annotated VALUES (1)');
    const end = await lab.end();
    await using reader = await lab.read({ kind: 'file', ...start }, { sendsStatements: true });
    const queries: string[] = [];
    while (reader.position < end.position)
      for (const event of await reader.read({ bytesMax: 1 << 20, waitMs: 10_000 }, NEVER))
        if (event.kind === 'rows-query') queries.push(event.query);
    expect(queries).toEqual(['INSERT INTO annotated VALUES (1)']);
  });

  test('each domain goes on by itself', async () => {
    const lab = getLab();
    await lab.sql.query('CREATE TABLE domains (id int PRIMARY KEY)');
    const before = parseGtidSet('mariadb', await lab.gtids());
    await lab.sql.query('SET SESSION gtid_domain_id = 5');
    await lab.sql.query('INSERT INTO domains VALUES (1)');
    const middle = parseGtidSet('mariadb', await lab.gtids());
    await lab.sql.query('SET SESSION gtid_domain_id = 0');
    await lab.sql.query('INSERT INTO domains VALUES (2)');
    expect(middle.subtract(before).toString()).toBe('5-1-1');
    const rowsFrom = async (gtids: string, count: number): Promise<readonly unknown[]> => {
      await using reader = await lab.read({ kind: 'gtid', gtids: parseGtidSet('mariadb', gtids) });
      const rows: unknown[] = [];
      while (rows.length < count)
        for (const event of await reader.read({ bytesMax: 1 << 20, waitMs: 10_000 }, NEVER))
          if (event.kind === 'rows') rows.push(...valuesOf(event).map((row) => row.after?.['id']));
      return rows;
    };
    expect(await rowsFrom(before.toString(), 2)).toEqual([1, 2]);
    expect(await rowsFrom(middle.toString(), 1)).toEqual([2]);
  });
}

interface Step {
  readonly row: string;
  readonly next: BinlogPosition;
}

interface ChangedRow {
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
}

function valuesOf(event: RowsEvent): readonly ChangedRow[] {
  const columns = must(columnsOf(event.table));
  const row = (at: number, isAfter: boolean): Readonly<Record<string, unknown>> => {
    const fields = readRow(event, at, isAfter, emptyFields());
    return Object.fromEntries(
      columns.flatMap((column, index) => {
        const start = fields.at[index * 2] ?? ABSENT;
        if (start === ABSENT) return [];
        const wire = must(event.table.columns[index]);
        const reader = must(codecOf(column, VALUE_SETTINGS, 't')).onWire(wire);
        const end = fields.at[index * 2 + 1] ?? start;
        return [[column.name, start < 0 ? null : reader.read(fields.buffer, start, end)]];
      }),
    );
  };
  const rows: ChangedRow[] = [];
  for (const cursor = new RowCursor(event); cursor.next();)
    rows.push({
      ...(cursor.beforeAt < 0 ? {} : { before: row(cursor.beforeAt, false) }),
      ...(cursor.afterAt < 0 ? {} : { after: row(cursor.afterAt, event.operation === 'update') }),
    });
  return rows;
}

/** MariaDB 10.11 makes none by itself. */
async function useCertificate(lab: BinlogLab): Promise<void> {
  const key = join(lab.server.folder, 'key.pem');
  const certificate = join(lab.server.folder, 'certificate.pem');
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-keyout',
      key,
      '-out',
      certificate,
    ],
    { stdio: 'ignore' },
  );
  execFileSync('chmod', ['a+r', key, certificate]);
  await lab.restart({ ssl_cert: certificate, ssl_key: key });
}

function must<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('nothing there');
  return value;
}
