import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '@millrace/foundation';
import type { SourceRecord } from '@millrace/record';
import { FLAVOURS, Runner, Store, TestDatabase, text } from './harness.ts';
import { TYPES } from './type-cases.ts';

/** What a record becomes in the log. */
interface Written {
  readonly topic: string;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly string[];
}

/** Keys and their values, over those of every test. */
type Config = Readonly<Record<string, string>>;

const STREAM: readonly (readonly [string, Config])[] = [
  ['the defaults', {}],
  ['no tombstones', { 'tombstones.on.delete': 'false' }],
  [
    'other modes of numbers, times and bytes',
    {
      'decimal.handling.mode': 'double',
      'time.precision.mode': 'isostring',
      'binary.handling.mode': 'hex',
      'bigint.unsigned.handling.mode': 'precise',
    },
  ],
  [
    'texts of decimals, nanoseconds and base64',
    {
      'decimal.handling.mode': 'string',
      'time.precision.mode': 'microseconds',
      'binary.handling.mode': 'base64-url-safe',
    },
  ],
  ['times as Connect has them', { 'time.precision.mode': 'connect' }],
  ['nothing that changes nothing', { 'skip.messages.without.change': 'true' }],
  ['no inserts', { 'skipped.operations': 'c,t' }],
  ['transactions told', { 'provide.transaction.metadata': 'true' }],
  ['statements and headers', { 'include.query': 'true', 'extended.headers.enabled': 'false' }],
  ['another key and fewer columns', { 'message.key.columns': 'test.types:c1,id' }],
  [
    'masked columns',
    { 'column.mask.with.7.chars': 'test.plain.name', 'column.exclude.list': 'test.plain.n' },
  ],
];

const SNAPSHOT: readonly (readonly [string, Config])[] = [
  ['in chunks', { 'snapshot.fetch.size': '3' }],
  ['with other modes', { 'decimal.handling.mode': 'string', 'binary.handling.mode': 'hex' }],
];

describe.each(FLAVOURS)('%s', (flavour) => {
  let db: TestDatabase;
  let begin: Readonly<Record<string, string | number>>;

  beforeAll(async () => {
    db = await TestDatabase.start(flavour, {
      ...(flavour === 'mysql'
        ? { binlog_rows_query_log_events: 'ON' }
        : { binlog_annotate_row_events: 'ON' }),
    });
    const cases = TYPES.filter((item) => item.only === undefined || item.only === flavour);
    await db.sql("SET sql_mode = 'ALLOW_INVALID_DATES', NAMES utf8mb4");
    const columns = cases.map(({ type, isRequired }, index) => {
      const rule = isRequired === true ? 'NOT NULL' : /^timestamp/.test(type) ? 'NULL' : '';
      return `c${index} ${type} ${rule}`;
    });
    await db.sql(
      `CREATE TABLE types (id int PRIMARY KEY, ${columns.join(', ')}) ROW_FORMAT=DYNAMIC`,
    );
    await db.sql('CREATE TABLE plain (id int PRIMARY KEY, name varchar(40), n int, big longtext)');
    await db.sql('CREATE TABLE keyless (name varchar(40), d double, at datetime(6))');
    begin = await placeOf(db);
    const values = cases.map(({ sql }) => sql).join(', ');
    await db.sql(
      `INSERT INTO types VALUES ${[1, 2, 3, 4].map((id) => `(${id}, ${values})`).join()}`,
    );
    await db.sql('UPDATE types SET c0 = c0 + 1 WHERE id < 3');
    await db.sql('DELETE FROM types WHERE id = 2');
    const rows = Array.from({ length: 300 }, (_, id) => `(${id}, 'näme "${id}"\\n', ${id}, NULL)`);
    await db.sql(`INSERT INTO plain VALUES ${rows.join()}`);
    await db.sql('UPDATE plain SET n = n + 1 WHERE id BETWEEN 10 AND 100');
    await db.sql('UPDATE plain SET id = id + 1000 WHERE id BETWEEN 20 AND 24'); // changed keys
    await db.sql("UPDATE plain SET big = REPEAT('x', 200000) WHERE id = 30"); // larger than a run takes
    await db.sql('SET SESSION binlog_row_image = MINIMAL');
    await db.sql('UPDATE plain SET n = n + 1 WHERE id BETWEEN 40 AND 45'); // values that were not sent
    await db.sql('SET SESSION binlog_row_image = FULL');
    await db.sql('BEGIN');
    await db.sql(
      "INSERT INTO keyless VALUES ('a', 0.1, '2024-02-29 23:59:59.999999'), (NULL, NULL, NULL)",
    );
    await db.sql("INSERT INTO plain VALUES (5000, 'in between', 1, '')");
    await db.sql("INSERT INTO keyless VALUES ('b', 1e300, '0000-00-00')");
    await db.sql('DELETE FROM plain WHERE id BETWEEN 200 AND 250');
    await db.sql('COMMIT');
    await db.sql("INSERT INTO plain VALUES (9999, 'the end', 1, '')");
    await db.sql("UPDATE plain SET big = 'y' WHERE id = 9999");
  }, 120_000);
  afterAll(() => db[Symbol.asyncDispose]());

  test.each(STREAM)(
    'changes in runs are byte for byte those one by one: %s',
    async (_, config) => {
      const all = db.config({ 'snapshot.mode': 'no_data', ...config });
      const isEnd = (written: readonly Written[]): boolean =>
        written.some(({ value }) => isLastChange(value)) &&
        (config['provide.transaction.metadata'] === undefined ||
          written.at(-1)?.topic === 'shop.transaction');
      const { written: single } = await readAll(flavour, all, begin, false, isEnd);
      const { runs, written, offset } = await readAll(
        flavour,
        all,
        begin,
        true,
        (so) => so.length >= single.length,
      );
      expect(written).toEqual(single);
      expect(offset['file']).toBeDefined();
      if (config['provide.transaction.metadata'] === undefined)
        expect(Math.max(...runs)).toBeGreaterThan(20);
      else expect(runs).toEqual([]);
    },
    120_000,
  );

  test.each(SNAPSHOT)(
    'rows of a snapshot in runs are byte for byte those one by one: %s',
    async (_, config) => {
      const all = db.config({ 'snapshot.mode': 'initial_only', ...config });
      const isEnd = (written: readonly Written[]): boolean =>
        written.at(-1)?.value?.includes('"snapshot":"last"') === true;
      const { written: single } = await readAll(flavour, all, undefined, false, isEnd);
      const { runs, written } = await readAll(flavour, all, undefined, true, isEnd);
      expect(written.map(untimed)).toEqual(single.map(untimed));
      expect(runs.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(200);
    },
    120_000,
  );
});

/** The moment of a snapshot is another for each. */
function untimed({ value, ...rest }: Written): Written {
  return { ...rest, value: value?.replace(/"ts_[mun]s":\d+/g, '"ts":0') ?? null };
}

function isLastChange(value: string | null): boolean {
  return value?.includes('"after":{"id":9999,') === true && value.includes('"op":"u"');
}

async function placeOf(db: TestDatabase): Promise<Readonly<Record<string, string | number>>> {
  const [row] = await db.sql(
    db.flavour === 'mysql' ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS',
  );
  return { file: String(row?.['File']), pos: Number(row?.['Position']) };
}

async function readAll(
  flavour: TestDatabase['flavour'],
  config: Config,
  offset: Readonly<Record<string, string | number>> | undefined,
  takesRuns: boolean,
  isEnd: (written: readonly Written[]) => boolean,
): Promise<{
  readonly written: readonly Written[];
  readonly runs: readonly number[];
  readonly offset: Readonly<Record<string, unknown>>;
}> {
  const store = new Store();
  store.offset = offset;
  const clock = { ...systemClock, nowMs: () => 1_700_000_000_123 };
  await using runner = await new Runner(flavour, config, { store, takesRuns, clock }).start();
  const written: Written[] = [];
  const runs: number[] = [];
  for (const deadline = performance.now() + 60_000; !isEnd(written);) {
    if (performance.now() > deadline)
      throw new Error(`no end in ${written.length} records: ${runner.log.join('\n')}`);
    // What a run renders is lent until the next poll, so it is looked at here.
    const records = await runner.poll();
    for (const record of records) {
      if (record.run !== undefined) runs.push(record.run.count);
      written.push(...writtenOf(record));
    }
    await runner.deliver(records);
  }
  return { written, runs, offset: store.offset ?? {} };
}

function writtenOf(record: SourceRecord): readonly Written[] {
  const { run } = record;
  if (run === undefined) return [alone(record)];
  const written: Written[] = [];
  while (written.length < run.count) {
    const { at, bytes, count, hasKeys, valueEnd } = run.render(written.length);
    for (let index = 0; index < count; index++) {
      const part = (slot: number): Buffer =>
        Buffer.from(bytes.subarray(at[index * 4 + slot], at[index * 4 + slot + 1]));
      const one = {
        topic: record.topic,
        key: hasKeys ? part(0).toString() : null,
        value: Buffer.concat([part(2), valueEnd]).toString(),
        headers: record.headers.map(({ key }) => key),
      };
      expect(alone(run.record(written.length))).toEqual(one);
      written.push(one);
    }
  }
  return written;
}

/** A record of its own; one that can't be represented tells why. */
function alone(record: SourceRecord): Written {
  const { topic } = record;
  const headers = record.headers.map(({ key }) => key);
  try {
    const { json } = record;
    return json === undefined
      ? { topic, key: JSON.stringify(record.key), value: JSON.stringify(record.value), headers }
      : { topic, key: text(json.key), value: text(json.value), headers };
  } catch (error) {
    return { topic, key: null, value: String(error), headers };
  }
}
