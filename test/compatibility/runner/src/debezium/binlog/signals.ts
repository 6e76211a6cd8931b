import { membersOf, payloadOf, type Event } from '../event.ts';
import type { World } from '../world.ts';
import { scrub } from './scrub.ts';

const SIDES = ['debezium', 'ours'] as const;

function signal(id: string, type: string, data: string): readonly string[] {
  return SIDES.map((side) => `insert into sig_${side} values ('${id}', '${type}', '${data}')`);
}

function execute(id: string, table: string, more = ''): readonly string[] {
  return signal(id, 'execute-snapshot', `{"data-collections": ["signals_db.${table}"]${more}}`);
}

/** Snapshots asked for by signals. Each side has a signal table of its own, since it may write into it. */
export function signalsWorld(): World {
  return {
    name: 'signals_db',
    setup: [
      ...SIDES.map(
        (side) =>
          `create table sig_${side} (id varchar(64) primary key, type varchar(32) not null, data varchar(2048))`,
      ),
      'create table rws (id int primary key, v text)',
      "insert into rws values (1, 'a'), (2, 'a'), (3, 'a'), (4, 'a'), (5, 'a'), (6, 'a'), (7, 'a')",
      'create table pairs (a int, b varchar(9), v int, primary key (a, b))',
      "insert into pairs values (1, 'x', 1), (1, 'y', 2), (2, 'x', 3), (3, 'x', 4), (3, 'z', 5)",
    ],
    stages: [
      { sql: execute('one', 'rws'), until: { table: 'rws', count: 7 } },
      {
        sql: execute(
          'two',
          'rws',
          ', "additional-conditions": [{"data-collection": "signals_db.rws", "filter": "id > 5"}]',
        ),
        until: { table: 'rws', count: 9 },
      },
      {
        sql: [
          "insert into rws values (8, 'h')",
          ...execute('three', 'pairs', ', "type": "incremental"'),
        ],
        until: { table: 'pairs', count: 5 },
      },
      { sql: execute('four', 'rws', ', "type": "blocking"'), until: { table: 'rws', count: 18 } },
      { sql: ["update rws set v = 'i' where id = 8"] },
    ],
    variants: [
      {
        name: 'signals',
        tables: ['rws', 'pairs'],
        hasSnapshot: false,
        config: {
          'snapshot.mode': 'no_data',
          'incremental.snapshot.chunk.size': '2',
          'signal.poll.interval.ms': '200',
          'include.schema.changes': 'false',
        },
        own: {
          debezium: { 'signal.data.collection': 'signals_db.sig_debezium' },
          ours: { 'signal.data.collection': 'signals_db.sig_ours' },
        },
        allowance: { scrub: scrubPlace, isIgnored: /sig_|^history/ },
      },
    ],
  };
}

const OWN_PLACE = {
  file: 'OWN',
  pos: 'OWN',
  gtid: 'OWN',
  server_id: 'OWN',
  thread: 'OWN',
  row: 'OWN',
};

/** Each side reads rows at places of its own, between marks that it wrote. */
function scrubPlace(given: Event): Event {
  const event = scrub(given);
  const payload = membersOf(payloadOf(event.value));
  if (payload['op'] !== 'r') return event;
  const source = { ...membersOf(payload['source']), ...OWN_PLACE };
  return { ...event, value: { ...membersOf(event.value), payload: { ...payload, source } } };
}
