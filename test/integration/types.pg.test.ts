import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { systemClock } from '@millrace/foundation';
import {
  startMillrace,
  startPostgres,
  postgresSinkConfig,
  postgresSourceConfig,
} from '@millrace/test-servers';
import type pg from 'pg';

/** Every everyday type: its declaration and values, the edges among them. */
const TYPES: readonly (readonly [column: string, type: string, ...values: string[]])[] = [
  ['c_bool', 'boolean', 'true', 'false'],
  ['c_int2', 'smallint', '-32768', '32767'],
  ['c_int4', 'integer', '-2147483648', '2147483647'],
  ['c_int8', 'bigint', '-9223372036854775808', '9223372036854775807', '9007199254740993'],
  ['c_real', 'real', '1.5', '-3.4028235e38', "'NaN'", "'Infinity'"],
  ['c_double', 'double precision', '0.1', '1e-300', "'-Infinity'", "'NaN'"],
  ['c_numeric', 'numeric(20,4)', '1234567890123456.7891', '-0.0001', '0'],
  ['c_unbound', 'numeric', '3.14159', '-12345678901234567890.123456789', '1000'],
  ['c_money', 'money', "'99.95'", "'-1.05'"],
  ['c_char', 'char(5)', "'ab'", "''"],
  ['c_varchar', 'varchar(40)', "'größe „x“'", "''"],
  ['c_text', 'text', String.raw`E'line\nbreak\ttab \\ "quoted" \u0001'`, "'🚀 ünï'", 'null'],
  ['c_bytea', 'bytea', String.raw`'\x000aff'`, String.raw`'\x'`],
  ['c_json', 'json', `'{"a": [1, 2.50, null]}'`, `'"text"'`],
  ['c_jsonb', 'jsonb', `'{"b": {"c": "d\\"e"}}'`, "'[]'"],
  ['c_xml', 'xml', "'<a>b</a>'"],
  ['c_uuid', 'uuid', "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
  ['c_date', 'date', "'2024-10-04'", "'1969-12-31'", "'0044-03-15 BC'", "'9999-12-31'"],
  ['c_time', 'time', "'23:59:59.999999'", "'00:00'", "'24:00'"],
  ['c_time3', 'time(3)', "'10:11:12.345'"],
  ['c_timetz', 'timetz', "'08:00:00.5+00'"],
  [
    'c_timestamp',
    'timestamp',
    "'2024-05-01 10:00:00.123456'",
    "'1900-01-01 00:00:00.000001'",
    "'infinity'",
    "'-infinity'",
  ],
  ['c_timestamp3', 'timestamp(3)', "'2024-05-01 10:00:00.123'"],
  [
    'c_timestamptz',
    'timestamptz',
    "'2024-05-01 10:00:00.123456+02'",
    "'infinity'",
    "'1850-01-01 00:00:00+00'",
  ],
  ['c_interval', 'interval', "'3 days 04:05:06.789'", "'-00:00:00.000001'"],
  ['c_inet', 'inet', "'10.0.0.1/8'", "'::1'"],
  ['c_cidr', 'cidr', "'10.0.0.0/8'"],
  ['c_macaddr', 'macaddr', "'08:00:2b:01:02:03'"],
  ['c_bit', 'bit(6)', "B'110101'"],
  ['c_bit1', 'bit(1)', "B'1'", "B'0'"],
  ['c_varbit', 'varbit(10)', "B'101'"],
  ['c_mood', 'mood', "'happy'", "'so-so'"],
  ['c_range', 'int4range', "'[1,10)'"],
  ['c_tsrange', 'tstzrange', "'[2024-01-01 00:00+00,2024-02-01 00:00+00)'"],
  ['c_ints', 'integer[]', "'{1,2,null,-5}'", "'{}'"],
  ['c_texts', 'text[]', `'{a,"b,c","d\\"e",null}'`],
  ['c_point', 'point', "'(1.5,-2)'"],
  ['c_domain', 'positive', '5'],
  ['c_oid', 'oid', '3000000000'],
];

const DDL = `
  create type mood as enum ('sad', 'so-so', 'happy');
  create domain positive as integer check (value > 0);
  create table everything (id integer primary key, ${TYPES.map(([column, type]) => `${column} ${type}`).join(', ')});
`;
const ROWS = Math.max(...TYPES.map((type) => type.length - 2));

function insertRow(id: number, row: number): string {
  const values = TYPES.map(([, , ...values]) => values[row] ?? 'null');
  return `insert into everything values (${id}, ${values.join(', ')})`;
}

async function columnTexts(client: pg.Client): Promise<readonly Record<string, string | null>[]> {
  const columns = TYPES.map(([column]) => `${column}::text as ${column}`).join(', ');
  return (
    await client.query<Record<string, string | null>>(
      `select id, ${columns} from everything order by id`,
    )
  ).rows;
}

test('a table of every everyday type arrives equal, column by column, from the snapshot and from the stream', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-types-'));
  // A server and sessions in another zone than the machine's, so that none is taken for granted.
  await using postgres = await startPostgres({ settings: { timezone: 'America/New_York' } });
  const source = await postgres.connect('source');
  const target = await postgres.connect('target');
  for (const client of [source, target]) await client.query(DDL);
  for (let row = 0; row < ROWS; row++) await source.query(insertRow(row, row));
  await using worker = await startMillrace({
    folder,
    settings: { 'offset.flush.interval.ms': '500' },
  });
  await worker.putConnector(
    'source',
    postgresSourceConfig(postgres, {
      'database.dbname': 'source',
      'topic.prefix': 'types',
      // By default an interval is one number of microseconds, as Debezium's: equal, but days become hours.
      'interval.handling.mode': 'string',
    }),
  );
  await worker.putConnector(
    'sink',
    postgresSinkConfig(postgres, 'target', {
      'delete.enabled': 'true',
      'collection.name.format': 'everything',
      topics: 'types.public.everything',
    }),
  );
  await worker.untilRunning('source');
  await worker.untilRunning('sink');
  for (let row = 0; row < ROWS; row++) await source.query(insertRow(100 + row, row));
  await source.query('update everything set c_text = $1 where id = 100', ['changed']);
  await source.query('delete from everything where id = 101');
  const expected = await columnTexts(source);
  const deadlineMs = systemClock.monotonicMs() + 20_000;
  let actual = await columnTexts(target);
  while (
    JSON.stringify(actual) !== JSON.stringify(expected) &&
    systemClock.monotonicMs() < deadlineMs
  ) {
    await worker.untilRunning('source');
    await worker.untilRunning('sink');
    await systemClock.sleep(100);
    actual = await columnTexts(target);
  }
  await Promise.all([source.end(), target.end()]);
  expect(actual).toEqual(expected);
  await worker.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);
