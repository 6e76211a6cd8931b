import type { Settings } from '../peers.ts';
import type { Stage, World } from '../world.ts';

const SIDES = ['debezium', 'ours'] as const;

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** The same signal for each side, in its own table. */
function signal(id: string, type: string, data: string): readonly string[] {
  return SIDES.map((side) => `insert into sig_${side} values ('${id}', '${type}', '${data}')`);
}

/** `WORLD` is what the schema is called. */
function execute(id: string, table: string, more = ''): readonly string[] {
  return signal(id, 'execute-snapshot', `{"data-collections": ["WORLD.${table}"]${more}}`);
}

/** No last chunk is a full one: what follows it would not be told from what the next signal does. */
const STAGES: readonly Stage[] = [
  { sql: execute('one', 'rows'), until: { table: 'rows', count: 7 } },
  {
    sql: execute(
      'two',
      'rows',
      `, "additional-conditions": [{"data-collection": "WORLD.rows", "filter": "id > 4"}]`,
    ),
    until: { table: 'rows', count: 10 },
  },
  {
    sql: [
      `insert into rows values (8, 'h')`,
      ...execute('three', 'pairs', ', "type": "incremental"'),
    ],
    until: { table: 'pairs', count: 5 },
  },
  {
    sql: execute('four', 'rows', ', "type": "blocking"'),
    until: { table: 'rows', count: 19 },
  },
  {
    sql: [...signal('five', 'log', '{"message": "at {}"}'), `update rows set v = 'i' where id = 8`],
  },
];

/** Snapshots asked for by signals. Each side has a signal table of its own, since it writes into it. */
function signalsWorld(name: string, stages: readonly Stage[], config: Settings): World {
  const world = `${name}_world`;
  return {
    name: world,
    setup: [
      ...SIDES.map(
        (side) =>
          `create table sig_${side} (id varchar(64) primary key, type varchar(32) not null, data varchar(2048))`,
      ),
      `create table rows (id int primary key, v text); insert into rows select g, 'a' from generate_series(1, 7) g`,
      `create table pairs (a int, b text, v int, primary key (a, b)); insert into pairs select g / 2, g::text, g from generate_series(1, 5) g`,
      `create table plain (n int, v text); insert into plain select g, 'p' from generate_series(1, 3) g`,
    ],
    stages: stages.map(({ sql, ...stage }) => ({
      ...stage,
      sql: sql.map((statement) => statement.replaceAll('WORLD', world)),
    })),
    variants: [
      {
        name,
        tables: ['rows', 'pairs', 'plain'],
        config: {
          'snapshot.mode': 'no_data',
          'incremental.snapshot.chunk.size': '2',
          'signal.poll.interval.ms': '200',
          ...config,
        },
        hasSnapshot: false,
        own: {
          debezium: { 'signal.data.collection': 'WORLD.sig_debezium' },
          ours: { 'signal.data.collection': 'WORLD.sig_ours' },
        },
        replacements: [
          [/sig_(debezium|ours)/g, 'sig'],
          [UUID, 'UUID'],
        ],
        allowance: { hasOwnTransactions: true, isIgnored: /\.(sig|transaction)$/ },
      },
    ],
  };
}

export const SIGNALS_WORLDS: readonly World[] = [
  signalsWorld('signals', STAGES, {
    'notification.enabled.channels': 'sink',
    'notification.sink.topic.name': 'notes.signals',
  }),
  signalsWorld('signals_deleted', STAGES, {
    'incremental.snapshot.watermarking.strategy': 'insert_delete',
    'provide.transaction.metadata': 'true',
  }),
  signalsWorld(
    'signals_surrogate',
    [
      {
        sql: execute('one', 'plain', ', "surrogate-key": "n"'),
        until: { table: 'plain', count: 2 },
      },
      { sql: execute('two', 'rows'), until: { table: 'rows', count: 7 } },
    ],
    {},
  ),
];
