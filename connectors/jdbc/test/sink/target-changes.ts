import { expect } from '@jest/globals';
import type { SinkConnector, SinkTask } from '@millrace/connector-api';
import type { SinkRecord } from '@millrace/record';
import { confluentJdbcSink, debeziumJdbcSink } from '../../src/index.ts';
import { sinkContext, sinkRecord } from './sink-context.ts';

/** A database that promises are shown on, whichever its kind. */
export interface TargetWorld {
  readonly url: () => string;
  readonly user: string;
  readonly password: string;
  readonly query: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Ends the server, and starts it again on its data. */
  readonly halt: () => Promise<void>;
  readonly resume: () => Promise<void>;
  /** Columns of a table with a column `mood` of the value `sad` alone, and what adds `glad` to it. */
  readonly enumeration: {
    readonly prepare: string;
    readonly columns: string;
    readonly widen: string;
  };
}

const never = new AbortController().signal;

const FLAVOURS: readonly (readonly [
  connector: SinkConnector,
  prefix: string,
  more: Readonly<Record<string, string>>,
])[] = [
  [debeziumJdbcSink, 'primary.key', { 'schema.evolution': 'basic' }],
  [debeziumJdbcSink, 'pk', { 'schema.evolution': 'basic' }],
  [confluentJdbcSink, 'pk', { 'auto.create': 'true', 'auto.evolve': 'true' }],
  [confluentJdbcSink, 'primary.key', { 'auto.create': 'true', 'auto.evolve': 'true' }],
];

const STRUCT = { id: 1, part: 'x' };
/** Mode, its fields, the key of the records, and the columns of the primary key. */
const MODES: readonly (readonly [string, string, unknown, readonly string[]])[] = [
  ['none', '', STRUCT, []],
  ['kafka', '', null, ['__connect_topic', '__connect_partition', '__connect_offset']],
  ['kafka', 't,p,o', null, ['t', 'p', 'o']],
  ['record_key', '', STRUCT, ['id', 'part']],
  ['record_key', 'id', STRUCT, ['id']],
  ['record_key', 'id', 1, ['id']],
  ['record_value', 'id,part', null, ['id', 'part']],
  ['record_header', 'h', null, ['h']],
];

export interface TargetPromise {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** What holds for every kind of target. */
export function targetPromises(world: () => TargetWorld): readonly TargetPromise[] {
  async function withTask(
    connector: SinkConnector,
    config: Readonly<Record<string, string>>,
    use: (task: SinkTask) => Promise<void>,
  ): Promise<void> {
    const task = connector.createTask();
    const { url, user, password } = world();
    try {
      await task.start(
        sinkContext({
          'connection.url': url(),
          'connection.user': user,
          'connection.password': password,
          'table.name.format': 'changing',
          ...config,
        }),
        never,
      );
      await use(task);
    } finally {
      await task.stop();
    }
  }
  const keyed = {
    'insert.mode': 'upsert',
    'pk.mode': 'record_key',
    'flush.retry.delay.ms': '50',
    'flush.max.retries': '100000',
  };
  const row = (id: number, fields: Readonly<Record<string, unknown>>): SinkRecord =>
    sinkRecord({ topic: 'changing', offset: id, key: { id }, value: { id, ...fields } });
  const drop = (): Promise<unknown> => world().query('DROP TABLE IF EXISTS changing');

  const keyPromises = MODES.map(([mode, fields, key, columns]) => ({
    name: `keys by ${mode} of "${fields}" and the record key ${JSON.stringify(key)}`,
    run: async (): Promise<void> => {
      const record = (name: string): SinkRecord =>
        sinkRecord({
          topic: 'changing',
          key,
          value: { id: 1, part: 'x', name },
          headers: [{ key: 'h', schema: null, value: 7 }],
        });
      for (const [connector, prefix, more] of FLAVOURS) {
        await drop();
        const config = {
          ...more,
          'insert.mode': mode === 'none' ? 'insert' : 'upsert',
          [`${prefix}.mode`]: mode,
          ...(fields === '' ? {} : { [`${prefix}.fields`]: fields }),
        };
        await withTask(connector, config, async (task) => {
          expect(await task.put([record('first')], never)).toEqual([]);
          expect(await task.put([record('second')], never)).toEqual([]);
        });
        const found = await world().query(
          `SELECT k.column_name AS name FROM information_schema.key_column_usage k
          WHERE k.table_name = 'changing' ORDER BY k.ordinal_position`,
        );
        expect(found.map(({ name }) => name)).toEqual(columns);
        const names = await world().query('SELECT name FROM changing ORDER BY name');
        expect(names.map(({ name }) => name)).toEqual(
          mode === 'none' ? ['first', 'second'] : ['second'],
        );
      }
    },
  }));

  return [
    ...keyPromises,
    {
      name: 'a value that a column has only learnt meanwhile is taken, without a restart',
      run: async () => {
        const { prepare, columns, widen } = world().enumeration;
        await drop();
        await world().query(prepare);
        await world().query(
          `CREATE TABLE changing (id int PRIMARY KEY, price decimal(10,2), ${columns})`,
        );
        await withTask(debeziumJdbcSink, keyed, async (task) => {
          expect(await task.put([row(1, { price: '1.25', mood: 'sad' })], never)).toEqual([]);
          const news = [
            row(2, { price: '1.25', mood: 'glad' }),
            row(3, { price: '1.255', mood: 'sad' }),
            row(4, { price: '1.25', mood: 'sad' }),
          ];
          const failures = await task.put(news, never);
          expect(failures.map(({ index }) => index)).toEqual([0, 1]);
          await world().query(widen);
          expect(await task.put(news, never)).toEqual([]);
        });
        const found = await world().query('SELECT id, price, mood FROM changing ORDER BY id');
        expect(found.map(({ id, price, mood }) => [id, Number(price), mood])).toEqual([
          [1, 1.25, 'sad'],
          [2, 1.25, 'glad'],
          [3, 1.255, 'sad'],
          [4, 1.25, 'sad'],
        ]);
      },
    },

    {
      name: 'a row that somebody else has put into the target is refused by inserts and overwritten by upserts',
      run: async () => {
        await drop();
        await world().query('CREATE TABLE changing (id int PRIMARY KEY, name varchar(20))');
        await world().query("INSERT INTO changing VALUES (5, 'theirs')");
        const batch = Array.from({ length: 400 }, (_, id) => row(id, { name: 'ours' }));
        const inserting = { ...keyed, 'insert.mode': 'insert' };
        await withTask(debeziumJdbcSink, inserting, async (task) => {
          const failures = await task.put(batch, never);
          expect(failures.map(({ index, error }) => [index, error.code])).toEqual([
            [5, 'jdbc.constraint_violated'],
          ]);
        });
        const theirs = "SELECT id FROM changing WHERE name = 'theirs'";
        expect(await world().query(theirs)).toEqual([{ id: 5 }]);
        await withTask(debeziumJdbcSink, keyed, async (task) => {
          expect(await task.put(batch, never)).toEqual([]);
        });
        expect(await world().query(theirs)).toEqual([]);
        expect(await world().query("SELECT id FROM changing WHERE name = 'ours'")).toHaveLength(
          400,
        );
      },
    },

    {
      name: 'a target that is down holds a batch back, and gets it once it is up',
      run: async () => {
        await drop();
        await world().query('CREATE TABLE changing (id int PRIMARY KEY, name varchar(20))');
        await withTask(debeziumJdbcSink, keyed, async (task) => {
          const batch = Array.from({ length: 400 }, (_, id) => row(id, { name: 'late' }));
          await world().halt();
          const putting = task.put(batch, never);
          // Until it has tried for a while, each time with a new connection.
          while ((task.metrics?.()['batches_retried'] ?? 0) < 20)
            await new Promise((resolve) => setTimeout(resolve, 20));
          await world().resume();
          expect(await putting).toEqual([]);
        });
        expect(await world().query("SELECT id FROM changing WHERE name = 'late'")).toHaveLength(
          400,
        );
      },
    },
  ];
}
