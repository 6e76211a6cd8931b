import type { World } from '../world.ts';
import type { Flavour } from './columns.ts';
import { scrub } from './scrub.ts';

const NK = "insert into nk values (1, 'a')";

/** Changes of every shape, with the keys that choose, hide, cut and mark. */
export function shapesWorld(flavour: Flavour): World {
  return {
    name: 'shapes_db',
    setup: [
      'set names utf8mb4',
      'create table t (id int primary key, a varchar(20) not null, b varchar(20), c int, d decimal(5,2), e blob, k2 int not null default 3)',
      "insert into t values (1, 'hello world', 'abc', 1, 1.5, 'xyz', 1), (2, 'ünï', '', 2, null, null, 2)",
      'create table nk (a int, b varchar(5))',
      "create table cm (id int primary key comment 'the id', v int not null default 3 comment 'value', w varchar(4) comment '') comment 'a table'",
      "insert into cm values (1, 1, 'x')",
    ],
    stages: [
      {
        sql: [
          "insert into t values (3, 'c', 'd', 3, 1, 'q', 3)",
          "update t set a = 'zz' where id = 1",
          'update t set id = 10 where id = 2',
          'update t set k2 = 9 where id = 10',
          'begin',
          "insert into t values (4, 'x', 'y', 4, 4, '4', 4)",
          NK,
          'update t set c = c + 1',
          'commit',
          'begin',
          "insert into t values (5, 'x', 'y', 4, 4, '4', 4)",
          'rollback',
          'delete from t where id = 3',
          "insert into nk values (2, 'b'), (3, 'c')",
          'delete from nk',
          'insert into cm (id) values (2)',
        ],
      },
      { sql: ['truncate table nk'] },
      { sql: [NK, 'create table late (id int primary key)', 'insert into late values (1)'] },
    ],
    variants: [
      {
        name: 'transactions',
        tables: ['.*'],
        config: {
          'provide.transaction.metadata': 'true',
          'include.query': 'true',
          'tombstones.on.delete': 'false',
          ...(flavour === 'mysql' ? { 'skipped.operations': 'none' } : {}),
        },
        // With MariaDB Debezium begins a transaction for each statement, and never ends it.
        allowance: flavour === 'mysql' ? { scrub } : { scrub, isIgnored: /\.transaction$/ },
      },
      {
        name: 'masks',
        tables: ['t', 'nk'],
        config: {
          'column.mask.with.5.chars': 'shapes_db\\.t\\.a',
          'column.truncate.to.2.chars': 'shapes_db\\.t\\.b',
          'column.mask.hash.SHA-256.with.salt.CzQMA0cB5K': 'shapes_db\\.nk\\.b',
          'column.exclude.list': 'shapes_db\\.t\\.c,shapes_db\\.t\\.e',
          'message.key.columns': 'shapes_db\\.t:k2,a;shapes_db\\.nk:b',
          'skipped.operations': 'none',
        },
        allowance: { scrub },
      },
      {
        name: 'columns',
        tables: ['t', 'nk'],
        config: {
          'column.mask.hash.v2.SHA-512.with.salt.abc': 'shapes_db\\.t\\.(a|b)',
          'column.mask.with.0.chars': 'shapes_db\\.nk\\.b',
          'column.include.list':
            'shapes_db\\.t\\.(id|a|b),shapes_db\\.nk\\..*,shapes_db\\.zz_mark\\..*',
          'skip.messages.without.change': 'true',
        },
        allowance: { scrub },
      },
      {
        name: 'delimited',
        tables: ['.*'],
        config: {
          'skipped.operations': 'u,t',
          'extended.headers.enabled': 'false',
          'include.schema.changes': 'false',
          'topic.delimiter': '-',
          'heartbeat.interval.ms': '300',
        },
        allowance: { scrub, isOfAnyLength: /heartbeat/ },
      },
      {
        name: 'comments',
        tables: ['cm'],
        config: { 'include.schema.comments': 'true' },
        allowance: { scrub },
      },
      {
        name: 'nodata',
        tables: ['.*'],
        hasSnapshot: false,
        config: { 'snapshot.mode': 'no_data' },
        allowance: { scrub },
      },
      {
        name: 'overrides',
        tables: ['t', 'nk'],
        config: {
          'snapshot.select.statement.overrides': 'shapes_db.t',
          'snapshot.select.statement.overrides.shapes_db.t':
            'select * from shapes_db.t where id = 2',
          'snapshot.fetch.size': '1',
        },
        allowance: { scrub },
      },
      {
        name: 'once',
        tables: ['t'],
        streams: false,
        config: { 'snapshot.mode': 'initial_only' },
        allowance: { scrub },
      },
    ],
  };
}
